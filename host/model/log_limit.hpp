// How much of a plugin's log is written, which the ABI promises (tocsin/ext/log.h): its own process, the
// daemon and the validator count to the same number.
#pragma once

#include <cstdint>

namespace tocsin {

constexpr std::uint32_t kMaxLogLines = 100;  // of one instance in a second; the rest is counted

}  // namespace tocsin
