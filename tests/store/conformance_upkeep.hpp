// Conformance of retention, restarts and checkpoints. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

TEST_P(StoreConformance, DeletesOldEventsWithEverythingOfTheirs) {
  NewEvent old = plan_with_key("id:old");
  write_one(old);
  const DeliveryId id = old.event->seq + 1;
  EXPECT_TRUE(finish_one(make_finish(id, 0, DeliveryState::kDelivered)));
  write_one(plan({}, kStartMs + 1000), kStartMs + 1000);
  EXPECT_EQ(must(store->delete_expired(kStartMs, 10)), 0u);
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 1u);
  EXPECT_EQ(must(reader->find_event(old.event->id, {})), std::nullopt);
  EXPECT_EQ(must(reader->find_delivery(id, {})), std::nullopt);
  EXPECT_THAT(must(reader->list_attempts(id)), IsEmpty());
  EXPECT_EQ(write_one(plan_with_key("id:old", 99)).kind, Accepted::Kind::kStored);
}

TEST_P(StoreConformance, NeverDeletesAnEventWithAnUnfinishedDelivery) {
  const NewEvent partly = plan({{ops, true}, {mail, false}});
  write_one(partly);
  EXPECT_TRUE(finish_one(make_finish(partly.event->seq + 1, 0, DeliveryState::kDelivered)));
  const NewEvent done = plan({{ops, true}});
  write_one(done);
  EXPECT_TRUE(finish_one(make_finish(done.event->seq + 1, 0, DeliveryState::kFailed)));
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 1u);
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 0u);
  EXPECT_TRUE(must(reader->find_event(partly.event->id, {})));
  must(store->cancel_channel(mail, "channel.removed", kStartMs));
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 1u);
}

TEST_P(StoreConformance, DeletesInStepsOfTheGivenSize) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 25; ++i) events.push_back(plan({}));
  must(store->write(events, {}, kStartMs));
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 10u);
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 10u);
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 5u);
  EXPECT_EQ(must(store->delete_expired(kStartMs + 1, 10)), 0u);
}

TEST_P(StoreConformance, KnowsTheHighestNumberItHolds) {
  const NewEvent event = plan({{ops, true}, {mail, true}});
  write_one(event);
  stop_and_start();
  EXPECT_EQ(store->last_number(), event.event->seq + 2);
}

TEST_P(StoreConformance, KeepsEverythingOverACheckpoint) {
  const NewEvent event = plan({{ops, true}});
  write_one(event);
  EXPECT_GE(store->log_bytes(), 0);
  must(store->checkpoint());
  EXPECT_TRUE(must(reader->find_event(event.event->id, {})));
  crash();
  EXPECT_TRUE(must(reader->find_event(event.event->id, {})));
}

}  // namespace tocsin::store
