// The profile, as one table of keywords with the shape each must have, and where it may stand.
#include "plugin/schema_profile.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "plugin/flat_document.hpp"
#include "plugin/value_rules.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

enum class Shape {
  kAny,
  kText,
  kCount,
  kNumber,
  kFlag,
  kList,
  kTypes,
  kNames,
  kSchema,
  kSchemaOrFlag,
  kSchemas,
  kSchemaMap,
  kDependencies,
  kRegex,
};

// Where a keyword may stand.
enum class Place {
  kEverywhere,
  kOwnValue,  // not within anyOf, if … : those ask, they do not describe
};

struct Keyword {
  std::string_view name;
  Shape shape;
  Place place;
};

constexpr std::array kKeywords{
    Keyword{"$schema", Shape::kText, Place::kOwnValue},
    Keyword{"$id", Shape::kText, Place::kOwnValue},
    Keyword{"$comment", Shape::kText, Place::kEverywhere},
    Keyword{"title", Shape::kText, Place::kEverywhere},
    Keyword{"description", Shape::kText, Place::kEverywhere},
    Keyword{"examples", Shape::kList, Place::kEverywhere},
    Keyword{"default", Shape::kAny, Place::kOwnValue},
    Keyword{"writeOnly", Shape::kFlag, Place::kOwnValue},
    Keyword{"type", Shape::kTypes, Place::kEverywhere},
    Keyword{"enum", Shape::kList, Place::kEverywhere},
    Keyword{"const", Shape::kAny, Place::kEverywhere},
    Keyword{"minimum", Shape::kNumber, Place::kEverywhere},
    Keyword{"maximum", Shape::kNumber, Place::kEverywhere},
    Keyword{"exclusiveMinimum", Shape::kNumber, Place::kEverywhere},
    Keyword{"exclusiveMaximum", Shape::kNumber, Place::kEverywhere},
    Keyword{"multipleOf", Shape::kNumber, Place::kEverywhere},
    Keyword{"minLength", Shape::kCount, Place::kEverywhere},
    Keyword{"maxLength", Shape::kCount, Place::kEverywhere},
    Keyword{"pattern", Shape::kRegex, Place::kOwnValue},
    Keyword{"format", Shape::kText, Place::kOwnValue},
    Keyword{"properties", Shape::kSchemaMap, Place::kEverywhere},
    Keyword{"required", Shape::kNames, Place::kEverywhere},
    Keyword{"additionalProperties", Shape::kSchemaOrFlag, Place::kOwnValue},
    Keyword{"minProperties", Shape::kCount, Place::kEverywhere},
    Keyword{"maxProperties", Shape::kCount, Place::kEverywhere},
    Keyword{"items", Shape::kSchema, Place::kOwnValue},
    Keyword{"minItems", Shape::kCount, Place::kEverywhere},
    Keyword{"maxItems", Shape::kCount, Place::kEverywhere},
    Keyword{"uniqueItems", Shape::kFlag, Place::kEverywhere},
    Keyword{"dependencies", Shape::kDependencies, Place::kEverywhere},
    Keyword{"allOf", Shape::kSchemas, Place::kEverywhere},
    Keyword{"anyOf", Shape::kSchemas, Place::kEverywhere},
    Keyword{"oneOf", Shape::kSchemas, Place::kEverywhere},
    Keyword{"not", Shape::kSchema, Place::kEverywhere},
    Keyword{"if", Shape::kSchema, Place::kEverywhere},
    Keyword{"then", Shape::kSchema, Place::kEverywhere},
    Keyword{"else", Shape::kSchema, Place::kEverywhere},
};

constexpr std::array<std::string_view, 7> kTypes{"object",  "array",   "string", "number",
                                                 "integer", "boolean", "null"};

bool asks_only(std::string_view keyword) {
  return keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf" || keyword == "not" ||
         keyword == "if" || keyword == "then" || keyword == "else" || keyword == "dependencies";
}

bool is_count(const json::value& value) {
  return (value.is_int64() && value.get_int64() >= 0) || value.is_uint64();
}

bool all_strings(const json::value& value) {
  return value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(),
                                         [](const json::value& item) { return item.is_string(); });
}

bool is_type(const json::value& value) {
  return value.is_string() &&
         std::find(kTypes.begin(), kTypes.end(), std::string_view(value.get_string())) != kTypes.end();
}

bool is_type_list(const json::value& value) {
  if (is_type(value)) return true;
  return value.is_array() && !value.get_array().empty() &&
         std::all_of(value.get_array().begin(), value.get_array().end(), is_type);
}

