// Conformance of who holds what: claim, release, cancel, crash. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

TEST_P(StoreConformance, ClaimsWhatIsDueOldestFirstAndOnce) {
  const DeliveryId first = put_cold();
  const DeliveryId second = put_cold();
  put_cold();
  EXPECT_TRUE(must(store->claim(ops, kStartMs - 1, 10)).empty());
  EXPECT_TRUE(must(store->claim(mail, kStartMs, 10)).empty());
  const auto claimed = must(store->claim(ops, kStartMs, 2));
  ASSERT_EQ(claimed.size(), 2u);
  EXPECT_EQ(claimed[0].delivery, first);
  EXPECT_EQ(claimed[1].delivery, second);
  EXPECT_FALSE(claimed[0].interrupted);
  EXPECT_EQ(claimed[0].due_ms, kStartMs);
  EXPECT_EQ(describe(*claimed[0].event), describe(*make_event(first - 1)));
  EXPECT_EQ(delivery(first).state, DeliveryState::kSending);
  EXPECT_EQ(claim_ids(kStartMs).size(), 1u);
  EXPECT_THAT(claim_ids(kStartMs), IsEmpty());
}

TEST_P(StoreConformance, ClaimsAnEarlierDueBeforeAnOlderDelivery) {
  const DeliveryId old = put_hot();
  const DeliveryId recent = put_cold(kStartMs + 10);
  EXPECT_TRUE(finish_one(make_finish(old, 0, DeliveryState::kScheduled, kStartMs + 20)));
  EXPECT_THAT(claim_ids(kStartMs + 30), ElementsAre(recent, old));
}

TEST_P(StoreConformance, DoesNotClaimWhatThisEpochTookFromMemory) {
  put_hot();
  EXPECT_THAT(claim_ids(kStartMs + 1000), IsEmpty());
  EXPECT_TRUE(must(store->list_backlogs()).empty());
}

TEST_P(StoreConformance, ClaimsARetryWhenItIsDueAndNotBefore) {
  const DeliveryId id = put_hot();
  EXPECT_TRUE(finish_one(make_finish(id, 0, DeliveryState::kScheduled, kStartMs + 5000)));
  EXPECT_EQ(delivery(id).state, DeliveryState::kScheduled);
  EXPECT_EQ(delivery(id).due_ms, kStartMs + 5000);
  EXPECT_THAT(claim_ids(kStartMs + 4999), IsEmpty());
  const auto claimed = must(store->claim(ops, kStartMs + 5000, 10));
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].tries, 1u);
  EXPECT_TRUE(finish_one(make_finish(id, 1, DeliveryState::kDelivered)));
}

TEST_P(StoreConformance, ClaimsAfterACrashWhatTheOldEpochHeldWithAnInterruptedAttempt) {
  const DeliveryId hot = put_hot();
  const DeliveryId cold = put_cold();
  const DeliveryId sending = put_cold();
  EXPECT_EQ(claim_ids(kStartMs, 1), std::vector{cold});
  const auto old_epoch = store->epoch();
  crash();
  EXPECT_GT(store->epoch(), old_epoch);

  const auto claimed = must(store->claim(ops, kStartMs + 100, 10));
  ASSERT_EQ(claimed.size(), 3u);
  for (const auto& row : claimed) {
    EXPECT_EQ(row.tries, 0u);
    EXPECT_EQ(row.interrupted, row.delivery != sending);
    EXPECT_EQ(row.attempts, row.interrupted ? 1u : 0u);
  }
  EXPECT_EQ(claimed[0].delivery, hot);
  const auto attempts = must(reader->list_attempts(hot));
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].outcome.status, OutcomeStatus::kInterrupted);
  EXPECT_EQ(attempts[0].outcome.code, "host.interrupted");
  EXPECT_TRUE(finish_one(make_finish(hot, 0, DeliveryState::kDelivered)));
  EXPECT_EQ(must(reader->list_attempts(hot)).back().number, 2u);
  EXPECT_THAT(claim_ids(kStartMs + 100), IsEmpty());
}

TEST_P(StoreConformance, ClaimsALotAfterACrashInSteps) {
  for (int i = 0; i < 5; ++i) put_hot();
  crash();
  const DeliveryId fresh = put_cold();
  std::size_t claimed = 0;
  for (int i = 0; i < 3; ++i) claimed += claim_ids(kStartMs, 2).size();
  EXPECT_EQ(claimed, 6u);
  EXPECT_EQ(delivery(fresh).state, DeliveryState::kSending);
  EXPECT_THAT(claim_ids(kStartMs, 2), IsEmpty());
}

TEST_P(StoreConformance, InterruptsNothingAfterAReleaseAndACleanStop) {
  const DeliveryId id = put_hot();
  const std::vector<DeliveryId> held = {id};
  must(store->release(held, kStartMs + 7));
  stop_and_start();
  const auto claimed = must(store->claim(ops, kStartMs + 7, 10));
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_FALSE(claimed[0].interrupted);
  EXPECT_THAT(must(reader->list_attempts(id)), IsEmpty());
}

