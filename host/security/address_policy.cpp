// The ranges come from the IANA special-purpose registries plus the addresses clouds serve credentials from.
// IPv6 is refused unless it is global unicast (2000::/3), so a range registered tomorrow is refused today.
#include "security/address_policy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

namespace tocsin::security {
namespace {

struct Range {
  std::array<std::uint8_t, 16> base;
  int bits;
  const char* why;
};

constexpr Range v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, int bits,
                   const char* why) {
  return Range{{a, b, c, d}, bits, why};
}

constexpr Range v6(std::array<std::uint16_t, 8> groups, int bits, const char* why) {
  Range range{{}, bits, why};
  for (std::size_t i = 0; i < 8; ++i) {
    range.base[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    range.base[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return range;
}

constexpr const char* kMetadata = "cloud metadata";
constexpr const char* kSpecial = "special-purpose network";

// Never allowed, whatever the operator writes.
constexpr Range kMetadataV4[] = {
    v4(169, 254, 169, 254, 32, kMetadata),  // AWS, Azure, GCP and most others
    v4(169, 254, 170, 2, 32, kMetadata),    // AWS ECS task credentials
    v4(169, 254, 170, 23, 32, kMetadata),   // AWS EKS pod identity
    v4(100, 100, 100, 200, 32, kMetadata),  // Alibaba
    v4(192, 0, 0, 192, 32, kMetadata),      // Oracle classic
    v4(168, 63, 129, 16, 32, kMetadata),    // Azure WireServer, in public space
};
constexpr Range kMetadataV6[] = {
    v6({0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254}, 128, kMetadata),  // AWS
    v6({0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023}, 128, kMetadata),  // AWS EKS pod identity
    v6({0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254}, 128, kMetadata),  // GCP
};

constexpr Range kRefusedV4[] = {
    v4(0, 0, 0, 0, 8, "unspecified network"),  // RFC 791: this network
    v4(10, 0, 0, 0, 8, "private network"),     // RFC 1918
    v4(100, 64, 0, 0, 10, "shared network"),   // RFC 6598, CGNAT
    v4(127, 0, 0, 0, 8, "loopback"),
    v4(169, 254, 0, 0, 16, "link-local network"),
    v4(172, 16, 0, 0, 12, "private network"),
    v4(192, 0, 0, 0, 24, kSpecial),  // IETF protocol assignments
    v4(192, 0, 2, 0, 24, "documentation network"),
    v4(192, 31, 196, 0, 24, kSpecial),  // AS112
    v4(192, 52, 193, 0, 24, kSpecial),  // AMT
    v4(192, 88, 99, 0, 24, kSpecial),   // 6to4 relay anycast
    v4(192, 168, 0, 0, 16, "private network"),
    v4(192, 175, 48, 0, 24, kSpecial),  // AS112
    v4(198, 18, 0, 0, 15, "benchmarking network"),
    v4(198, 51, 100, 0, 24, "documentation network"),
    v4(203, 0, 113, 0, 24, "documentation network"),
    v4(224, 0, 0, 0, 4, "multicast"),
    v4(240, 0, 0, 0, 4, "reserved network"),  // and broadcast
};

constexpr Range kRefusedV6[] = {
    v6({0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback"),
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 128, "unspecified network"),
    v6({0xfc00, 0, 0, 0, 0, 0, 0, 0}, 7, "private network"),
    v6({0xfe80, 0, 0, 0, 0, 0, 0, 0}, 10, "link-local network"),
    v6({0xff00, 0, 0, 0, 0, 0, 0, 0}, 8, "multicast"),
    v6({0x2001, 0, 0, 0, 0, 0, 0, 0}, 23, kSpecial),  // Teredo, ORCHID, AMT, benchmarking, …
    v6({0x2001, 0x0db8, 0, 0, 0, 0, 0, 0}, 32, "documentation network"),
    v6({0x2002, 0, 0, 0, 0, 0, 0, 0}, 16, "6to4 network"),
    v6({0x2620, 0x004f, 0x8000, 0, 0, 0, 0, 0}, 48, kSpecial),         // AS112
    v6({0x3fff, 0, 0, 0, 0, 0, 0, 0}, 20, "documentation network"),    // RFC 9637
    v6({0x0064, 0xff9b, 0, 0, 0, 0, 0, 0}, 32, "translated network"),  // NAT64
    v6({0, 0, 0, 0, 0xffff, 0, 0, 0}, 96, "translated network"),       // SIIT
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 96, "IPv4-compatible address"),       // deprecated
    v6({0x5f00, 0, 0, 0, 0, 0, 0, 0}, 16, "segment routing network"),  // SRv6 SIDs
    v6({0x0100, 0, 0, 0, 0, 0, 0, 0}, 64, "discard network"),          // RFC 6666
    v6({0xfec0, 0, 0, 0, 0, 0, 0, 0}, 10, "private network"),          // site-local, deprecated
};
constexpr Range kGlobalUnicast = v6({0x2000, 0, 0, 0, 0, 0, 0, 0}, 3, "");

bool prefix_equal(const std::uint8_t* a, const std::uint8_t* b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a, b, whole) != 0) {
    return false;
  }
  const int rest = bits % 8;
  if (rest == 0) {
    return true;
  }
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((a[whole] ^ b[whole]) & mask) == 0;
}

const char* find_in(std::span<const Range> ranges, const Address& address) {
  for (const Range& range : ranges) {
    if (prefix_equal(range.base.data(), address.bytes.data(), range.bits)) {
      return range.why;
    }
  }
  return nullptr;
}

// The IPv4 address that a translating network would reach by this IPv6 one.
std::optional<Address> embedded_v4(const Address& address) {
  const auto& bytes = address.bytes;
  if (bytes[0] == 0x20 && bytes[1] == 0x02) {
    return make_v4(&bytes[2]);  // 6to4
  }
  static constexpr Range kLast32[] = {
      v6({0x0064, 0xff9b, 0, 0, 0, 0, 0, 0}, 32, ""),  // NAT64, both prefixes
      v6({0, 0, 0, 0, 0xffff, 0, 0, 0}, 96, ""),
      v6({0, 0, 0, 0, 0, 0, 0, 0}, 96, ""),
  };
  if (find_in(kLast32, address) != nullptr) {
    return make_v4(&bytes[12]);
  }
  return std::nullopt;
}

bool is_metadata(const Address& address) {
  if (!address.v6) {
    return find_in(kMetadataV4, address) != nullptr;
  }
  const auto inner = embedded_v4(address);
  return find_in(kMetadataV6, address) != nullptr || (inner && find_in(kMetadataV4, *inner) != nullptr);
}

}  // namespace

Address make_v4(const std::uint8_t* four_bytes) {
  Address address;
  std::copy_n(four_bytes, 4, address.bytes.begin());
  return address;
}

Address make_v6(const std::uint8_t* sixteen_bytes) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(sixteen_bytes, kMapped, sizeof kMapped) == 0) {
    return make_v4(sixteen_bytes + 12);
  }
  Address address;
  std::copy_n(sixteen_bytes, 16, address.bytes.begin());
  address.v6 = true;
  return address;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) {
    return std::nullopt;
  }
  const std::string copy(text);
  std::uint8_t bytes[16];
  if (text.find(':') != text.npos) {
    return inet_pton(AF_INET6, copy.c_str(), bytes) == 1 ? std::optional(make_v6(bytes)) : std::nullopt;
  }
  if (inet_pton(AF_INET, copy.c_str(), bytes) != 1) {
    return std::nullopt;
  }
  const Address address = make_v4(bytes);
  return to_string(address) == text ? std::optional(address) : std::nullopt;
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

