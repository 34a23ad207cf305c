// Conformance of names and of accepting. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

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

}  // namespace tocsin::store
