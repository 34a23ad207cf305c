// Where a plugin may connect to: the patterns of its descriptor and the "host:port" of a URL. Pure text; what
// addresses those names may lead to is decided at the socket, in net.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin::plugin {

inline constexpr std::string_view kFromSettings = "settings:";

// What a pattern that starts with kFromSettings names: a setting with a URL, or two with a mail server's name
// and port.
struct SettingsTarget {
  std::string_view pointer;
  std::string_view port;  // empty: `pointer` is of a URL
};
[[nodiscard]] SettingsTarget settings_target(std::string_view pattern);

// "" where `pattern` is "host:port", "*.host:port", "settings:/url" or "settings:/server,/port"; else what is
// wrong with it.
[[nodiscard]] std::string egress_pattern_fault(std::string_view pattern);
// "host:port" of an absolute http(s) URL, host in lower case, the port always there; IPv6 in brackets.
// nullopt: no such URL, or one with userinfo or a fragment.
[[nodiscard]] std::optional<std::string> find_target(std::string_view url);
// "host:port" of a server by name or address, the host in lower case; IPv6 in brackets.
[[nodiscard]] std::string server_target(std::string_view server, unsigned port);
// Whether `target` ("host:port") is one of `allowed`, some of which may start with "*.".
[[nodiscard]] bool target_allowed(std::string_view target, std::span<const std::string> allowed);

}  // namespace tocsin::plugin
