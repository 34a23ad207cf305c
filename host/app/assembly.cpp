// See assembly.hpp.
#include "app/assembly.hpp"

#include <algorithm>

#include "config/team_objects.hpp"
#include "model/catalogue.hpp"
#include "security/signature.hpp"

namespace tocsin::app {
namespace {

constexpr const char* kInAppName = "in-app";
constexpr std::string_view kLoginEventType = "user.login";  // too many to be news to everybody

std::string place(const config::ChannelConfig& channel) {
  const config::Position& position = channel.position;
  return position.line == 0 ? position.file : position.file + ":" + std::to_string(position.line);
}

std::string unknown_type(const std::string& type, const plugin::PluginSet& plugins) {
  std::vector<std::string> known;
  for (const auto& each : plugins.types()) known.push_back(each->type);
  std::string text = "no listed plugin provides channel type \"" + type + "\"";
  if (const auto near = nearest_names(type, known, 1); !near.empty())
    return text + "; did you mean \"" + near[0] + "\"?";
  text += known.empty() ? "; list a plugin with [[plugin]] path = …" : "; there is";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? " \"" : ", \"") + known[i] + "\"";
  return text;
}

// Why a type is missing although it may be right: a plugin that should provide it could not be loaded. Empty:
// none failed.
std::string load_failure(const plugin::PluginSet& plugins) {
  std::string text;
  for (const auto& state : plugins.states()) {
    if (!state.loaded) text += (text.empty() ? "" : "; ") + state.path + ": " + state.problem;
  }
  return text;
}

std::string fingerprint(const plugin::ChannelType& type, const config::ChannelConfig& channel,
                        bool mail_without_tls) {
  std::string text = type.type + '\n' + type.file_sha256 + '\n' + channel.settings;
  for (const auto& [pointer, secret] : channel.secrets) {
    text += '\n' + pointer + '=';
    text += secret.reveal();
  }
  if (mail_without_tls) text += "\nmail without TLS";  // create() may judge by it
  const auto hash = security::sha256(text);
  ::explicit_bzero(text.data(), text.size());
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

delivery::RetrySchedule schedule(const config::DeliveryOptions& options, const plugin::ChannelType* type) {
  if (!options.retry_ms.empty()) return {options.retry_ms};
  if (type != nullptr && type->retries == TOCSIN_RETRIES_CHAT) return delivery::RetrySchedule::chat();
  if (type != nullptr && type->retries == TOCSIN_RETRIES_MAIL) return delivery::RetrySchedule::mail();
  return delivery::RetrySchedule::standard();
}

constexpr std::uint32_t kCollapse = 20;

// What the file asks for and the type cannot do is a fault.
void plan_digests(const config::DeliveryOptions& options, const plugin::ChannelType& type, ChannelPlan& plan,
                  const std::string& where) {
  if ((type.flags & TOCSIN_TAKES_DIGESTS) != 0) {
    plan.takes_digests = true;
    if (type.rate_per_minute > 0) plan.collapse = options.collapse.value_or(kCollapse);
    return;
  }
  const std::string cannot = "channel type \"" + type.type + "\" sends every event by itself: remove ";
  if (options.digest) plan.faults.push_back({where + ", digest", cannot + "digest"});
  if (options.collapse.value_or(0) > 0) plan.faults.push_back({where + ", collapse", cannot + "collapse"});
}

}  // namespace

Result<void> add_in_app_channels(config::Config& config, const plugin::PluginSet& plugins) {
  if (plugins.find_type(std::string(routing::kInAppType)) == nullptr) return {};
  std::vector<std::string> events;
  for (const auto& type : config.catalogue->types()) {
    if (type.name != kTestEventType && type.name != kLoginEventType) events.push_back(type.name);
  }
  for (auto& team : config.teams) {
    const auto& channels = team.definition().channels;
    const bool has_own = std::any_of(channels.begin(), channels.end(), [](const auto& channel) {
      return channel.type == routing::kInAppType || channel.name == kInAppName;
    });
    if (!team.in_app || has_own) continue;
    auto definition = team.definition();
    definition.channels.push_back({kInAppName, std::string(routing::kInAppType), events, false});
    auto rules = routing::RuleSet::compile(std::move(definition), config.catalogue);
    if (!rules) return rules.error();
    team.rules = std::make_shared<const routing::RuleSet>(std::move(*rules));
    auto& channel = team.channels.emplace_back();
    channel.settings = "{}";
    channel.position.file = config.file;
  }
  return {};
}

Error refusal_of(std::vector<FieldError> faults) {
  Error error = make_error(Errc::kInvalid, faults.front().pointer + ": " + faults.front().message);
  error.fields = std::move(faults);
  return error;
}

FieldError place_refusal(const ChannelPlan& plan, const Error& refusal) {
  if (refusal.fields.empty()) return {plan.where, refusal.detail};
  const FieldError& field = refusal.fields.front();
  return {plan.where + ", settings" + field.pointer, field.message};
}

Result<Assembly> assemble(const config::Config& config, const plugin::PluginSet& plugins) {
  Assembly assembly;
  std::vector<FieldError> faults;
  const security::AddressPolicy policy(config.egress.allow);
  const std::string failure = load_failure(plugins);
  for (const auto& team : config.teams) {
    for (std::size_t i = 0; i < team.channels.size(); ++i) {
      const auto& definition = team.definition().channels[i];
      const auto& channel = team.channels[i];
      const std::string where =
          place(channel) + ": team \"" + team.definition().name + "\", channel \"" + definition.name + "\"";
      ChannelPlan plan;
      plan.where = where;
      plan.team = team.definition().name;
      plan.name = definition.name;
      plan.type_name = definition.type;
      plan.type = plugins.find_type(definition.type);
      plan.retries = schedule(channel.options, plan.type.get());
      plan.window = channel.options.window != 0 ? channel.options.window : config.limits.window;
      plan.paused = channel.options.paused;
      plan.is_from_file = channel.position.file != config::kApiFile;
      if (!channel.unusable.empty()) {
        plan.type = nullptr;
        plan.unavailable = channel.unusable;
      } else if (plan.type == nullptr) {
        plan.unavailable = unknown_type(definition.type, plugins);
        if (failure.empty()) faults.push_back({where, plan.unavailable});
        plan.unavailable = "no loaded plugin provides \"" + definition.type + "\": " + failure;
      } else {
        auto settings = plugin::prepare_settings(*plan.type, channel.settings, channel.secrets, policy);
        if (!settings) {
          if (settings.error().fields.empty()) plan.faults.push_back({where, settings.error().detail});
          for (const auto& field : settings.error().fields) {
            plan.faults.push_back({where + ", settings" + field.pointer, field.message});
          }
        }
        plan_digests(channel.options, *plan.type, plan, where);
        if (settings) {
          plan.settings = std::move(*settings);
          plan.settings.mail_without_tls = config.egress.smtp_without_tls;
        }
        plan.fingerprint = fingerprint(*plan.type, channel, config.egress.smtp_without_tls);
      }
      assembly.channels.push_back(std::move(plan));
    }
  }
  if (faults.empty()) return assembly;
  for (const auto& plan : assembly.channels) {
    faults.insert(faults.end(), plan.faults.begin(), plan.faults.end());
  }
  return refusal_of(std::move(faults));
}

}  // namespace tocsin::app
