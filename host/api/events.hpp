// How the fault of an event is answered.
#pragma once

#include <string_view>

#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::api {

// Text that is no JSON is 400, JSON that is no event 422, each with its pointers.
[[nodiscard]] net::HttpResponse make_event_problem(const Error& error, std::string_view request_id);

}  // namespace tocsin::api
