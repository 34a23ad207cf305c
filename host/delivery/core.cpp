// The loop, the mail that is not about attempts, and the timers. See core.hpp.
#include "delivery/core.hpp"

#include <pthread.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace tocsin::delivery {

Engine::Core::Core(store::Writer& writer, const Clock& clock, EngineOptions options)
    : writer_(writer),
      clock_(clock),
      options_(options),
      gates_(options.hot_queue, options.hot_in_all),
      inbox_(std::make_shared<Inbox>()),
      now_(Instant::read(clock)),
      random_(options.seed != 0 ? options.seed : std::random_device{}()) {}

Engine::Core::~Core() {
  drain(0);
}

// ---- from other threads

void Engine::Core::send(Mail mail) {
  inbox_->send(std::move(mail));
  if (loose_) sweep();
}

void Engine::Core::sweep() {
  const std::lock_guard lock(loose_mutex_);
  if (!loose_) return;  // a thread has started and takes it
  std::vector<Mail> batch;
  inbox_->take(batch);
  turn(batch);
}

void Engine::Core::run_on_core(Order order) {
  std::promise<void> done;
  send(Order([&] {
    order();
    done.set_value();
  }));
  done.get_future().wait();
}

void Engine::Core::job_done(plugin::JobResult result) {
  inbox_->send(std::move(result));
}

void Engine::Core::offer(std::span<store::NewEvent> events,
                         std::span<const Result<store::Accepted>> results) {
  Offered offered;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const store::NewEvent& event = events[i];
    const bool stored = results[i] && results[i]->kind == store::Accepted::Kind::kStored;
    DeliveryId id = event.event->seq;
    for (const auto& delivery : event.deliveries) {
      ++id;
      if (!delivery.cancelled.empty()) continue;
      if (!stored) {
        if (delivery.hot) gates_.give_back(delivery.channel, 1);
      } else if (delivery.hot) {
        offered.hot.push_back({delivery.channel, id, event.event});
      } else if (!offered.cold.empty() && offered.cold.back().channel == delivery.channel &&
                 offered.cold.back().due_ms == delivery.due_ms) {
        ++offered.cold.back().rows;
      } else {
        offered.cold.push_back({delivery.channel, 1, delivery.due_ms});
      }
    }
  }
  if (!offered.hot.empty() || !offered.cold.empty()) send(std::move(offered));
}

void Engine::Core::pause(ChannelId id, bool paused) {
  send(Order([this, id, paused] {
    ChannelQueue* channel = find_channel(id);
    if (channel == nullptr) return;
    channel->pause(paused);
    list(*channel);
  }));
}

std::vector<ChannelStatus> Engine::Core::statuses() {
  std::vector<ChannelStatus> statuses;
  run_on_core([&] {
    statuses.reserve(channels_.size());
    for (const auto& [id, channel] : channels_) {
      if (!channel->gone) statuses.push_back(channel->status(now_));
    }
  });
  std::ranges::sort(statuses, {}, &ChannelStatus::id);
  return statuses;
}

// ---- the loop

void Engine::Core::run() {
  ::pthread_setname_np(::pthread_self(), "core");
  std::vector<Mail> batch;
  while (!finished_) {
    inbox_->wait(batch, wait_ms());
    turn(batch);
  }
}

std::optional<std::int64_t> Engine::Core::wait_ms() const {
  std::optional<std::int64_t> at = tick_at_;
  if (!timers_.empty()) at = earlier(at, timers_.top().at_steady_ms);
  if (draining_ && !stopping_) at = earlier(at, drain_until_);
  for (const auto& [key, test] : tests_) at = earlier(at, test.until_steady_ms);
  if (!at) return std::nullopt;
  return std::max<std::int64_t>(1, *at - clock_.steady_us() / 1000);
}

void Engine::Core::turn(std::vector<Mail>& batch) {
  now_ = Instant::read(clock_);
  for (Mail& mail : batch) {
    std::visit(
        [this](auto& content) {
          if constexpr (std::is_same_v<std::decay_t<decltype(content)>, Order>) {
            content();
          } else {
            handle(content);
          }
        },
        mail);
  }
  batch.clear();
  if (loose_ && !draining_) return;  // not started: nothing may be sent yet
  fire_timers();
  look_at_tests();
  look_at_listed();
  flush_releases();  // before the claims that are to find them
  send_claims();
  if (draining_) step_drain();
}

void Engine::Core::handle(Offered& offered) {
  for (auto& hot : offered.hot) {
    ChannelQueue* channel = find_channel(hot.channel);
    if (channel == nullptr || draining_) {
      gates_.give_back(hot.channel, 1);
      releases_.push_back(hot.delivery);
      continue;
    }
    channel->push({hot.delivery, 0, std::move(hot.event)}, true);
    list(*channel);
  }
  for (const auto& cold : offered.cold) {
    if (ChannelQueue* channel = find_channel(cold.channel)) {
      if (cold.due_ms == 0) {
        channel->backlog.added(now_, cold.rows);
      } else {
        channel->backlog.scheduled(cold.due_ms + Backlog::kGatherMs, cold.rows);
      }
      list(*channel);
    }
  }
}

void Engine::Core::handle(RetryRecorded& retry) {
  if (ChannelQueue* channel = find_channel(retry.channel)) {
    channel->backlog.scheduled(retry.due_ms, retry.rows);
    list(*channel);
  }
}

// ---- which channels to look at

ChannelQueue* Engine::Core::find_channel(ChannelId id) {
  const auto found = channels_.find(id);
  return found == channels_.end() || found->second->gone ? nullptr : found->second.get();
}

void Engine::Core::list(ChannelQueue& channel) {
  if (channel.listed) return;
  channel.listed = true;
  listed_.push_back(&channel);
}

void Engine::Core::fire_timers() {
  if (tick_at_ && *tick_at_ <= now_.steady_ms) tick();
  while (!timers_.empty() && timers_.top().at_steady_ms <= now_.steady_ms) {
    const Timer timer = timers_.top();
    timers_.pop();
    ChannelQueue* channel = find_channel(timer.channel);
    if (channel == nullptr) continue;
    if (channel->timer_at_steady_ms == timer.at_steady_ms) channel->timer_at_steady_ms.reset();
    list(*channel);
  }
}

void Engine::Core::look_at_listed() {
  for (ChannelQueue* channel : listed_) {
    channel->listed = false;
    if (channel->gone) {
      if (channel->in_flight() == 0) channels_.erase(channel->setup().id);
      continue;
    }
    if (!draining_) {
      channel->backlog.look(now_);
      start_attempts(*channel);
      if (channel->blocked_for_long(now_)) {
        // Where a flood may leave as a digest, it has to be in one place for that.
        const ChannelSetup& setup = channel->setup();
        channel->shed(setup.collapse > 0 ? 0 : setup.window, releases_);
      } else {
        ask_for_claim(*channel);
      }
      arm(*channel);
    }
    channel->update_gate(now_, draining_);
  }
  listed_.clear();
}

void Engine::Core::arm(ChannelQueue& channel) {
  const auto at = channel.next_look(now_);
  if (!at || (channel.timer_at_steady_ms && *channel.timer_at_steady_ms <= *at)) return;
  channel.timer_at_steady_ms = at;
  timers_.push({*at, channel.setup().id});
}

}  // namespace tocsin::delivery
