// What a browser says about itself: its cookies, and whose page made it send a request. Pure.
#pragma once

#include <string_view>

#include "net/http_server.hpp"

namespace tocsin::api {

inline constexpr std::string_view kSessionCookie = "tocsin_session";

// The value of the first cookie of this name; "" where there is none.
[[nodiscard]] std::string_view find_cookie(const net::HttpRequest& request, std::string_view name);

enum class Site {
  kOurs,     // a page of the very host and port that the request goes to
  kAnother,  // somebody else's page
  kUnknown,  // it does not say: no browser, or an old one
};
// By Sec-Fetch-Site, which no page can set; else by Origin against Host.
[[nodiscard]] Site judge_site(const net::HttpRequest& request);

[[nodiscard]] bool changes_something(const net::HttpRequest& request);

}  // namespace tocsin::api
