// The validator judges; its sentences are replaced by ours, since they are meant for programmers and its
// pointers are not RFC 6901. The only file that knows valijson. pattern and format are taken out before the
// validator sees the schema: settings_rules.cpp checks those.
#define VALIJSON_USE_EXCEPTIONS 1
#include "plugin/settings_schema.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "model/catalogue.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/schema_profile.hpp"
#include "plugin/settings_rules.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

void strip(json::value& schema) {
  if (auto* object = schema.if_object()) {
    for (const char* const rule : {"pattern", "format", "$id", "default", "examples"}) {
      const auto* value = object->if_contains(rule);
      // Under "properties" the same word may be a setting's name.
      if (value != nullptr && !value->is_object()) object->erase(rule);
    }
    for (auto& member : *object) strip(member.value());
  } else if (auto* array = schema.if_array()) {
    for (auto& item : *array) strip(item);
  }
}

std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {  // the first is "<root>"
    append_pointer(pointer, std::string_view(context[i]).substr(1, context[i].size() - 2));
  }
  return pointer;
}

// The name in apostrophes at the end of a sentence that starts with `before`.
std::string quoted_name(std::string_view text, std::string_view before) {
  const auto from = text.find(before);
  const auto to = text.rfind('\'');
  if (from == text.npos || to < from + before.size()) return "";
  return std::string(text.substr(from + before.size(), to - from - before.size()));
}

std::string join(const json::array& values, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += i + 1 == values.size() ? std::string(last) : ", ";
    out += json::serialize(values[i]);
  }
  return out;
}

std::string type_phrase(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr) return "has the wrong type";
  const auto phrase = [](std::string_view name) -> std::string {
    if (name == "integer") return "a whole number";
    if (name == "boolean") return "true or false";
    if (name == "null") return "null";
    return (name == "object" || name == "array" ? "an " : "a ") + std::string(name);
  };
  if (const auto* one = type->if_string()) return "must be " + phrase(*one);
  std::string out = "must be ";
  for (std::size_t i = 0; i < type->get_array().size(); ++i) {
    out += (i > 0 ? " or " : "") + phrase(type->get_array()[i].get_string());
  }
  return out;
}

std::string bound(const json::object& schema, std::string_view keyword) {
  const auto* value = schema.if_contains(keyword);
  return value == nullptr ? "its limit" : json::serialize(*value);
}

std::string number_phrase(const json::object& schema, std::string_view text) {
  if (text.find("greater than or") != text.npos) return "must be at least " + bound(schema, "minimum");
  if (text.find("greater") != text.npos) return "must be greater than " + bound(schema, "exclusiveMinimum");
  if (text.find("less than or") != text.npos) return "must be at most " + bound(schema, "maximum");
  return "must be less than " + bound(schema, "exclusiveMaximum");
}

std::string length_phrase(const json::object& schema, std::string_view text) {
  const bool fewer = text.find("fewer") != text.npos;
  if (text.starts_with("String")) {
    if (fewer && bound(schema, "minLength") == "1") return "must not be empty";
    return fewer ? "must have at least " + bound(schema, "minLength") + " characters"
                 : "must have at most " + bound(schema, "maxLength") + " characters";
  }
  if (text.starts_with("Array")) {
    return fewer ? "must have at least " + bound(schema, "minItems") + " items"
                 : "must have at most " + bound(schema, "maxItems") + " items";
  }
  return fewer ? "must have at least " + bound(schema, "minProperties") + " members"
               : "must have at most " + bound(schema, "maxProperties") + " members";
}

std::string unknown_phrase(const json::object& schema, const std::string& name) {
  std::vector<std::string> known;
  if (const auto* properties = schema.if_contains("properties")) {
    for (const auto& property : properties->get_object()) known.emplace_back(property.key());
  }
  const auto near = nearest_names(name, known, 1);
  if (!near.empty()) return "is not a setting of this channel type; did you mean \"" + near.front() + "\"?";
  return "is not a setting of this channel type; remove it";
}

// The validator repeats each fault on every level above it; those repeats say nothing.
bool is_echo(std::string_view text) {
  return text.starts_with("Failed to validate against schema associated") ||
         text.starts_with("Failed to validate against additional properties") ||
         text.starts_with("Failed to validate item #") ||
         text.starts_with("Failed to validate against child schema #") ||
         text.starts_with("Failed to validate against dependent schema") ||
         text.starts_with("Failed to validate against a conditional schema");
}

