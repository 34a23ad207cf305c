// Tests that somebody waits for: a message that goes the way every alert goes, or a look at the connection
// alone. What they find out is told once, or that they still wait. See core.hpp.
#include <utility>

#include "delivery/core.hpp"

namespace tocsin::delivery {

Result<ChannelQueue*> Engine::Core::find_testable(ChannelId id) {
  ChannelQueue* channel = find_channel(id);
  if (channel == nullptr) return make_error(Errc::kNotFound, "no such channel");
  if (draining_) return make_error(Errc::kUnavailable, "the daemon is stopping: test again shortly");
  if (!channel->lease()) {
    return make_error(Errc::kConflict, "the channel cannot deliver: " + channel->setup().unavailable);
  }
  for (const auto& [key, test] : tests_) {
    if (test.channel == id) {
      return make_error(Errc::kConflict, "a test of this channel is under way: wait for its end");
    }
  }
  return channel;
}

Result<void> Engine::Core::expect_test(ChannelId id, DeliveryId delivery, std::int64_t patience_ms,
                                       TestDone done) {
  Result<void> answer;
  run_on_core([&] {
    const auto channel = find_testable(id);
    if (!channel) {
      answer = channel.error();
      return;
    }
    gates_.take(gates_.find_or_add(id), 1);
    tests_[delivery] = {id, now_.steady_ms + patience_ms, std::move(done)};
  });
  return answer;
}

void Engine::Core::forget_test(DeliveryId delivery) {
  send(Order([this, delivery] { static_cast<void>(take_test(delivery)); }));
}

Result<void> Engine::Core::verify(ChannelId id, std::int64_t patience_ms, TestDone done) {
  Result<void> answer;
  run_on_core([&] {
    const auto channel = find_testable(id);
    if (!channel) {
      answer = channel.error();
      return;
    }
    const std::shared_ptr<Lease> lease = (*channel)->lease();
    if (!lease->instance->type().verifies) {
      Error error =
          make_error(Errc::kInvalid, "/kind: channels of type " + (*channel)->setup().type +
                                         " have no connection to test by itself: send a test message");
      error.fields.push_back({"/kind", "only \"message\" is served for this type of channel"});
      answer = std::move(error);
      return;
    }
    const DeliveryId key = --last_verification_;
    tests_[key] = {id, now_.steady_ms + patience_ms, std::move(done)};
    ++lease->in_flight;
    watch(lease);
    lease->instance->verify(
        now_.unix_ms + options_.attempt_deadline_ms, [this, inbox = inbox_, key, lease](Attempt attempt) {
          inbox->send(Order(
              [this, key, lease, attempt = std::move(attempt)] { end_verification(key, lease, attempt); }));
        });
  });
  return answer;
}

TestDone Engine::Core::take_test(DeliveryId key) {
  auto found = tests_.extract(key);
  return found.empty() ? TestDone() : std::move(found.mapped().done);
}

// What the writer is to call when the end of a test message is on disk.
store::FinishDone Engine::Core::end_test(const store::Finish& finish) {
  TestDone done = take_test(finish.delivery);
  if (!done) return [](const Result<bool>&) {};
  return [end = TestEnd{true, finish.state, finish.attempt, {}},
          done = std::move(done)](const Result<bool>& applied) mutable {
    if (!applied) end = {false, DeliveryState::kPending, {}, "its end could not be written to disk"};
    done(std::move(end));
  };
}

void Engine::Core::end_verification(DeliveryId key, const std::shared_ptr<Lease>& lease, Attempt attempt) {
  --lease->in_flight;
  if (lease->replaced && lease->in_flight == 0) retire(lease);
  if (const TestDone done = take_test(key)) done({true, DeliveryState::kPending, std::move(attempt), {}});
}

// Those that wait for too long are told so; the message itself goes on waiting.
void Engine::Core::look_at_tests() {
  for (auto at = tests_.begin(); at != tests_.end();) {
    if (at->second.until_steady_ms > now_.steady_ms) {
      ++at;
      continue;
    }
    const Test test = std::move(tests_.extract(at++).mapped());
    const ChannelQueue* channel = find_channel(test.channel);
    std::string reason = "the receiver has not answered yet";
    if (channel == nullptr) {
      reason = "the channel was removed";
    } else if (const ChannelStatus status = channel->status(now_); status.resume_ms > 0) {
      reason = "the channel waits until " + format_rfc3339(status.resume_ms);
    }
    test.done({false, DeliveryState::kPending, {}, std::move(reason)});
  }
}

void Engine::Core::give_up_tests() {
  for (auto& [key, test] : std::exchange(tests_, {})) {
    test.done({false, DeliveryState::kPending, {}, "the daemon is stopping"});
  }
}

}  // namespace tocsin::delivery
