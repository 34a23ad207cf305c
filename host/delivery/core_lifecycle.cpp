// The set of channels and the end of it all: reload, drain. See core.hpp.
#include <algorithm>
#include <utility>

#include "delivery/core.hpp"

namespace tocsin::delivery {

void Engine::Core::configure(std::vector<ChannelSetup> channels,
                             const std::vector<store::ChannelBacklog>& backlogs) {
  run_on_core([&] { apply(std::move(channels), backlogs); });
}

void Engine::Core::apply(std::vector<ChannelSetup> channels,
                         const std::vector<store::ChannelBacklog>& backlogs) {
  ++generation_;
  for (ChannelSetup& setup : channels) {
    const ChannelId id = setup.id;
    auto& channel = channels_[id];
    if (!channel) {
      channel = std::make_unique<ChannelQueue>(std::move(setup), gates_.find_or_add(id), gates_);
    } else if (const auto replaced = channel->configure(std::move(setup))) {
      retire(replaced);
    }
    channel->generation = generation_;
    list(*channel);
  }
  for (const auto& backlog : backlogs) {
    if (ChannelQueue* channel = find_channel(backlog.channel)) {
      channel->backlog.found(backlog.unfinished, backlog.next_due_ms);
    }
  }
  for (const auto& [id, channel] : channels_) {
    if (channel->generation != generation_ && !channel->gone) let_go(*channel);
    channel->backlog.look(now_);
    channel->update_gate(now_, draining_);
  }
  flush_releases();
}

void Engine::Core::let_go(ChannelQueue& channel) {
  channel.gone = true;
  channel.shed_all(releases_);
  if (channel.lease()) retire(channel.lease());
  list(channel);
}

// ---- the thread

void Engine::Core::start() {
  const std::lock_guard lock(loose_mutex_);
  if (thread_.joinable() || draining_) return;
  loose_ = false;
  inbox_->wake();
  thread_ = std::thread([this] { run(); });
}

void Engine::Core::drain(std::int64_t grace_ms) {
  send(Order([this, grace_ms] { begin_drain(grace_ms); }));
  {
    const std::lock_guard lock(loose_mutex_);
    if (thread_.joinable()) thread_.join();
    loose_ = true;
  }
  sweep();  // what came in meanwhile
  stop_idle_instances();
  stopper_.finish();
}

void Engine::Core::begin_drain(std::int64_t grace_ms) {
  if (draining_) return;
  draining_ = true;
  drain_until_ = now_.steady_ms + grace_ms;
  claim_line_.clear();
  for (const auto& [id, channel] : channels_) {
    channel->shed_all(releases_);
    channel->update_gate(now_, true);
  }
  flush_releases();
  give_up_tests();
}

void Engine::Core::step_drain() {
  if (in_flight_.empty() && claims_out_ == 0) {
    finished_ = true;
  } else if (!stopping_ && now_.steady_ms >= drain_until_) {
    stopping_ = true;
    stop_everything_in_flight();
  }
}

void Engine::Core::stop_everything_in_flight() {
  for (const auto& lease : watched_) {
    if (lease->in_flight == 0) continue;
    stopper_.stop(lease->instance, kLastStopGraceMs,
                  [this, lease] { inbox_->send(Order([this, lease] { give_up(*lease); })); });
  }
}

// The instance was stopped; what it still has not reported never will be.
void Engine::Core::give_up(const Lease& lease) {
  std::vector<DeliveryId> left;
  for (const auto& [delivery, attempt] : in_flight_) {
    if (attempt.lease == &lease) left.push_back(delivery);
  }
  for (const DeliveryId delivery : left) {
    plugin::JobResult result;
    result.delivery = delivery;
    result.attempt.outcome.status = OutcomeStatus::kInterrupted;
    result.attempt.outcome.code = "host.interrupted";
    result.attempt.outcome.detail = "The host stopped and the plugin did not end this attempt in time.";
    handle(result);
  }
}

void Engine::Core::stop_idle_instances() {
  const std::lock_guard lock(loose_mutex_);
  for (const auto& [id, channel] : channels_) {
    if (channel->lease()) stopper_.stop(channel->lease()->instance, kLastStopGraceMs, nullptr);
  }
}

}  // namespace tocsin::delivery
