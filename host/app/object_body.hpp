// What a request's body does to what is stored, before anything reads it as a channel or a rule. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace tocsin::app {

// Whether an If-Match header lets a change of what has this etag pass; "" where there is nothing.
[[nodiscard]] bool matches(std::string_view if_match, const std::string& etag);
// RFC 7396.
void merge_patch(boost::json::value& target, const boost::json::value& patch);
// In arrays as elsewhere null is as if it were left out; the configuration's format has none.
void drop_nulls(boost::json::value& value);
// Of a default alert set: what the configuration's reader does not say of JSON as one would expect it.
[[nodiscard]] Result<void> check_alerts(const boost::json::object& members);

}  // namespace tocsin::app
