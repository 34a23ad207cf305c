// See channel_queue.hpp.
#include "delivery/channel_queue.hpp"

#include <algorithm>
#include <utility>

#include "model/catalogue.hpp"

namespace tocsin::delivery {
namespace {

std::shared_ptr<Lease> make_lease(const ChannelSetup& setup) {
  if (!setup.instance) return nullptr;
  auto lease = std::make_shared<Lease>();
  lease->instance = setup.instance;
  return lease;
}

bool is_test(const Waiting& waiting) {
  return waiting.event->type == kTestEventType;
}

bool leaves_alone(const Waiting& waiting) {
  return waiting.digest == nullptr;
}

}  // namespace

ChannelQueue::ChannelQueue(ChannelSetup setup, Gate& gate, GateTable& gates)
    : setup_(std::move(setup)),
      lease_(make_lease(setup_)),
      gate_(gate),
      gates_(gates),
      bucket_(setup_.rate_per_minute, setup_.burst) {}

std::shared_ptr<Lease> ChannelQueue::configure(ChannelSetup setup) {
  const bool same_instance = !gone && setup.instance == setup_.instance;
  const bool same_rate = setup.rate_per_minute == setup_.rate_per_minute && setup.burst == setup_.burst;
  const bool resumed = setup_.paused && !setup.paused;
  setup_ = std::move(setup);
  gone = false;
  if (resumed) pause(false);
  if (!same_rate) bucket_ = RateBucket(setup_.rate_per_minute, setup_.burst);
  if (same_instance) return nullptr;
  forget_holds();
  return std::exchange(lease_, make_lease(setup_));
}

void ChannelQueue::pause(bool paused) {
  setup_.paused = paused;
  if (!paused) {
    disabled_ = held_ = hold_probing_ = false;
    hold_reason_.clear();
  }
}

void ChannelQueue::forget_holds() {
  breaker_ = Breaker{};
  pause_until_ms_ = 0;
  disabled_ = held_ = hold_probing_ = false;
  hold_reason_.clear();
}

void ChannelQueue::push(Waiting waiting, bool reserved) {
  if (!reserved) gates_.take(gate_, 1);
  deliveries_ += waiting.size();
  (is_test(waiting) ? tests_ : queue_).push_back(std::move(waiting));
}

Waiting ChannelQueue::pop() {
  return take_first(queue_);
}

std::optional<Waiting> ChannelQueue::pop_test(Instant now) {
  if (tests_.empty()) return std::nullopt;
  const auto at = test_at(now);
  if (!at || *at > now.steady_ms) return std::nullopt;
  return take_first(tests_);
}

Waiting ChannelQueue::take_first(std::deque<Waiting>& line) {
  Waiting first = std::move(line.front());
  line.pop_front();
  deliveries_ -= first.size();
  gates_.give_back(gate_, 1);
  return first;
}

void ChannelQueue::give_back(const Waiting& waiting, std::vector<DeliveryId>& out) {
  out.push_back(waiting.delivery);
  if (waiting.digest) {
    for (const auto& other : waiting.digest->others) out.push_back(other.delivery);
  }
  deliveries_ -= waiting.size();
  gates_.give_back(gate_, 1);
  if (!gone) backlog.released(static_cast<std::int64_t>(waiting.size()));
}

bool ChannelQueue::take_back(DeliveryId delivery) {
  const auto found = std::ranges::find_if(
      queue_, [&](const Waiting& waiting) { return waiting.delivery == delivery && !waiting.digest; });
  if (found == queue_.end()) return false;
  queue_.erase(found);
  --deliveries_;
  gates_.give_back(gate_, 1);
  return true;
}

void ChannelQueue::shed(std::size_t keep, std::vector<DeliveryId>& out) {
  if (queue_.size() <= keep) return;
  const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(keep);
  for (auto at = first; at != queue_.end(); ++at) give_back(*at, out);
  queue_.erase(first, queue_.end());
}

void ChannelQueue::shed_all(std::vector<DeliveryId>& out) {
  shed(0, out);
  for (const Waiting& test : tests_) give_back(test, out);
  tests_.clear();
}

bool ChannelQueue::is_flooded(Instant now) const {
  if (setup_.collapse == 0 || deliveries_ <= setup_.collapse || probing(now)) return false;
  return std::ranges::count_if(queue_, leaves_alone) > std::ptrdiff_t{setup_.collapse};
}

void ChannelQueue::shed_flood(std::vector<DeliveryId>& out) {
  const auto flood = std::stable_partition(queue_.begin(), queue_.end(),
                                           [](const Waiting& waiting) { return !leaves_alone(waiting); });
  for (auto at = flood; at != queue_.end(); ++at) give_back(*at, out);
  queue_.erase(flood, queue_.end());
}

std::uint32_t ChannelQueue::startable(Instant now) {
  if (stopped() || now.steady_ms < pause_until_ms_ || in_flight_ >= setup_.window) return 0;
  std::uint32_t most = std::min(setup_.window - in_flight_, bucket_.available(now.steady_ms));
  if (held_) return hold_probing_ || now.steady_ms < hold_probe_ms_ ? 0 : std::min(most, 1U);
  if (!breaker_.allows(now.steady_ms)) return 0;
  if (breaker_.state(now.steady_ms) == Breaker::State::kHalfOpen) most = std::min(most, 1U);
  return most;
}

bool ChannelQueue::begin(Instant now) {
  ++in_flight_;
  bucket_.take();
  const bool breaker_probe = breaker_.begin(now.steady_ms);
  hold_probing_ = held_;
  return breaker_probe || held_;
}

void ChannelQueue::judge(const Transition& transition, const Attempt& attempt, bool probe, bool test,
                         Instant now) {
  if (transition.effect == ChannelEffect::kSuccess) {
    last_success_ms_ = now.unix_ms;
  } else if (transition.effect != ChannelEffect::kNone) {
    last_failure_ms_ = now.unix_ms;
    last_failure_ = transition.reason;
    if (!attempt.outcome.detail.empty()) last_failure_ += ": " + attempt.outcome.detail;
  }
  if (transition.resume_ms > 0) {
    pause_until_ms_ = std::max(pause_until_ms_, now.to_steady(transition.resume_ms));
  }
  if (probe) hold_probing_ = false;
  switch (transition.effect) {
    case ChannelEffect::kNone:
      breaker_.abandoned(probe);
      return;
    case ChannelEffect::kFailure:
      breaker_.failed(now.steady_ms, probe);
      if (held_ && probe) hold_probe_ms_ = now.steady_ms + kHoldProbeMs;
      return;
    case ChannelEffect::kSuccess:
      if (test) disabled_ = false;
      held_ = false;
      break;
    case ChannelEffect::kAnswered:
      held_ = false;
      break;
    case ChannelEffect::kPauseFor:
      break;
    case ChannelEffect::kHold:
      held_ = true;
      hold_reason_ = last_failure_;
      hold_probe_ms_ = now.steady_ms + kHoldProbeMs;
      break;
    case ChannelEffect::kDisable:
      disabled_ = true;
      hold_reason_ = last_failure_;
      break;
  }
  breaker_.succeeded();  // whatever it answered, it is alive
}

void ChannelQueue::abandon_probe(bool probe) {
  if (!probe) return;
  breaker_.abandoned(true);
  hold_probing_ = false;
}

bool ChannelQueue::stopped() const {
  return !lease_ || setup_.paused || disabled_ || gone;
}

std::optional<std::int64_t> ChannelQueue::resume_at(Instant now) const {
  std::optional<std::int64_t> at;
  const auto until = [&](std::int64_t steady_ms) {
    if (steady_ms > now.steady_ms) at = std::max(at.value_or(steady_ms), steady_ms);
  };
  until(pause_until_ms_);
  if (held_) until(hold_probe_ms_);
  if (breaker_.state(now.steady_ms) == Breaker::State::kOpen) until(breaker_.probe_at_ms());
  return at;
}

bool ChannelQueue::probing(Instant now) const {
  return held_ || breaker_.state(now.steady_ms) != Breaker::State::kClosed;
}

bool ChannelQueue::blocked(Instant now) const {
  return stopped() || resume_at(now).has_value();
}

bool ChannelQueue::blocked_for_long(Instant now) const {
  return stopped() || resume_at(now).value_or(now.steady_ms) - now.steady_ms > kShedMs;
}

std::optional<std::int64_t> ChannelQueue::test_at(Instant now) {
  if (!lease_ || gone) return std::nullopt;
  return std::max(pause_until_ms_, bucket_.next_ms(now.steady_ms));
}

std::optional<std::int64_t> ChannelQueue::next_look(Instant now) {
  std::optional<std::int64_t> next;
  if (!tests_.empty()) next = test_at(now);
  if (stopped()) return next;
  if (const auto resume = resume_at(now)) return earlier(next, resume);
  next = earlier(next, backlog.next_look(now));
  if (!queue_.empty() && bucket_.limited() && in_flight_ < setup_.window) {
    const std::int64_t token_at = bucket_.next_ms(now.steady_ms);
    if (token_at > now.steady_ms) next = earlier(next, token_at);
  }
  return next;
}

void ChannelQueue::update_gate(Instant now, bool draining) {
  const bool open = !draining && !blocked(now) && !probing(now) && backlog.may_be_passed(now);
  if (gate_.open.load(std::memory_order_relaxed) != open) gate_.open.store(open, std::memory_order_relaxed);
}

std::string_view ChannelQueue::condition(Instant now) const {
  if (!lease_) return "unavailable";
  if (disabled_) return "disabled";
  if (setup_.paused) return "paused";
  return blocked(now) || probing(now) ? "backing_off" : "ready";
}

ChannelStatus ChannelQueue::status(Instant now) const {
  ChannelStatus status;
  status.id = setup_.id;
  status.team = setup_.team;
  status.name = setup_.name;
  status.type = setup_.type;
  status.in_flight = in_flight_;
  status.queued = static_cast<std::uint32_t>(deliveries_);
  status.backlog = backlog.count();
  status.last_success_ms = last_success_ms_;
  status.last_failure_ms = last_failure_ms_;
  status.last_failure = last_failure_;
  if (const auto resume = resume_at(now)) status.resume_ms = now.to_unix(*resume);
  status.state = condition(now);
  if (!lease_) {
    status.reason = setup_.unavailable;
  } else if (disabled_ || held_) {
    status.reason = hold_reason_;
  } else if (status.state == "backing_off") {
    status.reason = last_failure_;
  } else if (status.state == "ready") {
    status.reason = lease_->instance->fault();
  }
  return status;
}

}  // namespace tocsin::delivery
