// What is in memory and what is on disk: admission, overflow, the backlog after a restart or a crash.
#include "delivery/fixtures.hpp"

namespace tocsin::delivery {
namespace {

class EngineBacklog : public EngineTest {
 protected:
  // Deliveries of an earlier boot, straight into the store.
  std::vector<DeliveryId> leave_behind(ChannelId channel, std::size_t count, bool hot) {
    std::vector<DeliveryId> left;
    with_store([&](store::Store& store) {
      while (left.size() < count) {
        std::vector<store::NewEvent> events;
        for (std::size_t i = 0; i < 1000 && left.size() < count; ++i) {
          const EventSeq seq = take_seqs(2);
          events.push_back(store::make_new_event(seq, team(), {{channel, hot}}, clock.unix_ms()));
          left.push_back(seq + 1);
        }
        static_cast<void>(store::must(store.write(events, {}, clock.unix_ms())));
      }
    });
    return left;
  }
};

TEST_F(EngineBacklog, AdmitsAsManyAsTheHotQueueHolds) {
  options.hot_queue = 20;
  close();
  open();
  EXPECT_FALSE(engine->admit(ids[0])) << "not configured";
  serve(instance());
  int admitted = 0;
  while (engine->admit(ids[0])) ++admitted;
  EXPECT_EQ(admitted, 20);
}

TEST_F(EngineBacklog, GivesThePlacesBackOfWhatWasNotStored) {
  options.hot_queue = 3;
  close();
  open();
  serve(instance(always(OutcomeStatus::kDelivered)));
  ASSERT_TRUE(engine->admit(ids[0]) && engine->admit(ids[0]) && engine->admit(ids[0]));
  EXPECT_FALSE(engine->admit(ids[0]));
  std::vector<store::NewEvent> events;
  std::vector<Result<store::Accepted>> results;
  for (int i = 0; i < 3; ++i) {
    events.push_back(store::make_new_event(take_seqs(2), team(), {{ids[0], true}}));
  }
  store::Accepted duplicate;
  duplicate.kind = store::Accepted::Kind::kDuplicate;
  store::Accepted conflict;
  conflict.kind = store::Accepted::Kind::kConflict;
  results.emplace_back(duplicate);
  results.emplace_back(conflict);
  results.emplace_back(make_error(Errc::kStorageFull, "no room"));
  engine->offer(events, results);
  EXPECT_TRUE(engine->admit(ids[0]) && engine->admit(ids[0]) && engine->admit(ids[0]));
}

TEST_F(EngineBacklog, LeavesTheOverflowOnDiskAndLetsNothingPassIt) {
  options.hot_queue = 20;
  close();
  open();
  const auto target = instance();
  serve(target);
  const auto all = push(ids[0], 60);
  settle();
  EXPECT_EQ(status(ids[0]).queued, 12U);
  EXPECT_EQ(status(ids[0]).backlog, 40);
  EXPECT_FALSE(engine->admit(ids[0])) << "there is room, but others wait on disk";
  while (target->seen_count() < all.size()) {
    target->complete_all(outcome(OutcomeStatus::kDelivered));
    settle(4);
    EXPECT_LE(status(ids[0]).queued, 20U + 16U);
  }
  target->complete_all(outcome(OutcomeStatus::kDelivered));
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), all.size());
  EXPECT_EQ(status(ids[0]).backlog, 0);
  EXPECT_TRUE(engine->admit(ids[0]));
}

TEST_F(EngineBacklog, DeliversTheFirstOfFiftyThousandAtOnceAndAllWithBoundedMemory) {
  const auto left = leave_behind(ids[0], 50'000, false);
  close();
  open();
  ASSERT_EQ(backlogs.size(), 1U);
  EXPECT_EQ(backlogs[0].unfinished, 50'000);
  const auto target = instance(always(OutcomeStatus::kDelivered));
  const auto slow = instance();
  engine->configure({setup(ids[0], target), setup(ids[1], slow)}, backlogs);
  engine->start();
  ASSERT_TRUE(target->wait_for_jobs(1));
  std::uint32_t most_queued = 0;
  while (target->seen_count() < left.size()) {
    ASSERT_TRUE(target->wait_for_jobs(target->seen_count() + 1));
    most_queued = std::max(most_queued, status(ids[0]).queued);
  }
  settle();
  EXPECT_LE(most_queued, 256U);
  EXPECT_EQ(record(left.front()).state, DeliveryState::kDelivered);
  EXPECT_EQ(record(left.back()).state, DeliveryState::kDelivered);
  with_store([&](store::Store& store) { EXPECT_TRUE(store::must(store.list_backlogs()).empty()); });
}

TEST_F(EngineBacklog, TriesAgainWhatWasInFlightAtACrash) {
  const auto left = leave_behind(ids[0], 20, true);  // held by a boot that never finished them
  close();
  open();
  const auto target = instance(always(OutcomeStatus::kDelivered));
  serve(target);
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, left), 20U);
  EXPECT_EQ(target->seen_count(), 20U);
  ASSERT_EQ(attempts(left[0]).size(), 2U);
  EXPECT_EQ(attempts(left[0])[0].outcome.status, OutcomeStatus::kInterrupted);
  EXPECT_EQ(record(left[0]).tries, 1U) << "the interruption is no try";
}

TEST_F(EngineBacklog, FindsTheRetriesOfAnEarlierRunWhenTheyAreDue) {
  const auto failing = instance(always(OutcomeStatus::kRetry));
  serve(failing);
  const auto all = push(ids[0], 3);
  settle();
  close();
  open();
  const auto target = instance(always(OutcomeStatus::kDelivered));
  serve(target);
  settle();
  EXPECT_EQ(target->seen_count(), 0U);
  EXPECT_EQ(status(ids[0]).backlog, 3);
  advance(12'000);
  for (int seconds = 0; seconds < 4; ++seconds) advance(15'000);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 3U);
}

TEST_F(EngineBacklog, KeepsTheDeliveriesOfAChannelWithoutAnInstanceUntilItHasOne) {
  ChannelSetup broken = setup(ids[0], nullptr);
  broken.unavailable = "plugin webhook.so cannot be loaded";
  engine->configure({broken}, {});
  engine->start();
  EXPECT_FALSE(engine->admit(ids[0]));
  const auto all = push(ids[0], 40);
  settle();
  EXPECT_EQ(status(ids[0]).state, "unavailable");
  EXPECT_EQ(status(ids[0]).reason, "plugin webhook.so cannot be loaded");
  EXPECT_EQ(status(ids[0]).backlog, 40);
  engine->configure({setup(ids[0], instance(always(OutcomeStatus::kDelivered)))}, {});
  settle(20);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 40U);
}

TEST_F(EngineBacklog, TakesNoMoreThanAFewOfADeadTargetIntoMemory) {
  leave_behind(ids[0], 2000, false);
  close();
  open();
  serve(instance(always(OutcomeStatus::kRetry)));
  settle(20);
  EXPECT_EQ(status(ids[0]).state, "backing_off");
  EXPECT_LE(status(ids[0]).queued, 8U);
  EXPECT_GE(status(ids[0]).backlog, 1990);
}

}  // namespace
}  // namespace tocsin::delivery
