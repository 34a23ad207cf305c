// Conformance of names, accepting, idempotency and finishing. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(StoreConformance, GivesTheSameNumbersToTheSameNames) {
  const std::vector<std::string> names = {"payments", "new", "platform"};
  const auto first = must(store->resolve_teams(names));
  EXPECT_EQ(first[0], other_team);
  EXPECT_EQ(first[2], team);
  stop_and_start();
  EXPECT_EQ(must(store->resolve_teams(names)), first);
}

TEST_P(StoreConformance, KeepsAChannelsNumberWhenItsTypeChanges) {
  const std::vector<ChannelKey> keys = {{team, "ops", "slack"}, {other_team, "ops", "webhook"}};
  const auto channels = must(store->resolve_channels(keys));
  EXPECT_EQ(channels[0], ops);
  EXPECT_NE(channels[1], ops);
  const auto all = must(store->list_channels());
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].first, ops);
  EXPECT_EQ(all[0].second.type, "slack");
}

TEST_P(StoreConformance, NumbersAGenerationByItsBytes) {
  const auto first = must(store->put_generation(team, "rules = 1"));
  EXPECT_EQ(must(store->put_generation(team, "rules = 1")), first);
  EXPECT_NE(must(store->put_generation(team, "rules = 2")), first);
  EXPECT_NE(must(store->put_generation(other_team, "rules = 1")), first);
  EXPECT_EQ(must(reader->find_generation(first)), "rules = 1");
  EXPECT_EQ(must(reader->find_generation(first + 100)), std::nullopt);
}

TEST_P(StoreConformance, ReturnsAnEventByteForByte) {
  const NewEvent event = plan({{ops, true}, {mail, false}});
  const Accepted accepted = write_one(event);
  EXPECT_EQ(accepted.kind, Accepted::Kind::kStored);
  EXPECT_EQ(accepted.id, event.event->id);
  EXPECT_THAT(accepted.channels, ElementsAre(ops, mail));

  const auto found = must(reader->find_event(event.event->id, {}));
  ASSERT_TRUE(found);
  EXPECT_EQ(describe(found->event), describe(*event.event));
  EXPECT_EQ(found->event.data, event.event->data);
  EXPECT_EQ(found->team, team);
  EXPECT_EQ(found->generation, 1);
  ASSERT_EQ(found->deliveries.size(), 2u);
  EXPECT_EQ(found->deliveries[1].id, event.event->seq + 2);
  EXPECT_EQ(found->deliveries[1].channel_name, "mail");
  EXPECT_EQ(found->deliveries[1].channel_type, "smtp");
  EXPECT_EQ(found->deliveries[1].state, DeliveryState::kPending);
}

TEST_P(StoreConformance, KeepsAnEventThatNoRuleMatched) {
  const NewEvent event = plan({});
  write_one(event);
  EXPECT_THAT(must(reader->find_event(event.event->id, {}))->deliveries, IsEmpty());
}

TEST_P(StoreConformance, AnswersARepeatedKeyWithTheFirstEvent) {
  const NewEvent first = plan_with_key("id:a");
  write_one(first);
  const Accepted again = write_one(plan_with_key("id:a"));
  EXPECT_EQ(again.kind, Accepted::Kind::kDuplicate);
  EXPECT_EQ(again.seq, first.event->seq);
  EXPECT_EQ(again.id, first.event->id);
  EXPECT_THAT(again.channels, ElementsAre(ops));
}

TEST_P(StoreConformance, AnswersARepeatedKeyWithTheProducersOwnId) {
  NewEvent first = plan_with_key("id:order-17");
  auto named = std::make_shared<Event>(*first.event);
  named->id = "order-17";
  first.event = named;
  write_one(first);
  EXPECT_EQ(write_one(plan_with_key("id:order-17")).id, "order-17");
}

TEST_P(StoreConformance, CallsAnotherBodyUnderAKnownKeyAConflict) {
  const NewEvent first = plan_with_key("id:a", 1);
  write_one(first);
  const Accepted other = write_one(plan_with_key("id:a", 2));
  EXPECT_EQ(other.kind, Accepted::Kind::kConflict);
  EXPECT_EQ(other.seq, first.event->seq);
}

TEST_P(StoreConformance, LetsAConflictOutweighADuplicate) {
  write_one(plan_with_key("id:a", 1));
  write_one(plan_with_key("key:b", 2));
  NewEvent both = plan_with_key("id:a", 1);
  both.keys = {"id:a", "key:b"};
  EXPECT_EQ(write_one(both).kind, Accepted::Kind::kConflict);
}

TEST_P(StoreConformance, SeesTwoEqualKeysInOneBatch) {
  const std::vector<NewEvent> batch = {plan_with_key("id:a", 1), plan_with_key("id:a", 1),
                                       plan_with_key("id:a", 2), plan_with_key("id:b", 1)};
  const auto written = must(store->write(batch, {}, kStartMs));
  using Kind = Accepted::Kind;
  std::vector<Kind> kinds;
  for (const auto& accepted : written.accepted) kinds.push_back(accepted.kind);
  EXPECT_THAT(kinds, ElementsAre(Kind::kStored, Kind::kDuplicate, Kind::kConflict, Kind::kStored));
  EXPECT_EQ(written.accepted[1].seq, batch[0].event->seq);
}

TEST_P(StoreConformance, KeepsKeysOfTwoTeamsApart) {
  write_one(plan_with_key("id:a", 1));
  NewEvent other = plan_with_key("id:a", 2);
  other.team = other_team;
  EXPECT_EQ(write_one(other).kind, Accepted::Kind::kStored);
}

TEST_P(StoreConformance, ForgetsAKeyWhenItsTimeIsOver) {
  const std::int64_t end_ms = kStartMs + kConformanceIdempotencyMs;
  write_one(plan_with_key("id:a", 1));
  EXPECT_EQ(write_one(plan_with_key("id:a", 1, end_ms - 1), end_ms - 1).kind, Accepted::Kind::kDuplicate);
  const NewEvent late = plan_with_key("id:a", 2, end_ms);
  EXPECT_EQ(write_one(late, end_ms).kind, Accepted::Kind::kStored);
  EXPECT_EQ(write_one(plan_with_key("id:a", 2, end_ms), end_ms).seq, late.event->seq);
}

TEST_P(StoreConformance, LeavesAKeyFreeThatCameWithATakenOne) {
  const NewEvent first = plan_with_key("id:a");
  write_one(first);
  NewEvent both = plan_with_key("id:a");
  both.keys = {"key:b", "id:a"};
  EXPECT_EQ(write_one(both).seq, first.event->seq);
  EXPECT_EQ(write_one(plan_with_key("key:b")).kind, Accepted::Kind::kStored);
}

TEST_P(StoreConformance, TakesAnEventThatNamesAKeyTwice) {
  NewEvent twice = plan_with_key("id:a");
  twice.keys = {"id:a", "id:a"};
  EXPECT_EQ(write_one(twice).kind, Accepted::Kind::kStored);
  EXPECT_EQ(write_one(plan_with_key("id:a")).seq, twice.event->seq);
}

TEST_P(StoreConformance, RemembersKeysOverARestart) {
  const NewEvent first = plan_with_key("id:a", 1);
  write_one(first);
  crash();
  EXPECT_EQ(write_one(plan_with_key("id:a", 1)).seq, first.event->seq);
}

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
