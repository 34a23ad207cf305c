// What an outcome does to a delivery and to its channel: the one place that decides, a pure function over
// values. It knows no queue and no clock.
#pragma once

#include <cstdint>
#include <string>

#include "delivery/retry_schedule.hpp"
#include "model/delivery.hpp"

namespace tocsin::delivery {

// What the channel has to do about it.
enum class ChannelEffect : std::uint8_t {
  kNone,      // says nothing about the target
  kSuccess,   // resets the breaker
  kAnswered,  // this message was refused for good, so the target is alive: resets the breaker
  kFailure,   // transient: counts towards the breaker
  kPauseFor,  // rate limited: alive, but the whole channel waits until `resume_ms`
  kHold,      // misconfigured: waits for other settings, with a probe now and then
  kDisable,   // gone: waits until its setup changes or an admin enables it again
};

struct Transition {
  DeliveryState state = DeliveryState::kFailed;
  std::int64_t due_ms = 0;  // when kScheduled or kPending
  bool counted = true;      // an interruption is no try
  std::string reason;       // the outcome's code, where it was not delivered
  ChannelEffect effect = ChannelEffect::kNone;
  std::int64_t resume_ms = 0;  // Retry-After: the whole channel waits until then; 0: it need not
};

inline constexpr std::int64_t kMaxRetryAfterMs = 6LL * 3600 * 1000;
// An interrupted delivery is due again after this: soon, yet no busy loop where interruptions go on.
inline constexpr std::int64_t kInterruptedWaitMs = 1000;
// How long a rate-limited channel pauses where neither the target nor the schedule names a time.
inline constexpr std::int64_t kPauseMs = 5000;

// `tries`: counted tries before this attempt. Misconfigured: this delivery is kept (kScheduled) while it has
// tries left, since a fixed channel should still deliver it. Gone: it fails; the channel's others are kept.
[[nodiscard]] Transition next_transition(std::uint32_t tries, const Outcome& outcome,
                                         const RetrySchedule& schedule, std::int64_t now_ms, double uniform);
// The same for a test message: somebody waits for the answer, so what would be tried again has failed.
[[nodiscard]] Transition end_after_one_try(Transition transition);

}  // namespace tocsin::delivery
