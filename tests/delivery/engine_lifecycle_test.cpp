// Reload and drain: nothing is lost, nothing is sent twice, nothing waits for a plugin that hangs.
#include <thread>

#include "delivery/fixtures.hpp"

namespace tocsin::delivery {
namespace {

class EngineLifecycle : public EngineTest {
 protected:
  // Drains on another thread, with something left in the queue; returns when the drain has returned.
  void drain(std::int64_t grace_ms, const std::function<void()>& meanwhile = {}) {
    std::promise<void> done;
    std::thread thread([&] {
      engine->drain(grace_ms);
      done.set_value();
    });
    if (meanwhile) {
      // The drain has begun when what was queued has been given back.
      while (status(ids[0]).queued > 0) std::this_thread::yield();
      meanwhile();
    }
    auto future = done.get_future();
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready);
    thread.join();
    with_store([](store::Store&) {});
    with_store([](store::Store&) {});
  }
};

TEST_F(EngineLifecycle, LetsWhatIsInFlightFinishAndGivesTheRestBack) {
  const auto target = instance();
  serve(target);
  const auto all = push(ids[0], 30);
  settle();
  ASSERT_EQ(target->live().size(), 8U);
  drain(30'000, [&] { target->complete_all(outcome(OutcomeStatus::kDelivered)); });
  EXPECT_EQ(target->seen_count(), 8U) << "nothing new is started";
  EXPECT_TRUE(target->wait_until_stopped());
  EXPECT_FALSE(engine->admit(ids[0]));
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 8U);
  EXPECT_EQ(count_in(DeliveryState::kPending, all), 22U);

  close();
  open();
  const auto next = instance(always(OutcomeStatus::kDelivered));
  serve(next);
  settle(20);
  EXPECT_EQ(next->seen_count(), 22U) << "a clean stop duplicates nothing";
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 30U);
  for (const DeliveryId id : all) EXPECT_EQ(attempts(id).size(), 1U);
}

TEST_F(EngineLifecycle, InterruptsWhatDoesNotFinishWithinTheGrace) {
  const auto hung = instance();
  serve(hung);
  auto all = push(ids[0], 9);
  settle();
  drain(30'000, [&] {
    clock.advance_ms(30'000);
    engine->wake();
  });
  EXPECT_TRUE(attempts(all.back()).empty());
  all.pop_back();
  for (const DeliveryId id : all) {
    EXPECT_EQ(record(id).state, DeliveryState::kPending);
    EXPECT_EQ(record(id).tries, 0U);
    ASSERT_EQ(attempts(id).size(), 1U);
    EXPECT_EQ(attempts(id)[0].outcome.status, OutcomeStatus::kInterrupted);
  }
}

TEST_F(EngineLifecycle, LeavesAPluginBehindThatDoesNotEndItsJobs) {
  const auto deaf = instance();
  deaf->deaf = true;
  serve(deaf);
  const auto id = push(ids[0]).front();
  settle();
  drain(0);
  EXPECT_EQ(record(id).state, DeliveryState::kPending);
  EXPECT_EQ(attempts(id)[0].outcome.code, "host.interrupted");
}

TEST_F(EngineLifecycle, GivesBackWhatIsAcceptedAfterTheDrain) {
  serve(instance(always(OutcomeStatus::kDelivered)));
  ASSERT_TRUE(engine->admit(ids[0]));
  drain(0);
  std::vector<store::NewEvent> events;
  events.push_back(store::make_new_event(take_seqs(2), team(), {{ids[0], true}}));
  const DeliveryId id = events[0].event->seq + 1;
  std::promise<void> done;
  writer_->accept(std::move(events), [&](const auto&) { done.set_value(); });
  done.get_future().wait();
  with_store([&](store::Store& store) {
    const auto left = store::must(store.list_backlogs());
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].unfinished, 1);
  });
  EXPECT_EQ(record(id).state, DeliveryState::kPending);
}

TEST_F(EngineLifecycle, DrainsAnEngineThatWasNeverStarted) {
  engine->configure({setup(ids[0], instance())}, {});
  const auto id = push(ids[0]).front();
  drain(1000);
  EXPECT_EQ(record(id).state, DeliveryState::kPending);
  with_store([&](store::Store& store) { EXPECT_EQ(store::must(store.list_backlogs()).size(), 1U); });
}

