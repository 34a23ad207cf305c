// RFC 9457 problem documents: the one shape of every HTTP error, whoever found it (parser, endpoint, store).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::net {

// `kind` is the stable last part of `type` ("/problems/storage-full"; docs/problems.md has one entry a kind).
[[nodiscard]] HttpResponse make_problem(int status, std::string_view kind, std::string_view detail,
                                        const std::vector<FieldError>& fields = {},
                                        std::string_view request_id = {});
// Status and kind by the error's code; 429/503 carry Retry-After.
[[nodiscard]] HttpResponse make_problem(const Error& error, std::string_view request_id = {});

}  // namespace tocsin::net
