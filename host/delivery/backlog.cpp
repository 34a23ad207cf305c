// See backlog.hpp.
#include "delivery/backlog.hpp"

namespace tocsin::delivery {

void Backlog::found(std::int64_t unfinished, std::int64_t next_due_ms) {
  if (unfinished <= count_) return;
  count_ = unfinished;
  cold_ = true;  // until a claim shows that nothing of it is due
  if (dues_.size() < kMaxDues) dues_.push(next_due_ms);
}

void Backlog::added(Instant now, std::int64_t rows) {
  if (rows < 0) return;
  count_ += rows;
  set_due(now.steady_ms);
  if (empty_ms_ == 0 || now.steady_ms - empty_ms_ > kStragglersMs) cold_ = true;
}

void Backlog::released(std::int64_t rows) {
  if (rows <= 0) return;
  count_ += rows;
  due_ = cold_ = true;
  if (claiming_) missed_ = true;
}

void Backlog::scheduled(std::int64_t due_ms, std::int64_t rows) {
  count_ += rows;
  if (due_ms == last_due_ms_) return;
  last_due_ms_ = due_ms;
  if (dues_.size() < kMaxDues) dues_.push(due_ms);
}

void Backlog::set_due(std::int64_t steady_ms) {
  if (due_) return;
  due_ = true;
  due_since_ms_ = steady_ms;
}

void Backlog::look(Instant now) {
  bool came_due = false;
  for (; !dues_.empty() && dues_.top() <= now.unix_ms; dues_.pop()) {
    came_due = true;
    if (dues_.top() == last_due_ms_) last_due_ms_ = -1;
  }
  if (came_due) {
    set_due(now.steady_ms);
    if (claiming_) missed_ = true;
  } else if (cold_ && !due_) {
    cold_ = false;  // found at the start, but due later
  }
  if (due_ || count_ == 0) {
    poll_at_ms_.reset();
  } else if (!poll_at_ms_) {
    poll_at_ms_ = now.steady_ms + (knows_all() ? kLongestPollMs : poll_ms_);
  } else if (*poll_at_ms_ <= now.steady_ms) {
    poll_at_ms_.reset();
    set_due(now.steady_ms);
  }
}

bool Backlog::wants_claim(Instant now, std::size_t waiting, std::uint32_t window) const {
  if (!due_ || claiming_ || now.steady_ms < not_before_ms_) return false;
  return waiting <= (claim_size_ == 0 ? window : claim_size_ / 2);
}

std::size_t Backlog::begin_claim(Instant now, std::size_t waiting, std::uint32_t window, std::size_t most) {
  const std::size_t least = std::min<std::size_t>(2UL * window, most);
  const bool busy = last_claim_ms_ >= 0 && now.steady_ms - last_claim_ms_ < kBusyMs;
  claim_size_ = busy ? std::clamp(claim_size_ * 2, least, most) : least;
  last_claim_ms_ = now.steady_ms;
  claiming_ = true;
  missed_ = false;
  return claim_size_ > waiting ? claim_size_ - waiting : 1;
}

void Backlog::claimed(Instant now, std::size_t asked, std::size_t got) {
  claiming_ = false;
  count_ = std::max<std::int64_t>(0, count_ - static_cast<std::int64_t>(got));
  poll_ms_ = got == 0 ? std::min(poll_ms_ * 2, kLongestPollMs) : kPollMs;
  due_since_ms_ = now.steady_ms;
  if (got == asked || missed_) return;
  due_ = cold_ = false;
  empty_ms_ = now.steady_ms;
  claim_size_ = 0;
}

void Backlog::claim_failed(Instant now) {
  claiming_ = false;
  not_before_ms_ = now.steady_ms + kRetryMs;
}

bool Backlog::may_be_passed(Instant now) const {
  return !cold_ && !(due_ && now.steady_ms - due_since_ms_ > kPatienceMs);
}

std::optional<std::int64_t> Backlog::next_look(Instant now) const {
  if (claiming_) return std::nullopt;
  if (due_) {
    if (now.steady_ms >= not_before_ms_) return std::nullopt;  // waits for room, not for time
    return not_before_ms_;
  }
  std::optional<std::int64_t> next = poll_at_ms_;
  if (!dues_.empty()) next = earlier(next, now.to_steady(dues_.top()));
  return next;
}

}  // namespace tocsin::delivery
