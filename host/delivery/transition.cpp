// See transition.hpp.
#include "delivery/transition.hpp"

#include <algorithm>

namespace tocsin::delivery {
namespace {

// The target's own wish, at most six hours; 0: none.
std::int64_t retry_after(const Outcome& outcome) {
  return std::clamp<std::int64_t>(outcome.retry_after_ms, 0, kMaxRetryAfterMs);
}

std::string reason_of(const Outcome& outcome) {
  return outcome.code.empty() ? std::string(to_string(outcome.status)) : outcome.code;
}

// Another try by the schedule and not before the target's wish; failed where the tries are used up.
Transition try_again(std::uint32_t tries, const Outcome& outcome, const RetrySchedule& schedule,
                     std::int64_t now_ms, double uniform) {
  Transition next;
  next.reason = reason_of(outcome);
  if (const auto wait = schedule.wait_after(tries + 1, uniform)) {
    next.state = DeliveryState::kScheduled;
    next.due_ms = now_ms + std::max(*wait, retry_after(outcome));
  }
  if (retry_after(outcome) > 0) next.resume_ms = now_ms + retry_after(outcome);
  return next;
}

Transition end(DeliveryState state, ChannelEffect effect) {
  Transition next;
  next.state = state;
  next.effect = effect;
  return next;
}

Transition fail(const Outcome& outcome, ChannelEffect effect) {
  Transition next = end(DeliveryState::kFailed, effect);
  next.reason = reason_of(outcome);
  return next;
}

Transition interrupt(const Outcome& outcome, std::int64_t now_ms) {
  Transition next;
  next.state = DeliveryState::kPending;
  next.due_ms = now_ms + kInterruptedWaitMs;
  next.counted = false;
  next.reason = reason_of(outcome);
  return next;
}

}  // namespace

Transition next_transition(std::uint32_t tries, const Outcome& outcome, const RetrySchedule& schedule,
                           std::int64_t now_ms, double uniform) {
  switch (outcome.status) {
    case OutcomeStatus::kDelivered:
      return end(DeliveryState::kDelivered, ChannelEffect::kSuccess);
    case OutcomeStatus::kAccepted:
      return end(DeliveryState::kAccepted, ChannelEffect::kSuccess);
    case OutcomeStatus::kRejected:
    case OutcomeStatus::kUnreachable:
      return fail(outcome, ChannelEffect::kAnswered);
    case OutcomeStatus::kGone:
      return fail(outcome, ChannelEffect::kDisable);
    case OutcomeStatus::kInterrupted:
      return interrupt(outcome, now_ms);
    default:
      break;
  }
  Transition next = try_again(tries, outcome, schedule, now_ms, uniform);
  next.effect = ChannelEffect::kFailure;
  if (outcome.status == OutcomeStatus::kMisconfigured) next.effect = ChannelEffect::kHold;
  if (outcome.status == OutcomeStatus::kRateLimited) {
    next.effect = ChannelEffect::kPauseFor;
    if (next.resume_ms == 0) {
      next.resume_ms = now_ms + schedule.wait_after(1, uniform).value_or(kPauseMs);
    }
  }
  return next;
}

Transition end_after_one_try(Transition transition) {
  if (transition.state == DeliveryState::kScheduled) {
    transition.state = DeliveryState::kFailed;
    transition.due_ms = 0;
  }
  return transition;
}

}  // namespace tocsin::delivery
