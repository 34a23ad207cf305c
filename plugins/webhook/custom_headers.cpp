// The reserved list stands here in the open, each group with its reason; the checks are in the header's order
// of what an admin would want to hear first.
#include "custom_headers.hpp"

#include <algorithm>
#include <array>
#include <tocsin/plugin.hpp>

namespace webhook {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Exact names, lower case.
constexpr std::array<std::string_view, 24> kReserved{
    // where the request goes, and its framing
    "host", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
    "http2-settings",
    // what the host itself decides
    "accept-encoding", "range", "cookie", "cookie2", "set-cookie", "user-agent", "proxy",
    // claims about who sent it
    "via", "forwarded", "x-real-ip",
    // instance metadata services answer only to these
    "metadata", "metadata-flavor",
    // the method in disguise
    "x-http-method-override", "x-http-method", "x-method-override"};

// Whole families, lower case.
constexpr std::array<std::string_view, 8> kReservedPrefixes{
    "content-", "x-forwarded-", "proxy-",          "webhook-",
    "svix-",    "ce-",          "x-hub-signature", "x-aws-ec2-metadata-token"};

// A name as it may stand in an error text: what cannot be printed becomes '?'.
std::string printable(std::string_view name) {
  std::string out(name.substr(0, 64));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

std::optional<std::string> fault_of(std::string_view name) {
  if (name.empty()) return "a custom header has an empty name; give it one or remove it";
  const std::string shown = "custom header \"" + printable(name) + "\": ";
  if (name.size() > 64) return shown + "the name is longer than 64 characters; choose a shorter one";
  if (tocsin_header_name_ok(tocsin::c_str(name)) == 0) {
    return shown + "a header name has only letters, digits and !#$%&'*+-.^_`|~; remove the other characters";
  }
  if (is_reserved_header(name)) {
    return shown +
           "this name is reserved, because the host or the signature sets it; choose another, such as \"X-" +
           printable(name.substr(0, 40)) + "\"";
  }
  return std::nullopt;
}

}  // namespace

bool is_reserved_header(std::string_view name) {
  const std::string key = lower(name);
  return std::find(kReserved.begin(), kReserved.end(), key) != kReserved.end() ||
         std::any_of(kReservedPrefixes.begin(), kReservedPrefixes.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); });
}

std::optional<HeaderFault> find_header_fault(const std::vector<std::string_view>& names) {
  if (names.size() > kMaxCustomHeaders) {
    return HeaderFault{"", std::to_string(names.size()) + " custom headers are set; at most 20 are allowed"};
  }
  std::vector<std::string> seen;
  for (const std::string_view name : names) {
    if (auto fault = fault_of(name)) return HeaderFault{std::string(name), std::move(*fault)};
    std::string key = lower(name);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      return HeaderFault{std::string(name), "custom header \"" + printable(name) +
                                                "\" is set twice (case does not count); keep one of them"};
    }
    seen.push_back(std::move(key));
  }
  return std::nullopt;
}

}  // namespace webhook
