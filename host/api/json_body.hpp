// A request's body as a JSON object, read as strictly as an event is, and how a fault in a request is told.
// Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "model/error.hpp"
#include "security/principal.hpp"

namespace tocsin::api {

// kMalformed: no JSON, or a member's name twice in one object. kInvalid: JSON of another kind; both end with
// `wanted`, which says what to send.
[[nodiscard]] Result<boost::json::object> read_object(std::string_view body, std::string_view wanted);

// A JSON pointer (RFC 6901) to a member of the body, whatever it is called.
[[nodiscard]] std::string pointer_to(std::string_view member);

// Why a token or a link is not made: it would give a permission that its maker has not.
[[nodiscard]] std::string lacks(security::Permission permission);

// What is said of a text that should be a time.
inline constexpr const char* kTimeWanted = "must be an RFC 3339 time such as 2026-11-23T08:00:00Z";

// kInvalid about one place: a JSON pointer into the body, or a query parameter's name.
[[nodiscard]] Error bad_place(std::string place, std::string message);

}  // namespace tocsin::api
