// Attempts: starting them, recording how they ended, and watching those that do not end. See core.hpp.
#include <algorithm>
#include <utility>

#include "delivery/core.hpp"
#include "model/catalogue.hpp"
#include "ops/log.hpp"

namespace tocsin::delivery {

namespace {

// Cut short by our own stop: whatever the plugin makes of that is no try of the target.
void interrupt_unless_decided(Outcome& outcome) {
  switch (outcome.status) {
    case OutcomeStatus::kRetry:
    case OutcomeStatus::kUncertain:
    case OutcomeStatus::kTimedOut:
    case OutcomeStatus::kPluginFault:
      outcome.status = OutcomeStatus::kInterrupted;
      break;
    default:
      break;
  }
}

}  // namespace

void Engine::Core::start_attempts(ChannelQueue& channel) {
  std::vector<plugin::Job> jobs;
  const auto add = [&](Waiting waiting) {
    plugin::Job job;
    if (start(channel, std::move(waiting), job)) jobs.push_back(std::move(job));
  };
  while (auto test = channel.pop_test(now_)) add(std::move(*test));
  std::size_t count = std::min<std::size_t>(channel.startable(now_), channel.waiting());
  if (count > 0 && channel.is_flooded(now_)) {
    channel.shed_flood(releases_);
    count = std::min(count, channel.waiting());
  }
  jobs.reserve(jobs.size() + count);
  for (std::size_t i = 0; i < count; ++i) add(channel.pop());
  if (jobs.empty()) return;
  const auto& lease = channel.lease();
  lease->in_flight += static_cast<std::uint32_t>(jobs.size());
  watch(lease);
  lease->instance->deliver(std::move(jobs));
}

// False: it is in flight already.
bool Engine::Core::start(ChannelQueue& channel, Waiting waiting, plugin::Job& job) {
  const auto [at, fresh] = in_flight_.try_emplace(waiting.delivery);
  if (!fresh) return false;  // never twice at once
  InFlight& attempt = at->second;
  attempt.channel = &channel;
  attempt.lease = channel.lease().get();
  attempt.tries = attempt.first_tries = waiting.tries;
  attempt.probe = channel.begin(now_);
  attempt.started_ms = now_.unix_ms;
  job.delivery = waiting.delivery;
  job.deadline_unix_ms = now_.unix_ms + options_.attempt_deadline_ms;
  job.event = std::move(waiting.event);
  job.test = attempt.test = job.event->type == kTestEventType;
  attempt.own = job.event->type.starts_with(kOwnEventPrefix);
  job.carry = std::move(waiting.carry);
  if (waiting.digest) {
    attempt.message = job.message = waiting.digest->message;
    attempt.others = std::move(waiting.digest->others);
    // A digest has one fate: it is tried as often as the least tried delivery in it may be.
    for (const auto& other : attempt.others) attempt.tries = std::min(attempt.tries, other.tries);
    job.more = std::move(waiting.digest->events);
  }
  job.attempt = attempt.tries + 1;
  return true;
}

void Engine::Core::handle(plugin::JobResult& result) {
  const auto found = in_flight_.find(result.delivery);
  if (found == in_flight_.end()) return;  // given up on, or reported twice
  InFlight attempt = std::move(found->second);
  in_flight_.erase(found);
  if (stopping_) interrupt_unless_decided(result.attempt.outcome);
  const double uniform = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  Transition transition = next_transition(attempt.tries, result.attempt.outcome,
                                          attempt.channel->setup().retries, now_.unix_ms, uniform);
  if (attempt.test) transition = end_after_one_try(std::move(transition));
  close_attempt(attempt, transition, result.attempt);
  record(attempt, transition, result);
}

void Engine::Core::close_attempt(const InFlight& attempt, const Transition& transition, const Attempt& told) {
  ChannelQueue& channel = *attempt.channel;
  Lease& lease = *attempt.lease;
  channel.ended();
  --lease.in_flight;
  list(channel);
  if (!lease.replaced) {
    Transition judged = transition;
    // An instance that interrupts while nobody stops it is as good as a failing target.
    if (judged.effect == ChannelEffect::kNone && !draining_) judged.effect = ChannelEffect::kFailure;
    const std::string_view before = channel.condition(now_);
    channel.judge(judged, told, attempt.probe, attempt.test, now_);
    report_condition(channel, before);
    if (!attempt.test) look_for_trouble(channel, judged.effect);
    return;
  }
  if (lease.in_flight > 0) return;
  const auto watched = std::ranges::find(watched_, &lease, &std::shared_ptr<Lease>::get);
  if (watched != watched_.end()) retire(*watched);
}

// What an operator has to know: a channel that stopped delivering, and that it goes on again.
void Engine::Core::report_condition(const ChannelQueue& channel, std::string_view before) const {
  const std::string_view after = channel.condition(now_);
  if (after == before) return;
  const ChannelSetup& setup = channel.setup();
  if (after == "ready") {
    ops::log_info("delivery", "channel delivers again", {{"team", setup.team}, {"channel", setup.name}});
    return;
  }
  const ChannelStatus status = channel.status(now_);
  ops::log_warn("delivery", "channel does not deliver",
                {{"team", setup.team},
                 {"channel", setup.name},
                 {"state", after},
                 {"reason", status.reason},
                 {"resumes", status.resume_ms > 0 ? format_rfc3339(status.resume_ms) : std::string()}});
}

// Once for each time that it does not deliver: at once where somebody has to act, else when it lasts.
void Engine::Core::look_for_trouble(ChannelQueue& channel, ChannelEffect effect) const {
  const std::string_view condition = channel.condition(now_);
  if (condition == "ready" || condition == "paused") {  // a pause is somebody's wish
    channel.troubled_since_ms = 0;
    channel.trouble_told = false;
    return;
  }
  if (channel.troubled_since_ms == 0) channel.troubled_since_ms = now_.steady_ms;
  const bool must_act = effect == ChannelEffect::kHold || effect == ChannelEffect::kDisable;
  const bool lasts = now_.steady_ms - channel.troubled_since_ms >= Trouble::kLongMs;
  if (channel.trouble_told || !(must_act || lasts)) return;
  channel.trouble_told = true;
  if (!trouble_) return;
  Trouble trouble;
  trouble.channel = channel.status(now_);
  trouble_(trouble);
}

void Engine::Core::record(InFlight& attempt, const Transition& transition, plugin::JobResult& result) {
  const auto rows = static_cast<std::int64_t>(1 + attempt.others.size());
  store::Finish finish;
  finish.delivery = result.delivery;
  finish.channel = attempt.channel->setup().id;
  finish.tries = attempt.first_tries;
  finish.counted = transition.counted;
  finish.state = transition.state;
  finish.due_ms = transition.due_ms;
  finish.attempt = std::move(result.attempt);
  finish.others = std::move(attempt.others);
  finish.attempt.message = attempt.message;
  if (finish.state == DeliveryState::kFailed && trouble_ && !attempt.test && !attempt.own) {
    Trouble trouble;
    trouble.kind = Trouble::Kind::kFailed;
    trouble.channel = attempt.channel->status(now_);
    trouble.delivery = finish.delivery;
    trouble.deliveries = rows;
    trouble.reason = transition.reason;
    if (!finish.attempt.outcome.detail.empty()) trouble.reason += ": " + finish.attempt.outcome.detail;
    trouble_(trouble);
  }
  finish.attempt.events = static_cast<std::uint32_t>(rows);
  if (finish.attempt.started_ms == 0) finish.attempt.started_ms = attempt.started_ms;
  // The code is the reason on record, so there always is one.
  if (finish.attempt.outcome.code.empty()) finish.attempt.outcome.code = transition.reason;
  if (finish.state == DeliveryState::kFailed) {
    const ChannelSetup& setup = attempt.channel->setup();
    ops::log_warn("delivery", "delivery failed for good",
                  {{"team", setup.team},
                   {"channel", setup.name},
                   {"delivery", format_delivery_id(finish.delivery)},
                   {"events", rows},
                   {"tries", attempt.tries + 1},
                   {"reason", finish.attempt.outcome.code}});
  }
  // Nobody is left to try again.
  if (!is_final(finish.state) && attempt.channel->gone) finish.state = DeliveryState::kCancelled;
  if (is_final(finish.state)) {
    finish.attempt.carry.clear();
    auto done = attempt.test ? end_test(finish) : store::FinishDone([](const Result<bool>&) {});
    writer_.finish(std::move(finish), std::move(done));
    return;
  }
  const RetryRecorded retry{attempt.channel->setup().id, transition.due_ms, rows};
  writer_.finish(std::move(finish), [inbox = inbox_, retry](const Result<bool>& applied) {
    if (applied && *applied) inbox->send(retry);
  });
}

// ---- instances with something in flight

void Engine::Core::watch(const std::shared_ptr<Lease>& lease) {
  if (!lease->watched) {
    lease->watched = true;
    watched_.push_back(lease);
  }
  if (!tick_at_) tick_at_ = now_.steady_ms + kTickMs;
}

void Engine::Core::tick() {
  tick_at_.reset();
  std::erase_if(watched_, [](const std::shared_ptr<Lease>& lease) {
    lease->watched = lease->in_flight > 0;
    return !lease->watched;
  });
  for (const auto& lease : watched_) lease->instance->expire(now_.unix_ms);
  if (!watched_.empty()) tick_at_ = now_.steady_ms + kTickMs;
}

void Engine::Core::retire(const std::shared_ptr<Lease>& lease) {
  lease->replaced = true;
  if (lease->in_flight == 0) stopper_.stop(lease->instance, kStopGraceMs, nullptr);
}

}  // namespace tocsin::delivery
