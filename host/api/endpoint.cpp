// See endpoint.hpp. A dozen paths: a walk down the table is faster than anything cleverer.
#include "api/endpoint.hpp"

#include <optional>

namespace tocsin::api {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// nullopt: a broken escape, or an escaped NUL.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// True where `path` has the shape of `pattern`; fills the arguments.
bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& arguments) {
  arguments.clear();
  while (true) {
    const auto pattern_end = pattern.find('/', 1);
    const auto path_end = path.find('/', 1);
    const auto wanted = pattern.substr(0, pattern_end);
    const auto given = path.substr(0, path_end);
    if (wanted.starts_with("/{")) {
      const auto argument = percent_decode(given.substr(given.empty() ? 0 : 1));
      if (!argument || argument->empty()) return false;
      arguments.push_back(*argument);
    } else if (wanted != given) {
      return false;
    }
    if (pattern_end == std::string_view::npos || path_end == std::string_view::npos) {
      return pattern_end == path_end;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
}

// HEAD is GET without the body, which the server leaves out.
bool serves(const Endpoint& endpoint, std::string_view method) {
  return endpoint.method == method || (endpoint.method == "GET" && method == "HEAD");
}

}  // namespace

std::string encode_segment(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kMarks = "-._~:@!$&'()*+,;=";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || kMarks.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Route find_route(const std::vector<Endpoint>& endpoints, std::string_view method, std::string_view path) {
  Route route;
  std::vector<std::string> arguments;
  for (const auto& endpoint : endpoints) {
    if (!match_path(endpoint.path, path, arguments)) continue;
    if (serves(endpoint, method)) {
      route.endpoint = &endpoint;
      route.arguments = std::move(arguments);
      return route;
    }
    if (!route.allow.empty()) route.allow += ", ";
    route.allow += endpoint.method;
    if (endpoint.method == "GET") route.allow += ", HEAD";
  }
  return route;
}

}  // namespace tocsin::api
