// See fixed_settings.hpp.
#include "app/fixed_settings.hpp"

#include <utility>

#include "ops/log.hpp"

namespace tocsin::app {

void warn_of_fixed_settings(const config::Config& old, const config::Config& config) {
  const std::pair<const char*, bool> fixed[] = {
      {"server.data_dir", config.server.data_dir != old.server.data_dir},
      {"server.listen", config.server.listen != old.server.listen},
      {"server.socket", config.server.socket != old.server.socket},
      {"server.hosts", config.server.hosts != old.server.hosts},
      {"limits.batch_bytes", config.limits.batch_bytes != old.limits.batch_bytes},
      {"limits.connections", config.limits.connections != old.limits.connections},
      {"limits.streams", config.limits.streams != old.limits.streams},
      {"limits.queued_events", config.limits.queued_events != old.limits.queued_events},
      {"limits.hot_queue", config.limits.hot_queue != old.limits.hot_queue},
      {"store.retention", config.store.retention_ms != old.store.retention_ms},
      {"store.idempotency", config.store.idempotency_ms != old.store.idempotency_ms},
      {"store.audit_retention", config.store.audit_retention_ms != old.store.audit_retention_ms},
      {"store.low_space", config.store.low_space_bytes != old.store.low_space_bytes}};
  for (const auto& [key, changed] : fixed) {
    if (changed) ops::log_warn("app", "this setting changes only with a restart", {{"key", key}});
  }
}

}  // namespace tocsin::app
