// The operator's TOML file as checked values. Strict: an unknown key, a wrong type, a name that does not
// exist or a pattern that can never match is an error with file, line and a suggestion; nothing is
// half-applied. What only a plugin can judge (a channel's settings) is checked by the app with the plugin's
// schema.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/catalogue.hpp"
#include "routing/definition.hpp"
#include "routing/digest_window.hpp"
#include "routing/quiet_hours.hpp"
#include "routing/rule_set.hpp"
#include "security/address_policy.hpp"
#include "security/key_ring.hpp"
#include "security/principal.hpp"
#include "security/secret.hpp"

namespace tocsin::config {

// Where something stands in the file, for errors found later (a plugin's schema, a missing channel type).
struct Position {
  std::string file;
  std::uint32_t line = 0;
};

struct ServerConfig {
  std::string data_dir = "/var/lib/tocsin";
  std::vector<std::string> listen = {"127.0.0.1:8080"};  // loopback only, unless insecure_bind
  bool insecure_bind = false;
  std::string socket;              // Unix socket path; empty: none
  std::vector<std::string> hosts;  // further Host names that are answered
};

struct LimitsConfig {
  std::size_t event_bytes = 1 << 20;  // one event
  std::size_t batch_bytes = 8 << 20;  // a request body
  std::size_t batch_events = 1000;
  std::size_t connections = 1024;
  std::size_t streams = 10'000;        // open notification streams, beside the connections
  std::size_t queued_events = 20'000;  // accepted and not yet on disk
  std::uint32_t window = 8;            // deliveries in flight a channel
  std::uint32_t hot_queue = 4096;      // accepted deliveries kept in memory a channel
};

struct StoreConfig {
  std::int64_t retention_ms = 30LL * 24 * 3600 * 1000;
  std::int64_t idempotency_ms = 24LL * 3600 * 1000;
  std::int64_t audit_retention_ms = 365LL * 24 * 3600 * 1000;
  std::int64_t low_space_bytes = 512LL << 20;  // 0: nobody is told
};

struct EgressConfig {
  std::vector<security::Cidr> allow;
  std::string ca_file;  // PEM; empty: the system's
  std::size_t max_connections = 512;
  bool smtp_without_tls = false;
};

struct LogConfig {
  std::string level = "info";   // trace, debug, info, warn, error
  std::string format = "json";  // json, text
};

struct PluginConfig {
  std::string path;       // absolute, or relative to the config file (made absolute here)
  std::string sha256;     // 64 hex digits, or empty
  std::string isolation;  // "sandbox", "in-process"; empty: as the app decides
  std::string require;    // "full", or empty
  Position position;
};

// Per channel; what is absent comes from the channel type's defaults.
struct DeliveryOptions {
  std::vector<std::int64_t> retry_ms;  // waits before the 2nd, 3rd … try; empty: the type's schedule
  std::uint32_t window = 0;            // 0: limits.window
  bool paused = false;
  std::optional<routing::DigestWindow> digest;  // none: each event leaves when it comes
  std::string digest_json;                      // as it was written, as JSON: "\"15m\""; empty: none
  std::vector<routing::QuietHours> quiet;
  std::string quiet_json;                 // as they were written, as a JSON array; empty: none
  std::optional<std::uint32_t> collapse;  // none: 20, where the type can; 0: never
};

struct ChannelConfig {
  std::string settings;  // a JSON object; secret values are not in it …
  std::vector<std::pair<std::string, security::Secret>> secrets;  // … but here, by JSON pointer ("/secret")
  DeliveryOptions options;
  Position position;
  std::string unusable;  // set: it is configured and cannot deliver, for this reason
};

struct TeamConfig {
  bool in_app =
      true;  // has the channel "in-app" from the start, where a plugin provides it (the app adds it)
  std::vector<ChannelConfig> channels;            // the k-th belongs to definition().channels[k]
  std::shared_ptr<const routing::RuleSet> rules;  // never null
  // Kept once, in the rules: with 100,000 of them a copy would be felt.
  [[nodiscard]] const routing::TeamDefinition& definition() const { return rules->definition(); }
};

struct Config {
  std::string file;
  ServerConfig server;
  LimitsConfig limits;
  StoreConfig store;
  EgressConfig egress;
  std::shared_ptr<const security::KeyRing> keys = std::make_shared<const security::KeyRing>();  // never null
  LogConfig log;
  std::vector<PluginConfig> plugins;
  std::vector<security::TokenEntry> tokens;
  std::vector<security::Peer> peers;
  std::shared_ptr<const Catalogue> catalogue;
  std::vector<TeamConfig> teams;
};

// kInvalid: `detail` is the first problem as "file:line: key: reason; fix", `fields` has every problem found
// (at most 50), each with "file:line: key" as its pointer. kIo: the file cannot be read.
[[nodiscard]] Result<Config> load_config(const std::string& file);

// The catalogue that ships with the program (config/event_types.toml, built in).
[[nodiscard]] Result<std::vector<EventType>> built_in_event_types();

}  // namespace tocsin::config
