// Now, read once per turn of the core: due times are wall-clock, waits are steady, and both views of one
// moment belong together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/clock.hpp"

namespace tocsin::delivery {

struct Instant {
  std::int64_t unix_ms = 0;
  std::int64_t steady_ms = 0;

  static Instant read(const Clock& clock) { return {clock.unix_ms(), clock.steady_us() / 1000}; }
  [[nodiscard]] std::int64_t to_steady(std::int64_t at_unix_ms) const {
    return steady_ms + (at_unix_ms - unix_ms);
  }
  [[nodiscard]] std::int64_t to_unix(std::int64_t at_steady_ms) const {
    return unix_ms + (at_steady_ms - steady_ms);
  }
};

// The earlier of two moments where there may be none.
[[nodiscard]] inline std::optional<std::int64_t> earlier(std::optional<std::int64_t> a,
                                                         std::optional<std::int64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace tocsin::delivery
