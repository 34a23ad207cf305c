// The API as OpenAPI 3.1: host/api/openapi.json, built in. The unit tests hold its list of operations against
// the table of endpoints, the end-to-end tests every answer against its schemas.
#pragma once

#include <string_view>

namespace tocsin::api {

[[nodiscard]] std::string_view openapi_document();

}  // namespace tocsin::api
