// Where a plugin may connect to: the patterns of its descriptor and the "host:port" of a URL. Pure text; what
// addresses those names may lead to is decided at the socket, in net.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin::plugin {

inline constexpr std::string_view kFromSettings = "settings:";

// "" where `pattern` is "host:port", "*.host:port" or "settings:/pointer"; else what is wrong with it.
[[nodiscard]] std::string egress_pattern_fault(std::string_view pattern);
// "host:port" of an absolute http(s) URL, host in lower case, the port always there; IPv6 in brackets.
// nullopt: no such URL, or one with userinfo or a fragment.
[[nodiscard]] std::optional<std::string> find_target(std::string_view url);
// Whether `target` ("host:port") is one of `allowed`, some of which may start with "*.".
[[nodiscard]] bool target_allowed(std::string_view target, std::span<const std::string> allowed);

}  // namespace tocsin::plugin
