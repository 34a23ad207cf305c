// How long to wait before the next try, per kind of channel; with jitter, so that a thousand failed
// deliveries do not come back in one instant. Pure but for the random number the caller gives.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tocsin::delivery {

struct RetrySchedule {
  std::vector<std::int64_t> waits_ms;  // before the 2nd, 3rd … try; after the last one the delivery fails

  // nullopt: tries are used up. `uniform` is in [0, 1): the wait is multiplied by 0.8 + 0.4 * uniform.
  [[nodiscard]] std::optional<std::int64_t> wait_after(std::uint32_t tries, double uniform) const;

  static RetrySchedule standard();  // 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h (as Svix)
  static RetrySchedule chat();      // 2 s, 10 s, 1 m, 5 m, 15 m, 1 h
  static RetrySchedule mail();      // 1 m, 5 m, 15 m, 1 h, 4 h, 12 h, 24 h
};

}  // namespace tocsin::delivery
