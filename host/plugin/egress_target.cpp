// See egress_target.hpp. The URL reader is narrow on purpose: whatever it does not understand has no target
// and is refused.
#include "plugin/egress_target.hpp"

#include <algorithm>
#include <charconv>

namespace tocsin::plugin {
namespace {

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 65535 &&
         text.front() != '0';
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Lower-case labels joined by dots.
std::size_t count_labels(std::string_view host) {
  std::size_t labels = 0;
  while (true) {
    const auto dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return 0;
    ++labels;
    if (dot == host.npos) return labels;
    host.remove_prefix(dot + 1);
  }
}

bool is_bracketed_v6(std::string_view host) {
  return host.size() > 4 && host.front() == '[' && host.back() == ']' &&
         host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

SettingsTarget settings_target(std::string_view pattern) {
  const std::string_view pointers = pattern.substr(kFromSettings.size());
  const auto comma = pointers.find(",/");
  if (comma == pointers.npos) return {pointers, {}};
  return {pointers.substr(0, comma), pointers.substr(comma + 1)};
}

std::string egress_pattern_fault(std::string_view pattern) {
  if (pattern.starts_with(kFromSettings)) {
    const auto [pointer, port] = settings_target(pattern);
    return pointer.size() > 1 && pointer.front() == '/' && port.size() != 1
               ? ""
               : "after \"settings:\" it needs a JSON pointer to a URL such as /url, or two to a mail server "
                 "and "
                 "its port such as /server,/port";
  }
  const auto colon = pattern.rfind(':');
  if (colon == pattern.npos || colon + 1 == pattern.size() || !is_port(pattern.substr(colon + 1))) {
    return "it needs a port from 1 to 65535, as in \"api.example.com:443\"";
  }
  std::string_view host = pattern.substr(0, colon);
  const bool wild = host.starts_with("*.");
  if (wild) host.remove_prefix(2);
  if (!wild && is_bracketed_v6(host)) return "";
  const std::size_t labels = count_labels(host);
  if (labels == 0) return "its host is not a lower-case name such as \"api.example.com\"";
  if (wild && labels < 2) return "a wildcard needs at least two labels after it, as in \"*.example.com:443\"";
  return "";
}

std::optional<std::string> find_target(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == url.npos || colon > 5) return std::nullopt;
  const std::string scheme = lower(url.substr(0, colon));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  std::string_view authority = url.substr(colon + 3);
  if (authority.find_first_of("#\\") != authority.npos) return std::nullopt;
  authority = authority.substr(0, authority.find_first_of("/?"));
  if (authority.find('@') != authority.npos) return std::nullopt;
  std::string host = lower(authority);
  std::string port = scheme == "https" ? "443" : "80";
  const auto bracket = host.rfind(']');
  const auto last = host.find(':', bracket == host.npos ? 0 : bracket);
  if (last != host.npos) {
    port = host.substr(last + 1);
    host.resize(last);
    if (port.empty() || !is_port(port)) return std::nullopt;
  }
  if (host.ends_with('.')) host.pop_back();
  if (!is_bracketed_v6(host) && count_labels(host) == 0) return std::nullopt;
  return host + ':' + port;
}

std::string server_target(std::string_view server, unsigned port) {
  const bool bare_v6 = server.find(':') != server.npos && !server.starts_with('[');
  const std::string host = lower(server);
  return (bare_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

bool target_allowed(std::string_view target, std::span<const std::string> allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view pattern) {
    if (!pattern.starts_with("*.")) return pattern == target;
    const std::string_view suffix = pattern.substr(1);  // ".example.com:443"
    return target.size() > suffix.size() && target.ends_with(suffix);
  });
}

}  // namespace tocsin::plugin
