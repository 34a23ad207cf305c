// What a browser says about itself: its cookies, and whose page made it send a request. Pure.
#pragma once

#include <string_view>

#include "net/http_server.hpp"

namespace tocsin::api {

inline constexpr std::string_view kSessionCookie = "tocsin_session";
// The same where the page came over https: no other host, no plain http and no script can plant it.
inline constexpr std::string_view kSecureSessionCookie = "__Host-tocsin_session";

// The secret of the console session that the browser sends; "" where there is none.
[[nodiscard]] std::string_view find_session_cookie(const net::HttpRequest& request);

// The value of the first cookie of this name; "" where there is none.
[[nodiscard]] std::string_view find_cookie(const net::HttpRequest& request, std::string_view name);

enum class Site {
  kOurs,     // a page of the very host and port that the request goes to
  kAnother,  // somebody else's page
  kUnknown,  // it does not say: no browser, or an old one
};
// By Sec-Fetch-Site, which no page can set; else by Origin against Host.
[[nodiscard]] Site judge_site(const net::HttpRequest& request);

// The page came over https, whoever ended that before us. A page cannot set its Origin.
[[nodiscard]] bool is_over_https(const net::HttpRequest& request);

[[nodiscard]] bool changes_something(const net::HttpRequest& request);

}  // namespace tocsin::api
