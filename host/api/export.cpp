// GET …/export: what a team has, as the tables of the configuration file that would give the same. Secrets
// stay where they are: each is a reference to a file that the operator has to write. See service.hpp for
// threads.
#include <algorithm>
#include <boost/json.hpp>

#include "api/service.hpp"
#include "model/json_text.hpp"
#include "plugin/secret_settings.hpp"
#include "routing/definition.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

bool is_bare(std::string_view key) {
  return !key.empty() &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

// A basic string of TOML has JSON's escapes, and wants one character more escaped.
void append_toml_string(std::string& out, std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  for (const char c : quoted) {
    if (c == '\x7f') {
      out += "\\u007F";
    } else {
      out += c;
    }
  }
}

void append_key(std::string& out, std::string_view key) {
  if (is_bare(key)) {
    out += key;
  } else {
    append_toml_string(out, key);
  }
}

// `place` names the file of a secret: "team.channel.secret".
void append_value(std::string& out, const json::value& value, const std::string& place) {
  if (value.is_string() && std::string_view(value.get_string()) == plugin::kSecretMask) {
    out += "{ file = ";
    append_toml_string(out, place);
    out += " }";
  } else if (value.is_string()) {
    append_toml_string(out, value.get_string());
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      if (i != 0) out += ", ";
      append_value(out, value.get_array()[i], place + '.' + std::to_string(i));
    }
    out += ']';
  } else if (value.is_object()) {
    out += "{ ";
    for (const auto& member : value.get_object()) {
      if (out.back() != ' ' || out[out.size() - 2] != '{') out += ", ";
      append_key(out, member.key());
      out += " = ";
      append_value(out, member.value(), place + '.' + std::string(member.key()));
    }
    out += " }";
  } else {
    out += json::serialize(value);
  }
}

void append_members(std::string& out, const json::object& members, const std::string& place) {
  for (const auto& member : members) {
    append_key(out, member.key());
    out += " = ";
    append_value(out, member.value(), place + '.' + std::string(member.key()));
    out += '\n';
  }
}

// Only where they are not the catalogue's and in force.
void append_alerts(std::string& out, const ObjectView& view) {
  json::error_code error;
  const json::value shown = json::parse(view.json, error);
  const auto* const set = error ? nullptr : shown.if_object();
  const auto* const alerts = set == nullptr ? nullptr : set->if_contains("alerts");
  if (alerts == nullptr || set->contains("problem")) return;
  const auto* const origin = set->if_contains("origin");
  if (origin != nullptr && *origin == json::value("catalogue")) return;
  append_members(out, {{"default_alerts", *alerts}}, view.team);
}

std::string write_toml(const std::string& team, const ObjectViews& views) {
  std::string out = "[[team]]\nname = ";
  append_toml_string(out, team);
  out += '\n';
  for (const auto& view : views) {
    if (view.team == team && view.kind == store::ObjectKind::kDefaultAlerts) append_alerts(out, view);
  }
  for (const auto& view : views) {
    if (view.team != team || view.kind == store::ObjectKind::kDefaultAlerts) continue;
    json::error_code error;
    json::value parsed = json::parse(view.json, error);
    if (error || !parsed.is_object()) continue;
    json::object& shown = parsed.get_object();
    const bool is_given =
        view.etag.empty() && shown.contains("type") && shown.at("type") == json::value(routing::kInAppType);
    if (is_given) continue;  // every team has it
    const bool is_hidden = shown.contains("problem") && std::ranges::any_of(views, [&](const auto& other) {
                             return other.team == team && other.kind == view.kind &&
                                    other.name == view.name && other.etag.empty();
                           });
    if (is_hidden) continue;  // the file's of this name is in force
    for (const char* key : {"provisioned", "problem"}) shown.erase(key);
    const std::string place = team + '.' + view.name;
    const json::value settings = shown.contains("settings") ? shown.at("settings") : json::value();
    shown.erase("settings");
    out += "\n[[team." + std::string(name_of(view.kind)) + "]]\n";
    append_members(out, shown, place);
    if (view.kind == store::ObjectKind::kChannel && view.etag.empty() && settings.is_null()) {
      out += "# Its settings are not shown: no plugin that is loaded says which of them are secrets.\n";
    }
    if (settings.is_object() && !settings.get_object().empty()) {
      out += "[team.channel.settings]\n";
      append_members(out, settings.get_object(), place);
    }
  }
  return out;
}

}  // namespace

void Service::add_export_endpoint() {
  endpoints_.push_back({"GET", "/v1/teams/{team}/export", security::Permission::kManageIntegrations,
                        [this](Call call, net::Responder to) { export_team(call, std::move(to)); }});
}

void Service::export_team(const Call& call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  net::HttpResponse response;
  response.content_type = "application/toml";
  response.body = write_toml(call.arguments[0], *state_->objects);
  responder.send(std::move(response));
}

}  // namespace tocsin::api
