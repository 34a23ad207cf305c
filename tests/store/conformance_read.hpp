// Conformance of the reading side. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

TEST_P(StoreConformance, FindsAnEventByTheProducersId) {
  NewEvent event = plan_with_key("id:evt-of-mine");
  auto named = std::make_shared<Event>(*event.event);
  named->id = "evt-of-mine";
  event.event = named;
  write_one(event);
  const std::vector<TeamId> own = {team};
  const std::vector<TeamId> others = {other_team};
  EXPECT_EQ(must(reader->find_event("evt-of-mine", own))->event.id, "evt-of-mine");
  EXPECT_EQ(must(reader->find_event("evt-of-mine", {}))->event.seq, event.event->seq);
  EXPECT_EQ(must(reader->find_event(format_event_id(event.event->seq), {}))->event.id, "evt-of-mine");
  EXPECT_EQ(must(reader->find_event("evt-of-mine", others)), std::nullopt);
  EXPECT_EQ(must(reader->find_event("nothing", {})), std::nullopt);
}

TEST_P(StoreConformance, HidesAnotherTeamsObjects) {
  const NewEvent event = plan({{ops, true}});
  write_one(event);
  const std::vector<TeamId> others = {other_team};
  EXPECT_EQ(must(reader->find_event(event.event->id, others)), std::nullopt);
  EXPECT_EQ(must(reader->find_delivery(event.event->seq + 1, others)), std::nullopt);
  EXPECT_EQ(must(reader->find_delivery(event.event->seq + 2, {})), std::nullopt);
}

TEST_P(StoreConformance, PagesThroughDeliveriesNewestFirst) {
  std::vector<DeliveryId> expected;
  for (int i = 0; i < 7; ++i) expected.insert(expected.begin(), put_cold());
  std::vector<DeliveryId> seen;
  DeliveryFilter filter;
  filter.limit = 3;
  do {
    const auto page = must(reader->list_deliveries(filter));
    EXPECT_LE(page.deliveries.size(), 3u);
    for (const auto& record : page.deliveries) seen.push_back(record.id);
    filter.before = page.next;
    put_cold();  // what comes meanwhile does not shift the pages
  } while (filter.before != 0);
  EXPECT_EQ(seen, expected);
}

TEST_P(StoreConformance, FiltersDeliveriesByEveryField) {
  const DeliveryId done = put_hot();
  EXPECT_TRUE(finish_one(make_finish(done, 0, DeliveryState::kDelivered)));
  NewEvent breach = plan({{ops, false}, {mail, false}}, kStartMs + 5000);
  auto typed = std::make_shared<Event>(*breach.event);
  typed->type = "sla.breached";
  breach.event = typed;
  write_one(breach, kStartMs + 5000);

  const auto count = [&](auto&& set) {
    DeliveryFilter filter;
    set(filter);
    return must(reader->list_deliveries(filter)).deliveries.size();
  };
  EXPECT_EQ(count([](DeliveryFilter&) {}), 3u);
  EXPECT_EQ(count([&](DeliveryFilter& filter) { filter.team = team; }), 3u);
  EXPECT_EQ(count([&](DeliveryFilter& filter) { filter.team = other_team; }), 0u);
  EXPECT_EQ(count([&](DeliveryFilter& filter) { filter.channel = mail; }), 1u);
  EXPECT_EQ(count([](DeliveryFilter& filter) { filter.state = DeliveryState::kDelivered; }), 1u);
  EXPECT_EQ(count([](DeliveryFilter& filter) { filter.event_type = "sla.breached"; }), 2u);
  EXPECT_EQ(count([](DeliveryFilter& filter) { filter.since_ms = kStartMs + 5000; }), 2u);
  EXPECT_EQ(count([](DeliveryFilter& filter) { filter.since_ms = kStartMs + 5001; }), 0u);
}

TEST_P(StoreConformance, BoundsTheRowsLookedAtForOnePage) {
  const DeliveryId oldest = put_cold();
  for (int i = 0; i < 3; ++i) {
    std::vector<NewEvent> events;
    for (int k = 0; k < 100; ++k) events.push_back(plan(std::vector<NewDelivery>(100, {mail, false})));
    must(store->write(events, {}, kStartMs));
  }
  DeliveryFilter filter;
  filter.channel = ops;
  std::vector<DeliveryId> seen;
  int pages = 0;
  do {
    const auto page = must(reader->list_deliveries(filter));
    for (const auto& record : page.deliveries) seen.push_back(record.id);
    filter.before = page.next;
    ++pages;
  } while (filter.before != 0);
  EXPECT_GT(pages, 1);
  EXPECT_THAT(seen, ElementsAre(oldest));
}