TEST_F(EngineLifecycle, FinishesOnTheOldInstanceWhatStartedThereAndStopsIt) {
  const auto old = instance();
  serve(old);
  const auto first = push(ids[0], 10);
  settle();
  const auto fresh = instance(always(OutcomeStatus::kDelivered));
  engine->configure({setup(ids[0], fresh)}, {});
  settle();
  EXPECT_EQ(old->live().size(), 8U);
  EXPECT_EQ(fresh->seen_count(), 0U) << "the window is the channel's";
  for (std::size_t i = 0; i < 8; ++i) old->complete(first[i], outcome(OutcomeStatus::kRetry));
  EXPECT_TRUE(old->wait_until_stopped());
  settle();
  EXPECT_EQ(count_in(DeliveryState::kScheduled, first), 8U);
  EXPECT_EQ(fresh->seen_count(), 2U);
  EXPECT_EQ(status(ids[0]).state, "ready") << "failures of the old settings open no breaker of the new";
  advance(12'000);
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, first), 10U);
}

TEST_F(EngineLifecycle, KeepsQueueBreakerAndFiguresWhereTheInstanceStays) {
  const auto target = instance(always(OutcomeStatus::kRetry));
  serve(target);
  push(ids[0], 20);
  settle();
  const auto before = status(ids[0]);
  ASSERT_EQ(before.state, "backing_off");
  engine->configure({setup(ids[0], target)}, {});
  settle();
  const auto after = status(ids[0]);
  EXPECT_EQ(after.state, "backing_off");
  EXPECT_EQ(after.resume_ms, before.resume_ms);
  EXPECT_EQ(after.queued, before.queued);
  EXPECT_EQ(after.backlog, before.backlog);
  EXPECT_EQ(after.last_failure_ms, before.last_failure_ms);
  EXPECT_EQ(target->seen_count(), 8U);
}

TEST_F(EngineLifecycle, LetsGoOfAChannelThatIsNoLongerConfigured) {
  const auto target = instance();
  serve(target);
  const auto all = push(ids[0], 12);
  settle();
  engine->configure({}, {});
  EXPECT_FALSE(engine->admit(ids[0]));
  EXPECT_TRUE(engine->statuses().empty());
  with_store([&](store::Store& store) {
    EXPECT_EQ(store::must(store.cancel_channel(ids[0], "the channel was removed", clock.unix_ms())), 4U);
  });
  target->complete(all[0], outcome(OutcomeStatus::kDelivered));
  target->complete(all[1], outcome(OutcomeStatus::kRetry));
  for (std::size_t i = 2; i < 8; ++i) target->complete(all[i], outcome(OutcomeStatus::kDelivered));
  EXPECT_TRUE(target->wait_until_stopped());
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 7U);
  EXPECT_EQ(count_in(DeliveryState::kCancelled, all), 5U) << "nobody would try it again";
}

TEST_F(EngineLifecycle, TakesAChannelBackThatWasRemovedWhileInFlight) {
  const auto old = instance();
  serve(old);
  const auto first = push(ids[0]).front();
  settle();
  engine->configure({}, {});
  engine->configure({setup(ids[0], instance(always(OutcomeStatus::kDelivered)))}, {});
  const auto second = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(second).state, DeliveryState::kDelivered);
  old->complete(first, outcome(OutcomeStatus::kDelivered));
  settle();
  EXPECT_EQ(record(first).state, DeliveryState::kDelivered);
  EXPECT_EQ(status(ids[0]).in_flight, 0U);
}

TEST_F(EngineLifecycle, LosesNothingWhenReloadedUnderLoad) {
  serve(instance(always(OutcomeStatus::kDelivered)));
  std::vector<DeliveryId> all;
  for (int round = 0; round < 30; ++round) {
    const auto more = push(ids[0], 20);
    all.insert(all.end(), more.begin(), more.end());
    engine->configure({setup(ids[0], instance(always(OutcomeStatus::kDelivered)))}, {});
  }
  for (int i = 0; i < 20; ++i) advance(1000);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), all.size());
  for (const DeliveryId id : all) EXPECT_EQ(attempts(id).size(), 1U);
}

}  // namespace
}  // namespace tocsin::delivery
