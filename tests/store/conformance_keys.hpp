// Conformance of idempotency keys. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

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

}  // namespace tocsin::store