TEST_P(StoreConformance, PagesThroughATeamsEventsNewestFirst) {
  std::vector<EventSeq> expected;
  for (int i = 0; i < 3; ++i) {
    const NewEvent event = plan({{ops, false}}, kStartMs + i);
    write_one(event, kStartMs + i);
    expected.insert(expected.begin(), event.event->seq);
  }
  NewEvent theirs = plan({}, kStartMs + 3);
  theirs.team = other_team;
  write_one(theirs, kStartMs + 3);
  const auto read_all = [&](EventFilter filter) {
    std::vector<EventSeq> seen;
    do {
      const auto page = must(reader->list_events(filter));
      EXPECT_LE(page.events.size(), filter.limit);
      for (const Event& event : page.events) seen.push_back(event.seq);
      filter.before = page.next;
    } while (filter.before != 0);
    return seen;
  };
  EXPECT_EQ(read_all({.team = team, .limit = 2}), expected);
  EXPECT_EQ(read_all({.team = team, .since_ms = kStartMs + 1}).size(), 2u);
  EXPECT_EQ(read_all({.team = team, .since_ms = kStartMs + 1, .until_ms = kStartMs + 2}).size(), 1u);
  EXPECT_EQ(read_all({.team = team, .type = "no.such"}).size(), 0u);
  EXPECT_EQ(read_all({.team = team, .type = theirs.event->type}), expected);
  EXPECT_EQ(read_all({.team = other_team}), std::vector<EventSeq>{theirs.event->seq});
  EXPECT_EQ(read_all({.team = other_team, .matched = false}), std::vector<EventSeq>{theirs.event->seq});
  EXPECT_EQ(read_all({.team = other_team, .matched = true}).size(), 0u);
}

TEST_P(StoreConformance, SummarizesATeamsLastMinutes) {
  put_cold(kStartMs - 60'000);  // too old, and due all the same
  write_one(plan({{ops, true}, {mail, true}}));
  const DeliveryId delivered = put_hot(), failed = put_hot();
  EXPECT_TRUE(finish_one(make_finish(delivered, 0, DeliveryState::kDelivered), kStartMs + 61'000));
  EXPECT_TRUE(finish_one(make_finish(failed, 0, DeliveryState::kFailed), kStartMs + 61'000));
  ActivityBook book;
  must(reader->recount(kStartMs, kStartMs + 120'000, book));
  EXPECT_EQ(must(reader->list_oldest_due(std::vector{ops, mail})),
            (std::vector<std::int64_t>{kStartMs - 60'000, kStartMs}));
  const auto activity = book.summarize({team, {ops}, kStartMs, 2});
  EXPECT_THAT(activity.events, ElementsAre(3, 0));
  EXPECT_THAT(activity.delivered, ElementsAre(0, 1));
  EXPECT_THAT(activity.failed, ElementsAre(0, 1));
  EXPECT_EQ(activity.took.total(), 1u);
  ASSERT_EQ(activity.channels.size(), 1u);
  EXPECT_EQ(activity.channels[0].delivered, 1);
  EXPECT_EQ(activity.channels[0].failed, 1);
  EXPECT_TRUE(activity.complete);
  EXPECT_EQ(book.summarize({other_team, {}, kStartMs, 2}).events[0], 0);
  ActivityBook earlier;  // only what had ended by then
  must(reader->recount(kStartMs, kStartMs + 30'000, earlier));
  EXPECT_THAT(earlier.summarize({team, {ops}, kStartMs, 2}).delivered, ElementsAre(0, 0));
}

TEST_P(StoreConformance, ReadsWithTwoReadersWhileItWrites) {
  const auto second = must(store->open_reader());
  const NewEvent event = plan({{ops, true}});
  write_one(event);
  EXPECT_TRUE(must(reader->find_event(event.event->id, {})));
  EXPECT_TRUE(must(second->find_event(event.event->id, {})));
}

}  // namespace tocsin::store
