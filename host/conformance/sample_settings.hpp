// Settings out of a schema: what an admin might type. Pure; whether they are accepted is seen elsewhere.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace tocsin::conformance {

// A value that the schema should accept: its const, first example, default or first enum value, else one made
// from type, format and bounds. Of an object the required properties, or all of them.
[[nodiscard]] boost::json::value sample_value(const boost::json::object& schema, bool all);

}  // namespace tocsin::conformance
