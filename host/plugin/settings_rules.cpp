// See settings_rules.hpp. Patterns run on RE2, because settings come from teams and the validator's own
// engine can be driven into exponential time and deep recursion.
#include "plugin/settings_rules.hpp"

#include <re2/re2.h>
#include <tocsin/ext/http.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "plugin/egress_target.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

const json::object* object_at(const json::object& schema, std::string_view key) {
  const auto* value = schema.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::object* member_schema(const json::object& schema, std::string_view name) {
  if (const auto* properties = object_at(schema, "properties")) {
    if (const auto* own = object_at(*properties, name)) return own;
  }
  return object_at(schema, "additionalProperties");
}

void visit(std::string& pointer, const json::object& schema, json::value& value,
           const ValueVisitor& visitor) {
  visitor(pointer, schema, value);
  const std::size_t length = pointer.size();
  if (auto* object = value.if_object()) {
    for (auto& member : *object) {
      const auto* inner = member_schema(schema, member.key());
      if (inner == nullptr) continue;
      append_pointer(pointer, member.key());
      visit(pointer, *inner, member.value(), visitor);
      pointer.resize(length);
    }
  } else if (auto* array = value.if_array()) {
    const auto* inner = object_at(schema, "items");
    if (inner == nullptr) return;
    for (std::size_t i = 0; i < array->size(); ++i) {
      append_pointer(pointer, std::to_string(i));
      visit(pointer, *inner, (*array)[i], visitor);
      pointer.resize(length);
    }
  }
}

bool matches(std::string_view pattern, std::string_view text) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), options);
  return regex.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex);
}

// Enough to catch a typing error; whether mail arrives is the server's to say.
bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x21 || byte == 0x7F || c == '<' || c == '>' || c == ',';
         });
}

bool is_hostname(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text.size() <= 253 && egress_pattern_fault(lower + ":1").empty() && !lower.starts_with("*.");
}

std::string format_fault(std::string_view format, std::string_view text) {
  if (format == "uri") {
    return find_target(text) ? "" : "must be an absolute https URL, such as https://example.com/path";
  }
  if (format == "http-header-value") {
    return tocsin_header_value_ok({text.data(), text.size()}) != 0
               ? ""
               : "must be visible ASCII characters, with blanks only inside, at most 4096 of them";
  }
  if (format == "email") return is_email(text) ? "" : "must be a mail address, such as ops@example.com";
  if (format == "hostname") return is_hostname(text) ? "" : "must be a host name, such as mail.example.com";
  return "";
}

}  // namespace

bool is_write_only(const json::object& schema) {
  const auto* flag = schema.if_contains("writeOnly");
  return flag != nullptr && flag->is_bool() && flag->get_bool();
}

const json::object* find_subschema(const json::object& schema, std::string_view pointer) {
  const json::object* at = &schema;
  for (const auto& name : split_pointer(pointer)) {
    const bool index = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
    const json::object* inner = member_schema(*at, name);
    if (inner == nullptr && index) inner = object_at(*at, "items");
    if (inner == nullptr) return nullptr;
    at = inner;
  }
  return at;
}

void visit_values(const json::object& schema, json::value& settings, const ValueVisitor& visitor) {
  std::string pointer;
  visit(pointer, schema, settings, visitor);
}

void apply_defaults(const json::object& schema, json::value& settings) {
  visit_values(schema, settings, [](const std::string&, const json::object& part, json::value& value) {
    auto* object = value.if_object();
    const auto* properties = object_at(part, "properties");
    if (object == nullptr || properties == nullptr) return;
    for (const auto& property : *properties) {
      const auto* inner = property.value().if_object();
      const auto* fallback = inner == nullptr ? nullptr : inner->if_contains("default");
      if (fallback != nullptr && !object->contains(property.key())) {
        object->emplace(property.key(), *fallback);
      }
    }
  });
}

std::vector<FieldError> text_faults(const json::object& schema, json::value& settings) {
  std::vector<FieldError> faults;
  visit_values(
      schema, settings, [&](const std::string& pointer, const json::object& part, json::value& value) {
        const auto* string = value.if_string();
        if (string == nullptr) return;
        const std::string_view text = *string;
        if (std::any_of(text.begin(), text.end(), [](char c) { return c == '\0'; })) {
          faults.push_back({pointer, "must not contain the character U+0000"});
          return;
        }
        const auto* pattern = part.if_contains("pattern");
        if (pattern != nullptr && !matches(pattern->get_string(), text)) {
          faults.push_back({pointer, "must match the pattern " + std::string(pattern->get_string())});
        }
        const auto* format = part.if_contains("format");
        if (format == nullptr) return;
        std::string fault = format_fault(format->get_string(), text);
        if (!fault.empty()) faults.push_back({pointer, std::move(fault)});
      });
  return faults;
}

}  // namespace tocsin::plugin