FieldError explain(const json::object& root, std::string pointer, const std::string& text) {
  static const json::object kNothing;
  const auto* found = find_subschema(root, pointer);
  const json::object& schema = found == nullptr ? kNothing : *found;
  const auto says = [&](std::string_view start) { return text.starts_with(start); };
  if (says("Missing required property")) {
    return {child_pointer(pointer, quoted_name(text, "property '")), "is required; add it"};
  }
  if (says("Missing dependency")) {
    return {child_pointer(pointer, quoted_name(text, "dependency '")),
            "is required together with another setting; add it"};
  }
  if (says("Object contains a property")) {
    const std::string name = quoted_name(text, "constraints: '");
    return {child_pointer(pointer, name), unknown_phrase(schema, name)};
  }
  if (says("Value type not permitted")) return {std::move(pointer), type_phrase(schema)};
  if (says("Failed to match against any enum")) {
    const auto* values = schema.if_contains("enum");
    const bool listed = values != nullptr && values->is_array();
    return {std::move(pointer),
            listed ? "must be " + join(values->get_array(), " or ") : "is not one of the allowed values"};
  }
  if (says("Failed to match expected value")) {
    const auto* only = schema.if_contains("const");
    return {std::move(pointer), only == nullptr ? "is not the value that goes with the other settings"
                                                : "must be " + json::serialize(*only)};
  }
  if (says("Expected number")) return {std::move(pointer), number_phrase(schema, text)};
  if (says("String should be no") || says("Array should") || says("Object should")) {
    return {std::move(pointer), length_phrase(schema, text)};
  }
  if (says("Value should be a multiple")) {
    return {std::move(pointer), "must be a multiple of " + bound(schema, "multipleOf")};
  }
  if (says("Elements at indexes")) return {std::move(pointer), "has the same item twice; remove one"};
  if (text.find("anyOf") != text.npos || text.find("oneOf") != text.npos ||
      text.find("exactly one") != text.npos) {
    return {std::move(pointer), "fits none of the allowed combinations of settings, or more than one"};
  }
  return {std::move(pointer), "does not fit together with the other settings"};
}

void add_once(std::vector<FieldError>& faults, FieldError fault) {
  const bool there = std::any_of(faults.begin(), faults.end(), [&](const FieldError& one) {
    return one.pointer == fault.pointer && one.message == fault.message;
  });
  if (!there) faults.push_back(std::move(fault));
}

}  // namespace

struct SettingsSchema::Parsed {
  json::object document;
  valijson::Schema schema;
};

SettingsSchema::SettingsSchema(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
SettingsSchema::~SettingsSchema() = default;

const json::object& SettingsSchema::document() const {
  return parsed_->document;
}

Result<std::shared_ptr<const SettingsSchema>> SettingsSchema::parse(std::string_view schema_json) {
  if (schema_json.size() > kMaxSchemaBytes) return make_error(Errc::kInvalid, "is larger than 64 KiB");
  json::error_code error;
  const json::value document = json::parse({schema_json.data(), schema_json.size()}, error);
  if (error) return make_error(Errc::kInvalid, "is no JSON: " + error.message());
  if (!document.is_object()) return make_error(Errc::kInvalid, "is no JSON object");
  std::string fault = schema_fault(document.get_object());
  if (!fault.empty()) return make_error(Errc::kInvalid, std::move(fault));
  auto parsed = std::make_unique<Parsed>();
  parsed->document = document.get_object();
  json::value stripped = document;
  strip(stripped);
  try {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(stripped), parsed->schema);
  } catch (const std::exception& thrown) {
    return make_error(Errc::kInvalid, std::string("is no draft-07 schema: ") + thrown.what());
  }
  return std::shared_ptr<const SettingsSchema>(new SettingsSchema(std::move(parsed)));
}

std::vector<FieldError> SettingsSchema::find_faults(json::value& settings) const {
  std::vector<FieldError> faults;
  valijson::ValidationResults results;
  try {
    valijson::Validator validator;
    validator.validate(parsed_->schema, valijson::adapters::BoostJsonAdapter(settings), &results);
  } catch (const std::exception&) {
    faults.push_back(
        {"", "could not be checked; the plugin's schema and these settings do not fit together"});
  }
  bool echoes = false;
  for (const auto& result : results) {
    if (is_echo(result.description)) {
      echoes = true;
    } else {
      add_once(faults, explain(parsed_->document, pointer_of(result.context), result.description));
    }
  }
  for (auto& fault : text_faults(parsed_->document, settings)) add_once(faults, std::move(fault));
  if (faults.empty() && echoes) faults.push_back({"", "does not fit together with the other settings"});
  return faults;
}

}  // namespace tocsin::plugin
