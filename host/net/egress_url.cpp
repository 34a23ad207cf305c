// The rules, one function each. The order is that of the text, so the first thing wrong is what is named.
#include "net/egress_url.hpp"

#include <algorithm>
#include <charconv>

#include "net/header_rules.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kLongestUrl = 8192;
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestLabel = 63;

// Top-level names that never lead to a public host: reserved by RFC 2606, 6761, 6762, 7686, 8375 and 9476 or
// by ICANN, or in wide use for what stands inside a network.
constexpr std::string_view kReservedTops[] = {
    "alt",      "arpa",      "cluster", "consul", "corp",    "docker", "example", "home",
    "internal", "intranet",  "invalid", "k8s",    "kube",    "lan",    "local",   "localdomain",
    "mail",     "localhost", "nomad",   "onion",  "private", "router", "svc",     "test"};

Error invalid(std::string why) {
  return make_error(Errc::kInvalid, std::move(why));
}
Error forbidden(std::string why) {
  return make_error(Errc::kForbidden, std::move(why));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Result<void> check_characters(std::string_view url) {
  if (url.empty()) {
    return invalid("the URL is empty");
  }
  if (url.size() > kLongestUrl) {
    return invalid("the URL is longer than 8192 characters");
  }
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return invalid("the URL has a space or control character; percent-encode it");
    }
    if (byte >= 0x80) {
      return invalid(
          "the URL has a character that is not ASCII; write the host as xn--… and percent-encode the rest");
    }
    if (c == '\\') {
      return invalid("the URL has a backslash, which programs read in different ways; use / or %5C");
    }
    if (c == '#') {
      return invalid("the URL has a fragment (#…), which is never sent; remove it");
    }
  }
  return {};
}

// Removes the scheme and "://"; true for plain http.
Result<bool> take_scheme(std::string_view& url) {
  const auto colon = url.find(':');
  const auto scheme = url.substr(0, colon);
  const bool plain = equal_ignoring_case(scheme, "http");
  if (colon == url.npos || (!plain && !equal_ignoring_case(scheme, "https"))) {
    return invalid("the URL must begin with https://");
  }
  url.remove_prefix(colon + 1);
  if (!url.starts_with("//")) {
    return invalid("the URL must begin with https:// and a host");
  }
  url.remove_prefix(2);
  return plain;
}

Result<std::uint16_t> read_port(std::string_view digits) {
  unsigned port = 0;
  const char* const end = digits.data() + digits.size();
  const bool plain =
      !digits.empty() && digits.front() != '0' && std::all_of(digits.begin(), digits.end(), is_digit);
  if (!plain || std::from_chars(digits.data(), end, port).ec != std::errc() || port > 65535) {
    return invalid("the URL's port is not a number between 1 and 65535");
  }
  return static_cast<std::uint16_t>(port);
}

// Would some resolver take this label for a number and the host for an IPv4 address?
bool is_numeric(std::string_view label) {
  if (label.starts_with("0x")) {
    label.remove_prefix(2);
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  }
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

Result<void> check_label(std::string_view label, const std::string& what) {
  if (label.empty() || label.size() > kLongestLabel) {
    return invalid(what + " has an empty label or one longer than 63 characters");
  }
  const bool known = std::all_of(label.begin(), label.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
  if (!known || label.front() == '-' || label.back() == '-') {
    return invalid(what + " is not a host name: letters, digits and inner hyphens, separated by dots");
  }
  return {};
}

// Splits "host:port" or "[v6]:port" and checks the host's form.
Result<void> read_authority(std::string_view authority, EgressTarget& target) {
  if (authority.empty()) {
    return invalid("the URL has no host");
  }
  if (authority.find('@') != authority.npos) {
    return invalid("the URL has a user name or password before the host; use a header instead");
  }
  if (authority.find('%') != authority.npos) {
    return invalid("the URL's host has a percent sign: zone ids and encoded hosts are not taken");
  }
  std::string_view port;
  bool has_port = false;
  if (authority.front() == '[') {
    const auto bracket = authority.find(']');
    if (bracket == authority.npos || (bracket + 1 < authority.size() && authority[bracket + 1] != ':')) {
      return invalid("the URL's IPv6 address is not written as [address] or [address]:port");
    }
    target.host = authority.substr(1, bracket - 1);
    has_port = bracket + 1 < authority.size();
    port = has_port ? authority.substr(bracket + 2) : port;
    target.literal = security::parse_address(target.host);
    if (!target.literal || target.host.find(':') == std::string::npos) {
      return invalid("the URL's host in brackets is not an IPv6 address");
    }
  } else {
    const auto colon = authority.find(':');
    target.host = authority.substr(0, colon);
    has_port = colon != authority.npos;
    port = has_port ? authority.substr(colon + 1) : port;
    if (target.host.empty()) {
      return invalid("the URL has no host");
    }
    target.literal = security::parse_address(target.host);
  }
  target.port = target.plain ? 80 : 443;
  if (has_port) {
    const auto read = read_port(port);
    if (!read) {
      return read.error();
    }
    target.port = *read;
  }
  return {};
}

Result<void> apply_policy(const EgressTarget& target, const security::AddressPolicy& policy) {
  const bool opened = target.literal && policy.opened(*target.literal);
  if (target.literal) {
    if (const char* why = policy.refusal(*target.literal)) {
      return forbidden(security::describe_refusal("the URL's address", why));
    }
  }
  if (target.plain && !opened) {
    return forbidden("plain http is not allowed; use https");
  }
  if (!opened && !is_web_port(target.port)) {
    return forbidden("the URL's port is not allowed; use 443 or 8443");
  }
  return {};
}

}  // namespace

bool is_web_port(std::uint16_t port) {
  return port == 443 || port == 8443;
}

Result<void> check_host_name(std::string_view host, const std::string& what) {
  if (host.size() > kLongestHost) {
    return invalid(what + " is longer than 253 characters");
  }
  if (host.ends_with('.')) {
    return forbidden(what + " ends with a dot; remove it");
  }
  std::string_view top = host;
  for (std::string_view rest = host;;) {
    const auto dot = rest.find('.');
    top = rest.substr(0, dot);
    if (auto checked = check_label(top, what); !checked) {
      return checked;
    }
    if (dot == rest.npos) {
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  if (is_numeric(top)) {
    return invalid(what +
                   " is a number; write an IPv4 address as four decimal numbers without leading zeros");
  }
  if (top.size() == host.size()) {
    return forbidden(what + " has no domain; write the full public name");
  }
  if (std::find(std::begin(kReservedTops), std::end(kReservedTops), top) != std::end(kReservedTops)) {
    return forbidden("hosts under ." + std::string(top) + " are not public; use a public name");
  }
  return {};
}

Result<EgressTarget> read_egress_url(std::string_view url, const security::AddressPolicy& policy) {
  if (auto checked = check_characters(url); !checked) {
    return checked.error();
  }
  EgressTarget target;
  const auto plain = take_scheme(url);
  if (!plain) {
    return plain.error();
  }
  target.plain = *plain;
  std::string authority(url.substr(0, url.find_first_of("/?")));
  std::transform(authority.begin(), authority.end(), authority.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (auto read = read_authority(authority, target); !read) {
    return read.error();
  }
  if (!target.literal) {
    if (auto checked = check_host_name(target.host, "the URL's host"); !checked) {
      return checked.error();
    }
  }
  if (auto allowed = apply_policy(target, policy); !allowed) {
    return allowed.error();
  }
  return target;
}

}  // namespace tocsin::net
