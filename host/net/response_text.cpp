// See response_text.hpp.
#include "net/response_text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "net/request_head.hpp"

namespace tocsin::net {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {{200, "OK"},
                               {201, "Created"},
                               {202, "Accepted"},
                               {204, "No Content"},
                               {207, "Multi-Status"},
                               {301, "Moved Permanently"},
                               {302, "Found"},
                               {303, "See Other"},
                               {304, "Not Modified"},
                               {307, "Temporary Redirect"},
                               {308, "Permanent Redirect"},
                               {400, "Bad Request"},
                               {401, "Unauthorized"},
                               {403, "Forbidden"},
                               {404, "Not Found"},
                               {405, "Method Not Allowed"},
                               {406, "Not Acceptable"},
                               {408, "Request Timeout"},
                               {409, "Conflict"},
                               {410, "Gone"},
                               {412, "Precondition Failed"},
                               {413, "Content Too Large"},
                               {414, "URI Too Long"},
                               {415, "Unsupported Media Type"},
                               {417, "Expectation Failed"},
                               {421, "Misdirected Request"},
                               {422, "Unprocessable Content"},
                               {428, "Precondition Required"},
                               {429, "Too Many Requests"},
                               {431, "Request Header Fields Too Large"},
                               {500, "Internal Server Error"},
                               {501, "Not Implemented"},
                               {502, "Bad Gateway"},
                               {503, "Service Unavailable"},
                               {504, "Gateway Timeout"},
                               {505, "HTTP Version Not Supported"}};

bool named(std::string_view name, std::string_view lower_name) {
  return name.size() == lower_name.size() &&
         std::equal(name.begin(), name.end(), lower_name.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
         });
}

// The server alone frames messages.
bool frames(std::string_view name) {
  return named(name, "content-length") || named(name, "transfer-encoding") || named(name, "connection") ||
         named(name, "content-type") || named(name, "date");
}

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

}  // namespace

std::string_view response_fault(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599) return "the status is not between 200 and 599";
  if (!is_field_value(response.content_type)) return "the content type holds a control character";
  for (const Header& header : response.headers) {
    if (!is_token(header.name)) return "a header name is not a token";
    if (!is_field_value(header.value)) return "a header value holds a control character";
    if (frames(header.name)) return "a header is one that the server itself sends";
  }
  return {};
}

void write_response_head(std::string& out, const HttpResponse& response, const ResponseFrame& frame) {
  out.assign("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\nDate: ").append(frame.date);
  if (status_has_body(response.status)) {
    if (!response.content_type.empty() && (frame.streamed || !response.body.empty())) {
      out.append("\r\nContent-Type: ").append(response.content_type);
    }
    if (!frame.streamed) {
      out.append("\r\nContent-Length: ");
      append_number(out, response.body.size());
    }
  }
  bool own_caching = false;
  for (const Header& header : response.headers) {
    if (named(header.name, "cache-control")) own_caching = true;
    out.append("\r\n").append(header.name).append(": ").append(header.value);
  }
  if (!own_caching) out += "\r\nCache-Control: no-store";
  out += "\r\nX-Content-Type-Options: nosniff";
  if (!frame.keep_alive) {
    out += "\r\nConnection: close";
  } else if (frame.http10) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n\r\n";
}

bool status_has_body(int status) {
  return status != 204 && status != 304;
}

std::string_view reason_phrase(int status) {
  const auto* found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                   [status](const Reason& reason) { return reason.status == status; });
  return found != std::end(kReasons) ? found->phrase : "Status";
}

std::string format_http_date(std::int64_t unix_s) {
  using namespace std::chrono;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds at{seconds{unix_s}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<seconds> time{at - day};
  char text[64];
  const int length = std::snprintf(
      text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace tocsin::net
