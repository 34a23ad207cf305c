// Event types: those that ship and the operator's own, written alike.
#include "config/readers.hpp"

namespace tocsin::config {
namespace {

std::vector<std::string> severity_names() {
  std::vector<std::string> names;
  for (int i = kSeverityCount; i-- > 0;) names.emplace_back(to_string(static_cast<Severity>(i)));
  return names;
}

// `out` is a Severity or an optional one.
template <class Out>
void read_severity(TableReader& reader, std::string_view key, Out& out) {
  std::string name;
  if (!reader.text(key, name)) return;
  if (const auto severity = find_severity(name)) {
    out = *severity;
  } else {
    reader.problem(key, quote(name) + " is no severity" + suggestion(name, severity_names()));
  }
}

void read_category(TableReader& reader, Category& out) {
  std::string name;
  if (!reader.required_text("category", name)) return;
  if (const auto category = find_category(name)) {
    out = *category;
  } else {
    reader.problem("category",
                   quote(name) + " is no category" +
                       suggestion(name, {"security_alert", "system_notification", "system_error"}));
  }
}

// true, false, or the severity from which on.
void read_default_alert(TableReader& reader, EventType& type) {
  const Node* value = reader.find("default_alert");
  if (value == nullptr) return;
  if (value->kind == Node::Kind::kText) {
    type.default_alert = true;
    read_severity(reader, "default_alert", type.default_alert_from);
  } else if (value->kind == Node::Kind::kBoolean) {
    type.default_alert = value->boolean;
  } else {
    reader.problem("default_alert", "must be true, false or the severity from which on (\"high\"), not " +
                                        std::string(name_of(value->kind)));
  }
}

}  // namespace

void read_event_types(TableReader& file, std::vector<EventType>& types) {
  const auto tables = file.tables("event_type");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableReader reader(tables[i], file.place("event_type", i), find_section("event_type"), file.problems());
    EventType type;
    const bool named = reader.required_text("name", type.name);
    reader.text("summary", type.summary);
    read_category(reader, type.category);
    read_severity(reader, "default_severity", type.default_severity);
    read_severity(reader, "floor", type.floor);
    read_default_alert(reader, type);
    if (!named) continue;
    if (!is_event_type_name(type.name)) {
      reader.problem("name", quote(type.name) +
                                 " is no event type's name: write two or more segments of a-z, 0-9 and _ "
                                 "joined by dots, such as finding.created");
      continue;
    }
    bool known = false;
    for (const auto& other : types) known = known || other.name == type.name;
    if (known) {
      reader.problem("name", "there is an event type " + quote(type.name) + " already: choose another name");
    } else {
      types.push_back(std::move(type));
    }
  }
}

}  // namespace tocsin::config
