// See definition.hpp. The written form is a format of its own, not the API's: short, complete, in one order.
#include "routing/definition.hpp"

#include <boost/json.hpp>

#include "model/json_text.hpp"

namespace tocsin::routing {
namespace {

namespace json = boost::json;

void append_texts(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_texts(out, texts);
}

void append_channel(std::string& out, const ChannelDefinition& channel) {
  out += "{\"name\":";
  append_json_string(out, channel.name);
  out += ",\"type\":";
  append_json_string(out, channel.type);
  append_texts(out, "subscription", channel.subscription);
  out += channel.is_default ? ",\"default\":true}" : ",\"default\":false}";
}

void append_rule(std::string& out, const RuleDefinition& rule) {
  out += "{\"name\":";
  append_json_string(out, rule.name);
  if (rule.category) {
    out += ",\"category\":";
    append_json_string(out, to_string(*rule.category));
  }
  std::vector<std::string> severities;
  for (const auto severity : rule.severities) severities.emplace_back(to_string(severity));
  append_texts(out, "severities", severities);
  append_texts(out, "sources", rule.sources);
  append_texts(out, "events", rule.events);
  out += ",\"labels\":{";
  for (std::size_t i = 0; i < rule.labels.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, rule.labels[i].key);
    out += ':';
    append_json_string(out, rule.labels[i].value);
  }
  out += "},\"channels\":[";
  for (std::size_t i = 0; i < rule.channels.size(); ++i) {
    if (i != 0) out += ',';
    out += std::to_string(rule.channels[i]);
  }
  out += rule.stop ? "],\"stop\":true}" : "],\"stop\":false}";
}

template <class T, class Append>
void append_list(std::string& out, std::string_view name, const std::vector<T>& items, Append append) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    append(out, items[i]);
  }
  out += ']';
}

void append_alert(std::string& out, const DefaultAlert& alert) {
  out += "{\"event\":";
  append_json_string(out, alert.event);
  out += ",\"from\":";
  append_json_string(out, to_string(alert.from));
  out += '}';
}

void append_silence(std::string& out, const SilenceDefinition& silence) {
  out += "{\"what\":";
  append_rule(out, silence.what);
  out += ",\"from\":" + std::to_string(silence.from_ms) + ",\"until\":" + std::to_string(silence.until_ms);
  out += ",\"author\":";
  append_json_string(out, silence.author);
  out += ",\"reason\":";
  append_json_string(out, silence.reason);
  out += '}';
}

// Reads members into values; remembers whether any was not what write_definition writes.
class Members {
 public:
  Members(const json::value& value, bool& damaged)
      : object_(value.if_object() == nullptr ? kEmpty : value.get_object()), damaged_(damaged) {
    if (!value.is_object()) damaged_ = true;
  }

  const json::array& list(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value != nullptr && value->is_array()) return value->get_array();
    damaged_ = true;
    return kNone;
  }
  const json::value& value(std::string_view name) {
    const auto* found = object_.if_contains(name);
    damaged_ = damaged_ || found == nullptr;
    return found == nullptr ? kNothing : *found;
  }
  std::int64_t number(std::string_view name) {
    boost::system::error_code error;
    const auto number = value(name).to_number<std::int64_t>(error);
    damaged_ = damaged_ || error.failed();
    return error.failed() ? 0 : number;
  }
  std::string text(std::string_view name) { return text_of(object_.if_contains(name)); }
  bool flag(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value != nullptr && value->is_bool()) return value->get_bool();
    damaged_ = true;
    return false;
  }
  void texts(std::string_view name, std::vector<std::string>& into) {
    const auto& values = list(name);
    into.reserve(values.size());
    for (const auto& value : values) into.push_back(text_of(&value));
  }
  void labels(std::vector<Label>& into) {
    const auto* value = object_.if_contains("labels");
    if (value == nullptr || !value->is_object()) {
      damaged_ = true;
      return;
    }
    into.reserve(value->get_object().size());
    for (const auto& member : value->get_object()) {
      into.push_back({std::string(member.key()), text_of(&member.value())});
    }
  }
  bool has(std::string_view name) const { return object_.contains(name); }
  Severity severity(std::string_view text) {
    const auto found = find_severity(text);
    damaged_ = damaged_ || !found;
    return found.value_or(Severity::kInfo);
  }

 private:
  std::string text_of(const json::value* value) {
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    damaged_ = true;
    return {};
  }

  inline static const json::object kEmpty;
  inline static const json::array kNone;
  inline static const json::value kNothing;
  const json::object& object_;
  bool& damaged_;
};

