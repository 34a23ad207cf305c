// From what a team saved to what a plugin may be made with, in one pass: put in the secrets that came from
// elsewhere, fill in defaults, check everything, take every secret out again, and list where it may connect.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "net/exchange.hpp"
#include "plugin/channel_type.hpp"
#include "plugin/egress_target.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/secret_settings.hpp"
#include "plugin/settings_rules.hpp"
#include "plugin/settings_schema.hpp"
#include "plugin/value_rules.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxSettingsBytes = 256 * 1024;
constexpr std::size_t kMaxFaults = 20;

Error settings_error(const ChannelType& type, std::vector<FieldError> faults) {
  faults.resize(std::min(faults.size(), kMaxFaults));
  Error error = make_error(Errc::kInvalid, "the settings of this " + type.type + " channel are not usable: " +
                                               faults.front().pointer + ' ' + faults.front().message);
  error.fields = std::move(faults);
  return error;
}

json::string_view json_view(std::string_view text) {
  return {text.data(), text.size()};
}

std::vector<FieldError> place_all(const ChannelType& type, json::value& settings, const Secrets& secrets) {
  std::vector<FieldError> faults;
  for (const auto& [pointer, secret] : secrets) {
    const auto* schema = find_subschema(type.schema->document(), pointer);
    if (schema == nullptr || !is_write_only(*schema)) {
      faults.push_back(
          {pointer, "is not a secret setting of this channel type; give its value in the settings"});
    } else if (!place_text(settings, pointer, secret.reveal())) {
      faults.push_back({pointer, "has no place in these settings; check the pointer"});
    }
  }
  return faults;
}

std::vector<FieldError> control_faults(const Secrets& secrets) {
  std::vector<FieldError> faults;
  for (const auto& [pointer, secret] : secrets) {
    const std::string_view text = secret.reveal();
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x20 || byte == 0x7F;
    });
    if (control) faults.push_back({pointer, "contains a line break or another control character; remove it"});
  }
  return faults;
}

// Adds the target of the URL at `pointer`, or what is wrong with it.
void add_url_target(std::string_view pointer, json::value& settings, const security::AddressPolicy& policy,
                    std::vector<std::string>& egress, std::vector<FieldError>& faults) {
  json::error_code error;
  const auto* value = settings.find_pointer(json_view(pointer), error);
  if (value == nullptr || !value->is_string()) return;
  const std::string_view url = value->get_string();
  if (auto checked = net::check_egress_url(url, policy); !checked) {
    faults.push_back({std::string(pointer), checked.error().detail});
  } else if (auto target = find_target(url)) {
    if (std::find(egress.begin(), egress.end(), *target) == egress.end())
      egress.push_back(std::move(*target));
  } else {
    faults.push_back(
        {std::string(pointer), "must be an absolute https URL, such as https://example.com/path"});
  }
}

// Adds the mail server whose name and port stand at the two pointers. Without a port it may be any that the
// host would choose.
void add_server_targets(std::string_view pointer, std::string_view port_pointer, const json::value& settings,
                        const security::AddressPolicy& policy, std::vector<std::string>& egress,
                        std::vector<FieldError>& faults) {
  json::error_code error;
  const auto* server = settings.find_pointer(json_view(pointer), error);
  if (server == nullptr || !server->is_string() || server->get_string().empty()) return;
  const auto* given = settings.find_pointer(json_view(port_pointer), error);
  const bool has_port = given != nullptr && given->is_int64() && given->get_int64() != 0;
  const std::int64_t port = has_port ? given->get_int64() : 0;
  const std::string_view name = server->get_string();
  if (port < 0 || port > 65535) {
    faults.push_back({std::string(port_pointer), "must be a port, 1 to 65535"});
  } else if (auto host = net::check_mail_server(name, 587, policy); !host) {
    faults.push_back({std::string(pointer), host.error().detail});
  } else if (!has_port) {
    for (const unsigned usual : {587U, 465U}) egress.push_back(server_target(name, usual));
  } else if (auto all = net::check_mail_server(name, static_cast<std::uint16_t>(port), policy); !all) {
    faults.push_back({std::string(port_pointer), all.error().detail});
  } else {
    egress.push_back(server_target(name, static_cast<unsigned>(port)));
  }
}

}  // namespace

Result<PreparedSettings> prepare_settings(const ChannelType& type, const std::string& settings,
                                          const Secrets& secrets, const security::AddressPolicy& policy) {
  if (settings.size() > kMaxSettingsBytes) {
    return settings_error(type, {{"", "are larger than 256 KiB; make them smaller"}});
  }
  json::error_code error;
  json::value document = json::parse(settings, error);
  if (error) return settings_error(type, {{"", "are no JSON: " + error.message()}});
  if (!document.is_object()) return settings_error(type, {{"", "must be a JSON object"}});

  std::vector<FieldError> faults = place_all(type, document, secrets);
  if (!faults.empty()) return settings_error(type, std::move(faults));
  const json::object& schema = type.schema->document();
  apply_defaults(schema, document);
  faults = type.schema->find_faults(document);
  if (faults.empty()) faults = find_refused_values(schema, document, policy);
  if (!faults.empty()) return settings_error(type, std::move(faults));

  PreparedSettings prepared;
  prepared.policy = policy;
  for (const std::string_view pattern : type.egress) {
    if (pattern.starts_with(kFromSettings)) {
      const auto [pointer, port] = settings_target(pattern);
      if (port.empty()) {
        add_url_target(pointer, document, policy, prepared.egress, faults);
      } else {
        add_server_targets(pointer, port, document, policy, prepared.egress, faults);
      }
    } else {
      prepared.egress.emplace_back(pattern);
    }
  }
  prepared.secrets = take_secrets(type, document);
  for (auto& fault : control_faults(prepared.secrets)) faults.push_back(std::move(fault));
  if (!faults.empty()) return settings_error(type, std::move(faults));
  prepared.json = json::serialize(document);
  return prepared;
}

}  // namespace tocsin::plugin
