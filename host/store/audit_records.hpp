// What people and tools did to the configuration and to deliveries, as the audit log keeps it. Never a value
// of theirs, so never a secret: which members were changed, not to what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"

namespace tocsin::store {

struct AuditRecord {
  std::int64_t number = 0;  // given by the store, ascending
  std::int64_t at_ms = 0;
  TeamId team = 0;  // 0: no team's
  std::string actor;
  std::string role;
  std::string origin;   // "127.0.0.1:51234", "unix socket, uid 1000"
  std::string act;      // "channel.change"
  std::string object;   // "siem"; empty: none
  std::string detail;   // "events, settings/url"; empty: nothing more to say
  std::string request;  // "req_…"
};

struct AuditFilter {
  std::optional<TeamId> team;  // none: everything
  std::int64_t before = 0;     // numbers below this; 0: from the newest
  std::size_t limit = 50;
};

struct AuditPage {
  std::vector<AuditRecord> records;  // newest first
  std::int64_t next = 0;             // 0: the end
};

}  // namespace tocsin::store