TEST_P(StoreConformance, ReleasesOnlyWhatItHolds) {
  const DeliveryId done = put_hot();
  EXPECT_TRUE(finish_one(make_finish(done, 0, DeliveryState::kDelivered)));
  const DeliveryId scheduled = put_hot();
  EXPECT_TRUE(finish_one(make_finish(scheduled, 0, DeliveryState::kScheduled, kStartMs + 5000)));
  const std::vector<DeliveryId> both = {done, scheduled, 999};
  must(store->release(both, kStartMs));
  EXPECT_EQ(delivery(done).state, DeliveryState::kDelivered);
  EXPECT_EQ(delivery(scheduled).due_ms, kStartMs + 5000);
}

TEST_P(StoreConformance, CancelsAChannelsBacklogButNotWhatIsInFlight) {
  const DeliveryId hot = put_hot();
  const DeliveryId cold = put_cold();
  EXPECT_EQ(must(store->cancel_channel(ops, "channel.removed", kStartMs + 9)), 1u);
  EXPECT_EQ(delivery(hot).state, DeliveryState::kPending);
  const auto cancelled = delivery(cold);
  EXPECT_EQ(cancelled.state, DeliveryState::kCancelled);
  EXPECT_EQ(cancelled.reason, "channel.removed");
  EXPECT_EQ(cancelled.finished_ms, kStartMs + 9);
  EXPECT_THAT(claim_ids(kStartMs + 10), IsEmpty());
  crash();
  EXPECT_EQ(must(store->cancel_channel(ops, "channel.removed", kStartMs + 9)), 1u);
  EXPECT_EQ(delivery(hot).state, DeliveryState::kCancelled);
}

TEST_P(StoreConformance, CancelsOneUnlessItIsHeld) {
  const DeliveryId cold = put_cold(), hot = put_hot();
  EXPECT_TRUE(must(store->cancel(cold, false, "cancelled by ann", kStartMs + 9)));
  EXPECT_EQ(delivery(cold).state, DeliveryState::kCancelled);
  EXPECT_EQ(delivery(cold).reason, "cancelled by ann");
  EXPECT_EQ(delivery(cold).finished_ms, kStartMs + 9);
  EXPECT_FALSE(must(store->cancel(cold, false, "again", kStartMs + 10)));
  EXPECT_FALSE(must(store->cancel(hot, false, "held", kStartMs)));
  EXPECT_TRUE(must(store->cancel(hot, true, "let go", kStartMs)));
  EXPECT_FALSE(finish_one(make_finish(hot, 0, DeliveryState::kDelivered))) << "the end came first";
  EXPECT_EQ(delivery(hot).state, DeliveryState::kCancelled);
  EXPECT_FALSE(must(store->cancel(999, true, "nobody's", kStartMs)));
}

TEST_P(StoreConformance, TakesUpAgainWhatWasFinalOrWaitsForATry) {
  const DeliveryId done = put_hot(), failed = put_hot(), scheduled = put_hot(), held = put_hot();
  EXPECT_TRUE(finish_one(make_finish(done, 0, DeliveryState::kDelivered)));
  EXPECT_TRUE(finish_one(make_finish(failed, 0, DeliveryState::kFailed)));
  EXPECT_TRUE(finish_one(make_finish(scheduled, 0, DeliveryState::kScheduled, kStartMs + 50'000)));
  const std::vector<DeliveryId> all = {done, failed, scheduled, held, 999};
  const auto reopened = must(store->reopen(all, kStartMs + 5));
  ASSERT_EQ(reopened.size(), 1U);
  EXPECT_EQ(reopened[0].channel, ops);
  EXPECT_EQ(reopened[0].unfinished, 2) << "the one that waited was counted before";
  EXPECT_EQ(delivery(held).state, DeliveryState::kPending) << "what is held is left alone";
  const auto claimed = must(store->claim(ops, kStartMs + 5, 10));
  ASSERT_EQ(claimed.size(), 3U);
  for (const auto& each : claimed) {
    EXPECT_EQ(each.tries, 0U);
    EXPECT_EQ(each.attempts, 1U) << "what was tried before stays on record";
    EXPECT_FALSE(each.interrupted);
  }
  EXPECT_TRUE(finish_one(make_finish(failed, 0, DeliveryState::kDelivered)));
  EXPECT_EQ(must(reader->list_attempts(failed)).size(), 2U);
  EXPECT_EQ(delivery(failed).state, DeliveryState::kDelivered);
}

TEST_P(StoreConformance, CancelsMoreThanOneTransactionsWorth) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 2500; ++i) events.push_back(plan({{ops, false}}));
  must(store->write(events, {}, kStartMs));
  EXPECT_EQ(must(store->cancel_channel(ops, "channel.removed", kStartMs)), 2500u);
  EXPECT_TRUE(must(store->list_backlogs()).empty());
}

TEST_P(StoreConformance, CountsTheBacklogOfEachChannel) {
  put_cold(kStartMs + 20);
  put_cold(kStartMs + 10);
  put_hot();
  write_one(plan({{mail, false}}, kStartMs + 30), kStartMs + 30);
  auto backlogs = must(store->list_backlogs());
  ASSERT_EQ(backlogs.size(), 2u);
  EXPECT_EQ(backlogs[0].channel, ops);
  EXPECT_EQ(backlogs[0].unfinished, 2);
  EXPECT_EQ(backlogs[0].next_due_ms, kStartMs + 10);
  EXPECT_EQ(backlogs[1].channel, mail);
  crash();
  backlogs = must(store->list_backlogs());
  EXPECT_EQ(backlogs[0].unfinished, 3);
}

}  // namespace tocsin::store
