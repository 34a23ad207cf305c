// See breaker.hpp.
#include "delivery/breaker.hpp"

#include <algorithm>

namespace tocsin::delivery {

Breaker::State Breaker::state(std::int64_t now_ms) const {
  if (!open_) return State::kClosed;
  return now_ms < probe_at_ms_ ? State::kOpen : State::kHalfOpen;
}

bool Breaker::allows(std::int64_t now_ms) const {
  return !open_ || (now_ms >= probe_at_ms_ && !probing_);
}

bool Breaker::begin(std::int64_t now_ms) {
  if (state(now_ms) != State::kHalfOpen) return false;
  probing_ = true;
  return true;
}

void Breaker::succeeded() {
  *this = Breaker{};
}

void Breaker::failed(std::int64_t now_ms, bool probe) {
  if (open_) {
    if (!probe) return;  // started before it opened: no news
    probing_ = false;
    wait_ms_ = std::min(wait_ms_ * 2, kLongestWaitMs);
    probe_at_ms_ = now_ms + wait_ms_;
    return;
  }
  if (++failures_ < kFailuresToOpen) return;
  open_ = true;
  probe_at_ms_ = now_ms + wait_ms_;
}

void Breaker::abandoned(bool probe) {
  if (probe) probing_ = false;
}

}  // namespace tocsin::delivery