// "" or what the value of a keyword that holds no schema should have been.
std::string shape_fault(Shape shape, const json::value& value) {
  switch (shape) {
    case Shape::kText:
      return value.is_string() ? "" : "must be a string";
    case Shape::kCount:
      return is_count(value) ? "" : "must be a whole number from 0 up";
    case Shape::kNumber:
      return value.is_number() ? "" : "must be a number";
    case Shape::kFlag:
      return value.is_bool() ? "" : "must be true or false";
    case Shape::kList:
      return value.is_array() && !value.get_array().empty() ? "" : "must be an array that is not empty";
    case Shape::kTypes:
      return is_type_list(value) ? "" : "must be a JSON type name or a list of them";
    case Shape::kNames:
      return all_strings(value) ? "" : "must be an array of property names";
    case Shape::kRegex: {
      if (!value.is_string()) return "must be a string";
      RE2::Options options;
      options.set_log_errors(false);
      const std::string_view text = value.get_string();
      const RE2 regex(re2::StringPiece(text.data(), text.size()), options);
      return regex.ok() ? "" : "is no RE2 regular expression: " + regex.error();
    }
    default:
      return "";
  }
}

class ProfileCheck {
 public:
  std::string check(const json::object& schema, std::string_view at, bool asking, std::size_t depth) {
    if (depth > kMaxSchemaDepth) return "is nested deeper than 8 levels at " + std::string(at);
    for (const auto& member : schema) {
      const std::string_view name = member.key();
      if (name.starts_with("x-")) {
        std::string fault = value_rule_fault(name, member.value());
        if (!fault.empty()) return child_pointer(at, name) + ' ' + fault;
        continue;
      }
      const auto keyword = std::find_if(kKeywords.begin(), kKeywords.end(),
                                        [&](const Keyword& one) { return one.name == name; });
      const std::string pointer = child_pointer(at, name);
      if (keyword == kKeywords.end()) {
        return "uses the keyword at " + pointer + ", which is not in the profile";
      }
      if (asking && keyword->place == Place::kOwnValue) {
        return "uses " + pointer + " inside a condition, where only checks may stand";
      }
      std::string fault = shape_fault(keyword->shape, member.value());
      if (!fault.empty()) return pointer + ' ' + fault;
      fault = check_inner(*keyword, member.value(), pointer, asking || asks_only(name), depth);
      if (!fault.empty()) return fault;
    }
    return secret_fault(schema, at);
  }

 private:
  // The schemas within a keyword's value.
  std::string check_inner(const Keyword& keyword, const json::value& value, const std::string& at,
                          bool asking, std::size_t depth) {
    switch (keyword.shape) {
      case Shape::kSchemaOrFlag:
        if (value.is_bool()) return "";
        [[fallthrough]];
      case Shape::kSchema:
        return check_one(value, at, asking, depth);
      case Shape::kSchemas:
        return check_list(value, at, asking, depth);
      case Shape::kSchemaMap:
      case Shape::kDependencies:
        return check_map(value, at, asking, depth, keyword.shape == Shape::kDependencies);
      default:
        return "";
    }
  }

  std::string check_one(const json::value& value, const std::string& at, bool asking, std::size_t depth) {
    if (!value.is_object()) return at + " must be a schema object";
    return check(value.get_object(), at, asking, depth + 1);
  }

  std::string check_list(const json::value& value, const std::string& at, bool asking, std::size_t depth) {
    if (!value.is_array() || value.get_array().empty()) return at + " must be an array of schemas";
    std::size_t index = 0;
    for (const auto& item : value.get_array()) {
      std::string fault = check_one(item, child_pointer(at, std::to_string(index++)), asking, depth);
      if (!fault.empty()) return fault;
    }
    return "";
  }

  std::string check_map(const json::value& value, const std::string& at, bool asking, std::size_t depth,
                        bool or_names) {
    if (!value.is_object()) return at + " must be an object";
    for (const auto& member : value.get_object()) {
      if (or_names && all_strings(member.value())) continue;
      std::string fault = check_one(member.value(), child_pointer(at, member.key()), asking, depth);
      if (!fault.empty()) return fault;
    }
    return "";
  }

  // A secret is a string: only a string can be a token in what the plugin reads.
  static std::string secret_fault(const json::object& schema, std::string_view at) {
    const auto* flag = schema.if_contains("writeOnly");
    if (flag == nullptr || !flag->get_bool()) return "";
    const auto* type = schema.if_contains("type");
    if (type == nullptr || !type->is_string() || type->get_string() != "string") {
      return "marks " + std::string(at) + " writeOnly, which needs \"type\": \"string\" beside it";
    }
    if (schema.contains("default")) return "gives the secret " + std::string(at) + " a default";
    return "";
  }
};

}  // namespace

std::string schema_fault(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() != "object") {
    return "needs \"type\": \"object\" at the top, since settings are an object";
  }
  return ProfileCheck().check(schema, "", false, 0);
}

}  // namespace tocsin::plugin
