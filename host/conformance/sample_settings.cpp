// See sample_settings.hpp.
#include "conformance/sample_settings.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value_to.hpp>
#include <string>
#include <string_view>

#include "plugin/settings_rules.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

namespace {

std::string_view text_at(const json::object& schema, std::string_view key) {
  const auto* value = schema.if_contains(key);
  if (value == nullptr) return {};
  if (const auto* list = value->if_array()) {
    return list->empty() || !list->front().is_string() ? std::string_view{} : list->front().get_string();
  }
  return value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

std::size_t count_at(const json::object& schema, std::string_view key, std::size_t fallback) {
  const auto* value = schema.if_contains(key);
  json::error_code error;
  const auto count = value == nullptr ? fallback : value->to_number<std::size_t>(error);
  return error ? fallback : count;
}

double number_at(const json::object& schema, std::string_view key, double fallback) {
  const auto* value = schema.if_contains(key);
  return value == nullptr || !value->is_number() ? fallback : value->to_number<double>();
}

const json::object* object_at(const json::object& schema, std::string_view key) {
  const auto* value = schema.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

bool requires_member(const json::object& schema, std::string_view name) {
  const auto* list = schema.if_contains("required");
  if (list == nullptr || !list->is_array()) return false;
  return std::any_of(list->get_array().begin(), list->get_array().end(),
                     [&](const json::value& item) { return item.is_string() && item.get_string() == name; });
}

json::value sample_text(const json::object& schema) {
  const std::string_view format = text_at(schema, "format");
  std::string text = plugin::is_write_only(schema) ? "sample-secret-value" : "sample";
  if (format == "uri") text = "https://sample.example.com/path";
  if (format == "email") text = "sample@example.com";
  if (format == "hostname") text = "sample.example.com";
  if (format == "date-time") text = "2030-01-01T00:00:00Z";
  if (const auto least = count_at(schema, "minLength", 0); text.size() < least)
    text.append(least - text.size(), 'x');
  if (const auto most = count_at(schema, "maxLength", text.size()); text.size() > most) text.resize(most);
  return json::value(text);
}

json::value sample_object(const json::object& schema, bool all) {
  json::object out;
  if (const auto* properties = object_at(schema, "properties")) {
    for (const auto& member : *properties) {
      const auto* own = member.value().if_object();
      if (own == nullptr || !(all || requires_member(schema, member.key()))) continue;
      out[member.key()] = sample_value(*own, all);
    }
  }
  const auto* others = object_at(schema, "additionalProperties");
  if (others != nullptr && (all || count_at(schema, "minProperties", 0) > out.size())) {
    out["X-Sample"] = sample_value(*others, all);
  }
  return out;
}

json::value sample_array(const json::object& schema, bool all) {
  json::array out;
  const auto* items = object_at(schema, "items");
  const auto wanted = std::max<std::size_t>(count_at(schema, "minItems", 0), all ? 1 : 0);
  while (items != nullptr && out.size() < wanted) out.push_back(sample_value(*items, all));
  return out;
}

json::value sample_number(const json::object& schema, bool whole) {
  double number = number_at(schema, "minimum", number_at(schema, "exclusiveMinimum", 0) + 1);
  number = std::min(number, number_at(schema, "maximum", number));
  if (whole) return json::value(static_cast<std::int64_t>(number));
  return json::value(number);
}

}  // namespace

json::value sample_value(const json::object& schema, bool all) {
  if (const auto* value = schema.if_contains("const")) return *value;
  for (const char* list : {"examples", "default", "enum"}) {
    const auto* value = schema.if_contains(list);
    if (value == nullptr) continue;
    if (std::string_view(list) == "default") return *value;
    if (value->is_array() && !value->get_array().empty()) return value->get_array().front();
  }
  const std::string_view type = text_at(schema, "type");
  if (type == "object" || (type.empty() && schema.contains("properties"))) return sample_object(schema, all);
  if (type == "array") return sample_array(schema, all);
  if (type == "integer" || type == "number") return sample_number(schema, type == "integer");
  if (type == "boolean") return json::value(true);
  if (type == "null") return json::value(nullptr);
  return sample_text(schema);
}

}  // namespace tocsin::conformance
