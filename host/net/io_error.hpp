// Why an exchange of any protocol has no answer: fixed categories, since libcurl's own texts may hold a URL.
#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin::net {

// Values and meanings are those of TOCSIN_IO_* in sdk/include/tocsin/ext/http.h; plugin/ asserts that.
enum class IoError : std::uint8_t {
  kNone = 0,
  kDns = 1,
  kConnect = 2,
  kTls = 3,
  kCertificate = 4,
  kTimeout = 5,
  kClosed = 6,
  kProtocol = 7,
  kBlocked = 8,
  kInvalid = 9,
  kCancelled = 10,
  kLocal = 11,
};
[[nodiscard]] std::string_view to_string(IoError error);

}  // namespace tocsin::net