bool Cidr::contains(const Address& address) const {
  return base.v6 == address.v6 && prefix_equal(base.bytes.data(), address.bytes.data(), bits);
}

Result<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto written = text.substr(0, slash);
  const auto address = parse_address(written);
  if (!address) {
    return make_error(
        Errc::kInvalid,
        "\"" + std::string(text) + "\" is not an address or CIDR; write it like 10.0.0.0/8 or ::1/128");
  }
  // "::ffff:127.0.0.0/104" was unwrapped to IPv4: its prefix counts from the 96th bit.
  const int shift = written.find(':') != written.npos && !address->v6 ? 96 : 0;
  const int widest = address->v6 ? 128 : 32;
  Cidr cidr{*address, widest};
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-' ||
        bits < shift || bits > widest + shift) {
      return make_error(Errc::kInvalid, "\"" + std::string(text) +
                                            "\" has a prefix length that is not between " +
                                            std::to_string(shift) + " and " + std::to_string(widest + shift));
    }
    cidr.bits = bits - shift;
  }
  Address masked = cidr.base;
  for (int bit = cidr.bits; bit < widest; ++bit) {
    masked.bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (bit % 8)));
  }
  if (masked != cidr.base) {
    return make_error(Errc::kInvalid, "\"" + std::string(text) + "\" has bits set after its prefix; write " +
                                          to_string(masked) + "/" + std::to_string(cidr.bits));
  }
  return cidr;
}

bool AddressPolicy::opened(const Address& address) const {
  return !allowed_.empty() && !is_metadata(address) &&
         std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const Cidr& cidr) { return cidr.contains(address); });
}

const char* AddressPolicy::refusal(const Address& address) const {
  if (is_metadata(address)) {
    return kMetadata;
  }
  if (opened(address)) {
    return nullptr;
  }
  if (!address.v6) {
    return find_in(kRefusedV4, address);
  }
  if (const char* why = find_in(kRefusedV6, address)) {
    return why;
  }
  return prefix_equal(kGlobalUnicast.base.data(), address.bytes.data(), kGlobalUnicast.bits) ? nullptr
                                                                                             : kSpecial;
}

std::string describe_refusal(std::string_view subject, std::string_view why) {
  std::string text = std::string(subject) + " is not allowed (" + std::string(why) + "); ";
  text += why == kMetadata ? "nothing may reach it, and no setting opens it"
                           : "use a public one, or ask the operator to open it with egress.allow";
  return text;
}

}  // namespace tocsin::security
