// Walking settings beside their schema: which subschema a value has, what the schema fills in, which strings
// are secrets, and the two rules that are not the validator's (pattern, format). Pure functions over JSON.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace tocsin::plugin {

// The schema of the value at `pointer`, by properties, additionalProperties and items; nullptr where the
// schema does not describe it.
[[nodiscard]] const boost::json::object* find_subschema(const boost::json::object& schema,
                                                        std::string_view pointer);

// Fills in "default" for each property that is absent, outermost first.
void apply_defaults(const boost::json::object& schema, boost::json::value& settings);

// Calls `visit(pointer, subschema, value)` for every value that has a subschema, parents first, in document
// order.
using ValueVisitor =
    std::function<void(const std::string& pointer, const boost::json::object& schema, boost::json::value&)>;
void visit_values(const boost::json::object& schema, boost::json::value& settings, const ValueVisitor& visit);

[[nodiscard]] bool is_write_only(const boost::json::object& schema);

// Faults of pattern and format: uri, http-header-value, email, hostname; others are notes to people.
[[nodiscard]] std::vector<FieldError> text_faults(const boost::json::object& schema,
                                                  boost::json::value& settings);

}  // namespace tocsin::plugin
