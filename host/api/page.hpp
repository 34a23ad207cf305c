// How much of a list a request asks for. Pure.
#pragma once

#include <cstddef>

#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::api {

// The query's `limit`, 1 to 200; 50 where it is left out.
[[nodiscard]] Result<std::size_t> read_limit(const net::HttpRequest& request);

}  // namespace tocsin::api
