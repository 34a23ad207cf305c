// Conformance of recording attempts, fencing and failing whole. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

TEST_P(StoreConformance, RecordsAnAttemptWithEveryField) {
  const DeliveryId id = put_hot();
  const Finish finish = make_finish(id, 0, DeliveryState::kDelivered);
  EXPECT_TRUE(finish_one(finish, kStartMs + 50));
  const auto record = delivery(id);
  EXPECT_EQ(record.state, DeliveryState::kDelivered);
  EXPECT_EQ(record.tries, 1u);
  EXPECT_EQ(record.finished_ms, kStartMs + 50);
  EXPECT_EQ(record.reason, "webhook.http_200");
  const auto attempts = must(reader->list_attempts(id));
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].number, 1u);
  EXPECT_EQ(attempts[0].started_ms, finish.attempt.started_ms);
  EXPECT_EQ(attempts[0].duration_us, 1234);
  EXPECT_EQ(attempts[0].outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ(attempts[0].outcome.retry_after_ms, 2000);
  EXPECT_EQ(attempts[0].outcome.code, "webhook.http_200");
  EXPECT_EQ(attempts[0].outcome.detail, "the answer");
  EXPECT_EQ(attempts[0].outcome.provider_id, "msg-1");
  EXPECT_EQ(attempts[0].http_status, 200);
  EXPECT_EQ(attempts[0].remote_address, "203.0.113.7:443");
  EXPECT_EQ(attempts[0].response, finish.attempt.response);
}

TEST_P(StoreConformance, CountsTriesButNotInterruptions) {
  const DeliveryId id = put_hot();
  Finish interrupted = make_finish(id, 0, DeliveryState::kPending, kStartMs);
  interrupted.counted = false;
  EXPECT_TRUE(finish_one(interrupted));
  EXPECT_EQ(delivery(id).tries, 0u);
  ASSERT_THAT(claim_ids(kStartMs), ElementsAre(id));
  EXPECT_TRUE(finish_one(make_finish(id, 0, DeliveryState::kScheduled, kStartMs)));
  const auto claimed = must(store->claim(ops, kStartMs, 10));
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].tries, 1u);
  EXPECT_EQ(claimed[0].attempts, 2u);
  EXPECT_TRUE(finish_one(make_finish(id, 1, DeliveryState::kFailed)));
  const auto attempts = must(reader->list_attempts(id));
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(attempts[2].number, 3u);
  EXPECT_EQ(delivery(id).tries, 2u);
}

TEST_P(StoreConformance, FencesAFinishThatCameTooLate) {
  const DeliveryId id = put_hot();
  EXPECT_TRUE(finish_one(make_finish(id, 0, DeliveryState::kDelivered)));
  EXPECT_FALSE(finish_one(make_finish(id, 0, DeliveryState::kFailed)));
  EXPECT_FALSE(finish_one(make_finish(id, 1, DeliveryState::kFailed)));
  EXPECT_EQ(delivery(id).state, DeliveryState::kDelivered);
  EXPECT_EQ(must(reader->list_attempts(id)).size(), 3u);
}

TEST_P(StoreConformance, FencesAFinishOfAnotherTry) {
  const DeliveryId id = put_hot();
  EXPECT_FALSE(finish_one(make_finish(id, 1, DeliveryState::kDelivered)));
  EXPECT_EQ(delivery(id).state, DeliveryState::kPending);
}

TEST_P(StoreConformance, FencesAFinishOfWhatThisEpochDoesNotHold) {
  const DeliveryId cold = put_cold();
  EXPECT_FALSE(finish_one(make_finish(cold, 0, DeliveryState::kDelivered)));
  const DeliveryId hot = put_hot();
  crash();
  EXPECT_FALSE(finish_one(make_finish(hot, 0, DeliveryState::kDelivered)));
  EXPECT_EQ(delivery(hot).state, DeliveryState::kPending);
}

TEST_P(StoreConformance, IgnoresAFinishOfADeliveryThatIsGone) {
  EXPECT_FALSE(finish_one(make_finish(12345, 0, DeliveryState::kDelivered)));
  EXPECT_THAT(must(reader->list_attempts(12345)), IsEmpty());
}

TEST_P(StoreConformance, WritesEventsAndFinishesInOneCall) {
  const DeliveryId earlier = put_hot();
  const NewEvent event = plan({{ops, true}});
  const Finish finish = make_finish(earlier, 0, DeliveryState::kAccepted);
  const auto written = must(store->write(std::span(&event, 1), std::span(&finish, 1), kStartMs));
  EXPECT_EQ(written.accepted.size(), 1u);
  EXPECT_THAT(written.applied, ElementsAre(true));
}

TEST_P(StoreConformance, AppliesNothingOfABatchThatFails) {
  const NewEvent good = plan({{ops, true}});
  const std::vector<NewEvent> batch = {good, good};  // the same number twice
  const auto written = store->write(batch, {}, kStartMs);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::kInternal);
  EXPECT_EQ(must(reader->find_event(good.event->id, {})), std::nullopt);
  EXPECT_EQ(write_one(good).kind, Accepted::Kind::kStored);
}

TEST_P(StoreConformance, SaysWhetherThereIsRoomWhenGivenNothing) {
  EXPECT_TRUE(store->write({}, {}, kStartMs));
}

}  // namespace tocsin::store
