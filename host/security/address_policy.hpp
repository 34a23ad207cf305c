// Which addresses the host may connect to: every private, special and metadata range is refused, whatever
// name led there; an operator can open CIDRs (egress.allow), metadata addresses never. Pure; the sockets are
// net's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace tocsin::security {

// An IPv4 or IPv6 address; IPv4-mapped IPv6 is unwrapped to IPv4 by the makers below.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
  bool operator==(const Address&) const = default;
};
// Canonical dotted quad or IPv6 text (RFC 4291, no zone, no brackets); nullopt otherwise ("127.1", "0x7f.1").
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
[[nodiscard]] Address make_v4(const std::uint8_t* four_bytes);
[[nodiscard]] Address make_v6(const std::uint8_t* sixteen_bytes);
[[nodiscard]] std::string to_string(const Address& address);

struct Cidr {
  Address base;
  int bits = 0;
  [[nodiscard]] bool contains(const Address& address) const;
};
// "127.0.0.0/8", "::1/128", "10.1.2.3" (one address). kInvalid names what is wrong.
[[nodiscard]] Result<Cidr> parse_cidr(std::string_view text);

// A refusal as a sentence with its fix: "the URL's address is not allowed (private network); …". `why` is
// what AddressPolicy::refusal said.
[[nodiscard]] std::string describe_refusal(std::string_view subject, std::string_view why);

class AddressPolicy {
 public:
  AddressPolicy() = default;
  explicit AddressPolicy(std::vector<Cidr> allowed) : allowed_(std::move(allowed)) {}
  // nullptr: may connect. Else why not: "loopback", "private network", "cloud metadata", … (static text).
  [[nodiscard]] const char* refusal(const Address& address) const;
  // True where the operator opened this very address: plain http and any port are then allowed too.
  [[nodiscard]] bool opened(const Address& address) const;

 private:
  std::vector<Cidr> allowed_;
};

}  // namespace tocsin::security
