// A token bucket: so many attempts a minute, in bursts of at most so many. Pure on the times it is given
// (milliseconds of a steady clock).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tocsin::delivery {

class RateBucket {
 public:
  RateBucket() = default;
  // per_minute 0: no limit.
  RateBucket(std::uint32_t per_minute, std::uint32_t burst)
      : per_ms_(per_minute / 60'000.0), burst_(std::max(burst, 1U)), tokens_(burst_) {}

  [[nodiscard]] bool limited() const { return per_ms_ > 0; }

  // How many may start now.
  [[nodiscard]] std::uint32_t available(std::int64_t now_ms) {
    if (!limited()) return std::numeric_limits<std::uint32_t>::max();
    refill(now_ms);
    return static_cast<std::uint32_t>(tokens_ + kRounding);
  }
  void take() {
    if (limited()) tokens_ -= 1;
  }
  // When the next one may start; now where one may.
  [[nodiscard]] std::int64_t next_ms(std::int64_t now_ms) {
    if (available(now_ms) > 0) return now_ms;
    return now_ms + static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_ms_ - kRounding));
  }

 private:
  static constexpr double kRounding = 1e-6;

  void refill(std::int64_t now_ms) {
    if (now_ms > at_ms_) tokens_ = std::min(burst_, tokens_ + static_cast<double>(now_ms - at_ms_) * per_ms_);
    at_ms_ = now_ms;
  }

  double per_ms_ = 0;
  double burst_ = 1;
  double tokens_ = 1;
  std::int64_t at_ms_ = 0;
};

}  // namespace tocsin::delivery
