// Reads a URL that someone gave us to send to, more strictly than any parser that will see it later: whatever
// two parsers could read differently is refused. Does no DNS; the socket's address is judged again later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.hpp"
#include "security/address_policy.hpp"

namespace tocsin::net {

struct EgressTarget {
  bool plain = false;  // http: only ever to an address the operator opened
  std::string host;    // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 0;
  std::optional<security::Address> literal;
};

// The ports a URL may name unless the operator opened its literal address.
[[nodiscard]] bool is_web_port(std::uint16_t port);

// kInvalid: not a URL we read; kForbidden: a URL the policy refuses. The text never quotes the URL.
[[nodiscard]] Result<EgressTarget> read_egress_url(std::string_view url,
                                                   const security::AddressPolicy& policy);

// The rules of a host that is no literal address, in lower case; `what` begins the sentence: "the server".
// kInvalid: no host name; kForbidden: one that leads to no public host.
[[nodiscard]] Result<void> check_host_name(std::string_view host, const std::string& what);

// True where libcurl finds the same host and port in `url` (curl_url.cpp).
[[nodiscard]] bool curl_reads_alike(std::string_view url, const EgressTarget& target);

}  // namespace tocsin::net
