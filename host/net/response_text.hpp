// Writes the head of a response by hand into a string that is used again: the generic serialisers cost more
// than the answer. Pure. The body is sent beside it, not copied into it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace tocsin::net {

// What a response needs to know of its request and connection.
struct ResponseFrame {
  bool keep_alive = true;
  bool http10 = false;
  std::string_view date;  // IMF-fixdate
  bool streamed = false;  // its end is the connection's
};

// A status from 200 to 599; header names that are tokens and none that frames the message; values without
// control characters. "" or what is wrong.
[[nodiscard]] std::string_view response_fault(const HttpResponse& response);
// `response` must be without fault.
void write_response_head(std::string& out, const HttpResponse& response, const ResponseFrame& frame);
// 204 and 304 have none, whatever the handler put there.
[[nodiscard]] bool status_has_body(int status);
[[nodiscard]] std::string_view reason_phrase(int status);
// "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string format_http_date(std::int64_t unix_s);

}  // namespace tocsin::net
