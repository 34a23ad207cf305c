// What every engine of the store seam must do, as tests over a Harness that opens the same storage again and
// again. An engine's own test file includes this and instantiates StoreConformance with its harness.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/fixtures.hpp"

namespace tocsin::store {

class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  // Opens the storage; what an earlier opening wrote is there. Keys are remembered for
  // kConformanceIdempotencyMs.
  virtual std::unique_ptr<Store> open() = 0;
  // Opens what a process left that did not stop in order, `store` being its store.
  virtual std::unique_ptr<Store> reopen_after_crash(std::unique_ptr<Store> store) = 0;
};
using testing::ElementsAre;
using testing::IsEmpty;

inline constexpr std::int64_t kConformanceIdempotencyMs = 3'600'000;

using HarnessFactory = std::function<std::unique_ptr<StoreHarness>()>;

class StoreConformance : public testing::TestWithParam<HarnessFactory> {
 protected:
  void SetUp() override {
    harness = GetParam()();
    adopt(harness->open());
    const std::vector<std::string> teams = {"platform", "payments"};
    const auto ids_of_teams = must(store->resolve_teams(teams));
    team = ids_of_teams[0];
    other_team = ids_of_teams[1];
    const std::vector<ChannelKey> keys = {{team, "ops", "webhook"}, {team, "mail", "smtp"}};
    const auto channels = must(store->resolve_channels(keys));
    ops = channels[0];
    mail = channels[1];
  }
  void TearDown() override {
    reader.reset();
    store.reset();
  }

  void adopt(std::unique_ptr<Store> opened) {
    store = std::move(opened);
    reader = must(store->open_reader());
    ids = IdSource(store->last_number());
  }
  void crash() {
    reader.reset();
    adopt(harness->reopen_after_crash(std::move(store)));
  }
  void stop_and_start() {
    reader.reset();
    store.reset();
    adopt(harness->open());
  }

  EventSeq next_seq(std::size_t deliveries, std::int64_t now_ms = kStartMs) {
    return ids.reserve(now_ms, 1 + static_cast<std::int64_t>(deliveries));
  }
  NewEvent plan(std::vector<NewDelivery> deliveries, std::int64_t now_ms = kStartMs) {
    const EventSeq seq = next_seq(deliveries.size(), now_ms);
    return make_new_event(seq, team, std::move(deliveries), now_ms);
  }
  NewEvent plan_with_key(const std::string& key, std::uint8_t body = 7, std::int64_t now_ms = kStartMs) {
    NewEvent event = plan({{ops, true}}, now_ms);
    event.keys = {key};
    event.body_hash.fill(body);
    return event;
  }
  Accepted write_one(const NewEvent& event, std::int64_t now_ms = kStartMs) {
    return must(store->write(std::span(&event, 1), {}, now_ms)).accepted.front();
  }
  bool finish_one(const Finish& finish, std::int64_t now_ms = kStartMs) {
    return must(store->write({}, std::span(&finish, 1), now_ms)).applied.front();
  }
  // A delivery in the backlog of `ops`, due now.
  DeliveryId put_cold(std::int64_t now_ms = kStartMs) {
    const NewEvent event = plan({{ops, false}}, now_ms);
    return write_one(event, now_ms).seq + 1;
  }
  DeliveryId put_hot(std::int64_t now_ms = kStartMs) {
    const NewEvent event = plan({{ops, true}}, now_ms);
    return write_one(event, now_ms).seq + 1;
  }
  std::vector<DeliveryId> claim_ids(std::int64_t now_ms, std::size_t limit = 100) {
    std::vector<DeliveryId> claimed;
    for (const auto& row : must(store->claim(ops, now_ms, limit))) claimed.push_back(row.delivery);
    return claimed;
  }
  DeliveryRecord delivery(DeliveryId id) { return must(reader->find_delivery(id, {})).value(); }

  std::unique_ptr<StoreHarness> harness;
  std::unique_ptr<Store> store;
  std::unique_ptr<Reader> reader;
  IdSource ids{0};
  TeamId team = 0;
  TeamId other_team = 0;
  ChannelId ops = 0;
  ChannelId mail = 0;
};

inline std::string describe(const Event& event) {
  return std::to_string(event.seq) + "@" + std::to_string(event.received_ms) + write_event_json(event);
}

}  // namespace tocsin::store

// The cases, by theme.
#include "store/conformance_accept.hpp"
#include "store/conformance_claim.hpp"
#include "store/conformance_digest.hpp"
#include "store/conformance_finish.hpp"
#include "store/conformance_inbox.hpp"
#include "store/conformance_keys.hpp"
#include "store/conformance_objects.hpp"
#include "store/conformance_read.hpp"
#include "store/conformance_tokens.hpp"
#include "store/conformance_upkeep.hpp"
