// libcurl sends header lines as they are given: a line feed inside a value would be a second header. So
// nothing goes to it that is not a token and visible text.
#include "net/header_rules.hpp"

#include <algorithm>

#include "net/exchange.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestValue = 4096;
constexpr std::string_view kFraming[] = {"host",           "content-length",   "transfer-encoding",
                                         "connection",     "keep-alive",       "te",
                                         "trailer",        "upgrade",          "expect",
                                         "http2-settings", "proxy-connection", "proxy-authorization"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_framing_header(std::string_view name) {
  return std::any_of(std::begin(kFraming), std::end(kFraming),
                     [&](std::string_view framing) { return equal_ignoring_case(framing, name); });
}

std::string header_refusal(std::string_view name, std::string_view value) {
  if (name.empty()) {
    return "the header's name is empty";
  }
  if (name.size() > kLongestName) {
    return "the header's name is longer than 64 characters";
  }
  if (!std::all_of(name.begin(), name.end(), is_token_char)) {
    return "the header's name has a character other than letters, digits and !#$%&'*+-.^_`|~";
  }
  if (value.size() > kLongestValue) {
    return "the header's value is longer than 4096 characters";
  }
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back()))) {
    return "the header's value begins or ends with a blank";
  }
  for (const char c : value) {
    if ((c < 0x20 || c > 0x7e) && c != '\t') {
      return "the header's value has a character that is not visible ASCII, a space or a tab";
    }
  }
  return {};
}

}  // namespace tocsin::net