ChannelDefinition read_channel(const json::value& value, bool& damaged) {
  Members members(value, damaged);
  ChannelDefinition channel;
  channel.name = members.text("name");
  channel.type = members.text("type");
  members.texts("subscription", channel.subscription);
  channel.is_default = members.flag("default");
  return channel;
}

RuleDefinition read_rule(const json::value& value, bool& damaged) {
  Members members(value, damaged);
  RuleDefinition rule;
  rule.name = members.text("name");
  if (members.has("category")) {
    rule.category = find_category(members.text("category"));
    damaged = damaged || !rule.category;
  }
  std::vector<std::string> severities;
  members.texts("severities", severities);
  rule.severities.reserve(severities.size());
  for (const auto& name : severities) rule.severities.push_back(members.severity(name));
  members.texts("sources", rule.sources);
  members.texts("events", rule.events);
  members.labels(rule.labels);
  const auto& channels = members.list("channels");
  rule.channels.reserve(channels.size());
  for (const auto& position : channels) {
    boost::system::error_code error;
    rule.channels.push_back(position.to_number<std::uint32_t>(error));
    damaged = damaged || error.failed();
  }
  rule.stop = members.flag("stop");
  return rule;
}

}  // namespace

bool is_object_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
  }
  return true;
}

std::string write_definition(const TeamDefinition& team) {
  std::string out = "{\"name\":";
  append_json_string(out, team.name);
  append_list(out, "channels", team.channels, append_channel);
  append_list(out, "rules", team.rules, append_rule);
  if (team.default_alerts) append_list(out, "default_alerts", *team.default_alerts, append_alert);
  if (!team.silences.empty()) append_list(out, "silences", team.silences, append_silence);
  out += '}';
  return out;
}

Result<TeamDefinition> read_definition(std::string_view text) {
  boost::system::error_code parse_error;
  json::monotonic_resource memory;  // freed in a few large pieces: a definition may hold 100,000 rules
  const json::value document = json::parse(text, parse_error, &memory);
  bool damaged = parse_error.failed();
  TeamDefinition team;
  if (!damaged) {
    Members members(document, damaged);
    team.name = members.text("name");
    const auto& channels = members.list("channels");
    team.channels.reserve(channels.size());
    for (const auto& value : channels) team.channels.push_back(read_channel(value, damaged));
    const auto& rules = members.list("rules");
    team.rules.reserve(rules.size());
    for (const auto& value : rules) team.rules.push_back(read_rule(value, damaged));
    if (members.has("default_alerts")) {
      auto& alerts = team.default_alerts.emplace();
      for (const auto& value : members.list("default_alerts")) {
        Members alert(value, damaged);
        alerts.push_back({alert.text("event"), alert.severity(alert.text("from"))});
      }
    }
    if (members.has("silences")) {
      for (const auto& value : members.list("silences")) {
        Members silence(value, damaged);
        team.silences.push_back({read_rule(silence.value("what"), damaged), silence.number("from"),
                                 silence.number("until"), silence.text("author"), silence.text("reason")});
      }
    }
  }
  if (damaged)
    return make_error(Errc::kInternal, "stored team definition cannot be read: the row was damaged");
  return team;
}

}  // namespace tocsin::routing
