// See browser.hpp.
#include "api/browser.hpp"

#include <algorithm>

namespace tocsin::api {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool same_host(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view find_cookie(const net::HttpRequest& request, std::string_view name) {
  std::string_view rest = request.header("cookie");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto pair = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (const auto equals = pair.find('='); equals != pair.npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

std::string_view find_session_cookie(const net::HttpRequest& request) {
  const auto secure = find_cookie(request, kSecureSessionCookie);
  return secure.empty() ? find_cookie(request, kSessionCookie) : secure;
}

Site judge_site(const net::HttpRequest& request) {
  if (const auto site = request.header("sec-fetch-site"); !site.empty()) {
    return site == "same-origin" ? Site::kOurs : Site::kAnother;
  }
  const auto origin = request.header("origin");
  if (origin.empty()) return Site::kUnknown;
  const auto scheme = origin.find("://");
  if (scheme == origin.npos) return Site::kAnother;  // "null"
  return same_host(origin.substr(scheme + 3), request.header("host")) ? Site::kOurs : Site::kAnother;
}

bool is_over_https(const net::HttpRequest& request) {
  return request.header("origin").starts_with("https://");
}

bool changes_something(const net::HttpRequest& request) {
  return request.method != "GET" && request.method != "HEAD";
}

}  // namespace tocsin::api
