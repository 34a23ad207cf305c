// A channel type as the host knows it after a plugin's descriptor passed every check: copied values, no
// pointer into the library but its function table. What a team's settings must look like is decided here,
// before any plugin code runs.
#pragma once

#include <tocsin/plugin.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/error.hpp"
#include "security/address_policy.hpp"
#include "security/secret.hpp"

namespace tocsin::plugin {

class SettingsSchema;

struct ChannelType {
  std::string type;  // "webhook"
  std::string name;  // "Webhook"
  std::string summary;
  std::string version;
  std::string schema_json;
  std::shared_ptr<const SettingsSchema> schema;
  std::vector<std::string> required_extensions;
  std::vector<std::string> used_extensions;
  std::vector<std::string> egress;  // "settings:/url", "settings:/server,/port", "api.example.com:443"
  std::uint32_t threading = TOCSIN_SERIAL;
  std::uint32_t flags = 0;
  std::uint32_t retries = TOCSIN_RETRIES_STANDARD;
  std::uint32_t rate_per_minute = 0;
  std::uint32_t burst = 1;
  bool verifies = false;  // the connection can be tested without sending a message
  const tocsin_channel_api* api = nullptr;
  std::string file_sha256;  // of the file it came from; another one is another plugin
};

// Settings that passed: defaults applied, writeOnly scalars moved out, URLs checked against the egress rules.
struct PreparedSettings {
  std::string json;                                               // without the secrets
  std::vector<std::pair<std::string, security::Secret>> secrets;  // by JSON pointer
  std::vector<std::string> egress;                                // "host:port" this instance may reach
  security::AddressPolicy policy;                                 // they were checked against
  bool mail_without_tls = false;                                  // the operator's grant
};

// `settings` is a JSON object; `secrets` are values that came from a file or the environment, by JSON
// pointer, and are checked as if they stood in it. kInvalid with a pointer per fault; a secret's value is
// never in the text.
[[nodiscard]] Result<PreparedSettings> prepare_settings(
    const ChannelType& type, const std::string& settings,
    const std::vector<std::pair<std::string, security::Secret>>& secrets,
    const security::AddressPolicy& policy);

}  // namespace tocsin::plugin
