// See event.hpp. The member order of the written form is frozen: signatures and golden files depend on it.
#include "model/event.hpp"

#include <array>
#include <boost/json.hpp>

#include "model/clock.hpp"
#include "model/json_text.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, kSeverityCount> kSeverities = {"info", "low", "medium", "high",
                                                                      "critical"};
constexpr std::array<std::string_view, kCategoryCount> kCategories = {"security_alert", "system_notification",
                                                                      "system_error"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

void append_optional_member(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) append_member(out, name, value);
}

// The member's text, "" where it is absent or no string.
std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

// The bytes of the top-level member "data", which is the last one. Parsing and serialising again would write
// numbers another way ("1.10"), and a payload's bytes never change.
std::string_view find_data_text(std::string_view json) {
  constexpr std::string_view kMember = "\"data\":";
  int depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    if (depth == 1 && json.substr(at).starts_with(kMember)) {
      json.remove_prefix(at + kMember.size());
      return json.substr(0, json.rfind('}'));
    }
    for (++at; at < json.size() && json[at] != '"'; ++at) {
      if (json[at] == '\\') ++at;
    }
  }
  return "{}";
}

}  // namespace

std::string_view to_string(Severity severity) {
  return kSeverities[static_cast<std::size_t>(severity)];
}
std::string_view to_string(Category category) {
  return kCategories[static_cast<std::size_t>(category)];
}
std::optional<Severity> find_severity(std::string_view name) {
  return find_name<Severity>(kSeverities, name);
}
std::optional<Category> find_category(std::string_view name) {
  return find_name<Category>(kCategories, name);
}

std::string write_event_json(const Event& event) {
  std::string out;
  out.reserve(256 + event.title.size() + event.summary.size() + event.data.size());
  out += "{\"id\":";
  append_json_string(out, event.id);
  append_member(out, "team", event.team);
  append_member(out, "type", event.type);
  append_member(out, "category", to_string(event.category));
  append_member(out, "severity", to_string(event.severity));
  append_optional_member(out, "source", event.source);
  append_member(out, "time", format_rfc3339(event.occurred_ms));
  append_member(out, "title", event.title);
  append_optional_member(out, "summary", event.summary);
  append_optional_member(out, "link", event.link);
  if (!event.labels.empty()) {
    out += ",\"labels\":{";
    for (std::size_t i = 0; i < event.labels.size(); ++i) {
      if (i != 0) out += ',';
      append_json_string(out, event.labels[i].key);
      out += ':';
      append_json_string(out, event.labels[i].value);
    }
    out += '}';
  }
  out += ",\"data\":";
  out += event.data.empty() ? std::string_view("{}") : std::string_view(event.data);
  out += '}';
  return out;
}

Result<Event> read_event_json(std::string_view json) {
  boost::system::error_code parse_error;
  const boost::json::value document = boost::json::parse(json, parse_error);
  if (parse_error || !document.is_object()) {
    return make_error(Errc::kInternal, "stored event is not a JSON object: the row was damaged");
  }
  const auto& object = document.get_object();
  Event event;
  event.id = text_of(object, "id");
  event.team = text_of(object, "team");
  event.type = text_of(object, "type");
  const auto category = find_category(text_of(object, "category"));
  const auto severity = find_severity(text_of(object, "severity"));
  if (event.id.empty() || event.type.empty() || !category || !severity ||
      !parse_rfc3339(text_of(object, "time"), event.occurred_ms)) {
    return make_error(Errc::kInternal, "stored event lacks a member: the row was damaged");
  }
  event.category = *category;
  event.severity = *severity;
  event.source = text_of(object, "source");
  event.title = text_of(object, "title");
  event.summary = text_of(object, "summary");
  event.link = text_of(object, "link");
  if (const auto* labels = object.if_contains("labels"); labels != nullptr && labels->is_object()) {
    for (const auto& label : labels->get_object()) {
      if (!label.value().is_string()) {
        return make_error(Errc::kInternal, "stored event has a label that is no text: the row was damaged");
      }
      event.labels.push_back({std::string(label.key()), std::string(label.value().get_string())});
    }
  }
  event.data = find_data_text(json);
  return event;
}

}  // namespace tocsin
