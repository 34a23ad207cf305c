// See object_views.hpp.
#include "app/object_views.hpp"

#include <boost/json.hpp>

#include "config/table_reader.hpp"
#include "model/clock.hpp"
#include "plugin/secret_settings.hpp"

namespace tocsin::app {
namespace {

namespace json = boost::json;

json::array write_texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

api::ObjectView make_view(const std::string& team, store::ObjectKind kind, const std::string& name,
                          const json::object& shown, std::string etag) {
  return {team, kind, name, json::serialize(shown), std::move(etag)};
}

// The settings of the file with a mask for each secret, whether it stands there or is read from elsewhere.
json::value masked(const config::ChannelConfig& channel, const plugin::ChannelType& type) {
  json::error_code error;
  json::value shown = json::parse(channel.settings, error);
  const auto mask = [&](const plugin::Secrets& secrets) {
    for (const auto& [pointer, value] : secrets) {
      static_cast<void>(plugin::place_text(shown, pointer, plugin::kSecretMask));
    }
  };
  mask(plugin::take_secrets(type, shown));
  mask(channel.secrets);
  return shown;
}

json::object write_matchers(const routing::RuleDefinition& rule) {
  json::object shown{{"name", rule.name}};
  if (rule.category) shown["category"] = to_string(*rule.category);
  if (!rule.severities.empty()) {
    json::array severities;
    for (const Severity severity : rule.severities) severities.emplace_back(to_string(severity));
    shown["severities"] = std::move(severities);
  }
  if (!rule.sources.empty()) shown["sources"] = write_texts(rule.sources);
  if (!rule.events.empty()) shown["events"] = write_texts(rule.events);
  if (!rule.labels.empty()) {
    json::object labels;
    for (const Label& label : rule.labels) labels[label.key] = label.value;
    shown["labels"] = std::move(labels);
  }
  return shown;
}

json::array write_channels(const routing::TeamDefinition& team, const routing::RuleDefinition& rule) {
  json::array channels;
  for (const auto channel : rule.channels) channels.emplace_back(team.channels[channel].name);
  return channels;
}

}  // namespace

api::ObjectView view_file_channel(const config::TeamConfig& team, std::size_t index,
                                  const plugin::ChannelType* type) {
  const auto& definition = team.definition().channels[index];
  const config::ChannelConfig& channel = team.channels[index];
  json::object shown{{"name", definition.name}, {"type", definition.type}};
  if (definition.is_default) shown["default"] = true;
  if (!definition.subscription.empty()) shown["events"] = write_texts(definition.subscription);
  if (!channel.options.retry_ms.empty()) {
    json::array waits;
    for (const auto wait : channel.options.retry_ms) waits.emplace_back(config::format_duration(wait));
    shown["retry"] = std::move(waits);
  }
  if (channel.options.window != 0) shown["window"] = channel.options.window;
  if (channel.options.paused) shown["paused"] = true;
  if (!channel.options.digest_json.empty()) shown["digest"] = json::parse(channel.options.digest_json);
  if (!channel.options.quiet_json.empty()) shown["quiet"] = json::parse(channel.options.quiet_json);
  if (channel.options.collapse) shown["collapse"] = *channel.options.collapse;
  if (type != nullptr) shown["settings"] = masked(channel, *type);
  shown["provisioned"] = true;
  return make_view(team.definition().name, store::ObjectKind::kChannel, definition.name, shown, "");
}

api::ObjectView view_file_rule(const config::TeamConfig& team, std::size_t index) {
  const auto& definition = team.definition();
  const auto& rule = definition.rules[index];
  json::object shown = write_matchers(rule);
  shown["channels"] = write_channels(definition, rule);
  if (rule.stop) shown["stop"] = true;
  shown["provisioned"] = true;
  return make_view(definition.name, store::ObjectKind::kRule, rule.name, shown, "");
}

api::ObjectView view_file_silence(const config::TeamConfig& team, std::size_t index) {
  const auto& definition = team.definition();
  const auto& silence = definition.silences[index];
  json::object shown = write_matchers(silence.what);
  if (!silence.what.channels.empty()) shown["channels"] = write_channels(definition, silence.what);
  if (silence.from_ms != 0) shown["from"] = format_rfc3339(silence.from_ms);
  shown["until"] = format_rfc3339(silence.until_ms);
  if (!silence.author.empty()) shown["author"] = silence.author;
  if (!silence.reason.empty()) shown["reason"] = silence.reason;
  shown["provisioned"] = true;
  return make_view(definition.name, store::ObjectKind::kSilence, silence.what.name, shown, "");
}

api::ObjectView view_given_alerts(const config::TeamConfig& team, const Catalogue& catalogue) {
  const auto& definition = team.definition();
  json::array alerts;
  const auto add = [&](const std::string& event, Severity from) {
    json::object alert{{"event", event}};
    if (from != Severity::kInfo) alert["from"] = to_string(from);
    alerts.push_back(std::move(alert));
  };
  if (definition.default_alerts) {
    for (const auto& alert : *definition.default_alerts) add(alert.event, alert.from);
  } else {
    for (const auto& type : catalogue.types()) {
      if (type.default_alert) add(type.name, type.default_alert_from);
    }
  }
  const bool in_file = definition.default_alerts.has_value();
  const json::object shown{
      {"origin", in_file ? "file" : "catalogue"}, {"alerts", std::move(alerts)}, {"provisioned", in_file}};
  return make_view(definition.name, store::ObjectKind::kDefaultAlerts, std::string(api::kDefaultAlertsName),
                   shown, "");
}

api::ObjectView view_object(const std::string& team, const store::ObjectRecord& object,
                            const std::string& problem) {
  json::object shown;
  if (object.kind == store::ObjectKind::kDefaultAlerts) {
    shown["origin"] = "team";
  } else {
    shown["name"] = object.name;
  }
  json::error_code error;
  const json::value body = json::parse(object.body, error);
  if (!error && body.is_object()) {
    for (const auto& member : body.get_object()) shown[member.key()] = member.value();
  }
  if (auto* settings = shown.if_contains("settings")) {
    for (const auto& secret : object.secrets) {
      static_cast<void>(plugin::place_text(*settings, secret.pointer, plugin::kSecretMask));
    }
  }
  shown["provisioned"] = false;
  if (!problem.empty()) shown["problem"] = problem;
  return make_view(team, object.kind, object.name, shown, make_etag(object));
}

std::string make_etag(const store::ObjectRecord& object) {
  return '"' + std::to_string(object.created_ms) + '.' + std::to_string(object.version) + '"';
}

std::string place_of(store::ObjectKind kind, const std::string& name) {
  std::string place(api::plural_of(kind));
  if (kind != store::ObjectKind::kDefaultAlerts) place += '/' + name;
  return place;
}

std::string title_of(store::ObjectKind kind, const std::string& name) {
  if (kind == store::ObjectKind::kDefaultAlerts) return "default alert set";
  return std::string(api::name_of(kind)) + " \"" + name + '"';
}

}  // namespace tocsin::app
