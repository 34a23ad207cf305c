// What an outcome does to a delivery and to its channel: the one place that decides, a pure function over
// values.
#pragma once

#include <cstdint>
#include <string>

#include "delivery/retry_schedule.hpp"
#include "model/delivery.hpp"

namespace tocsin::delivery {

// What the channel has to do about it.
enum class ChannelEffect : std::uint8_t {
  kNone,
  kSuccess,   // resets the breaker
  kFailure,   // transient: counts towards the breaker
  kPauseFor,  // Retry-After: the whole channel waits until `resume_ms`
  kHold,      // misconfigured: waits until the settings change or an admin resumes it
  kDisable,   // gone: waits until an admin enables it again
};

struct Transition {
  DeliveryState state = DeliveryState::kFailed;
  std::int64_t due_ms = 0;  // when kScheduled
  bool counted = true;      // an interruption is no try
  std::string reason;       // the final state's reason, or why it waits
  ChannelEffect effect = ChannelEffect::kNone;
  std::int64_t resume_ms = 0;  // when kPauseFor
};

inline constexpr std::int64_t kMaxRetryAfterMs = 6LL * 3600 * 1000;

// `tries`: counted tries before this attempt. Misconfigured and gone: this delivery is kept (kScheduled for
// when the channel runs again), since a fixed channel should still deliver it.
[[nodiscard]] Transition next_transition(std::uint32_t tries, const Outcome& outcome,
                                         const RetrySchedule& schedule, std::int64_t now_ms, double uniform);

}  // namespace tocsin::delivery
