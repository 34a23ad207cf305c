// Accepting events end to end but for HTTP: rights, planning, storing, answering.
#include "ingest/intake_fixture.hpp"

namespace tocsin::ingest {
namespace {

using Intakes = IntakeTest;
using Names = std::vector<std::string>;

TEST_F(Intakes, StoreAnEventWithADeliveryForEveryChannelChosen) {
  const Pushed pushed = push_one(
      R"({"team":"demo","type":"finding.created","severity":"critical","title":"T","labels":{"env":"prod"}})");
  EXPECT_TRUE(pushed.id.starts_with("evt_"));
  EXPECT_FALSE(pushed.duplicate);
  EXPECT_EQ(channels(pushed), (Names{"audit", "pager", "mail"}));

  const auto record = find(pushed.id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->event.title, "T");
  EXPECT_EQ(record->event.team, "demo");
  EXPECT_EQ(record->team, intake_->table()->teams.at("demo").id);
  EXPECT_EQ(record->event.received_ms, clock_.unix_ms());
  ASSERT_EQ(record->deliveries.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(record->deliveries[i].id, pushed.deliveries[i].id);
    EXPECT_EQ(record->deliveries[i].channel_name, pushed.deliveries[i].channel);
  }
}

TEST_F(Intakes, StoreAnEventThatNoChannelTakes) {
  const Pushed pushed = push_one(R"({"team":"platform","type":"user.login"})");
  EXPECT_TRUE(pushed.deliveries.empty());
  const auto record = find(pushed.id);
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->deliveries.empty());
}

TEST_F(Intakes, AnswerEachEventOfABatchForItself) {
  const auto results =
      push({R"({"team":"demo","type":"scan.failed"})", "{", R"({"team":"demo","type":"scan.fialed"})",
            R"({"team":"nowhere","type":"scan.failed"})", R"({"team":"platform","type":"scan.failed"})"});
  ASSERT_EQ(results.size(), 5U);
  ASSERT_TRUE(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_TRUE(results[1].error().fields.empty());
  ASSERT_FALSE(results[2]);
  EXPECT_EQ(results[2].error().fields.at(0).pointer, "/type");
  ASSERT_FALSE(results[3]);
  EXPECT_EQ(results[3].error().fields.at(0).pointer, "/team");
  ASSERT_TRUE(results[4]);
  EXPECT_EQ(channels(*results[4]), (Names{"hook"}));
  EXPECT_NE(results[0]->id, results[4]->id);
  EXPECT_TRUE(find(results[0]->id));
  EXPECT_TRUE(find(results[4]->id));
}

TEST_F(Intakes, AnswerAtOnceWhereNothingIsToBeStored) {
  const auto gate = hold_writer();
  EXPECT_EQ(push({"{", "[]"}).size(), 2U);
  EXPECT_TRUE(push({}).empty());
  gate->set_value();
}

TEST_F(Intakes, NumberEventsAndTheirDeliveriesWithoutOverlap) {
  std::vector<std::string> batch(100, R"({"team":"demo","type":"scan.failed"})");
  const auto results = push(batch);
  std::int64_t last = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result);
    const auto seq = parse_event_id(result->id);
    ASSERT_TRUE(seq);
    EXPECT_GT(*seq, last);
    for (std::size_t i = 0; i < result->deliveries.size(); ++i) {
      EXPECT_EQ(result->deliveries[i].id, *seq + 1 + static_cast<std::int64_t>(i));
    }
    last = *seq + static_cast<std::int64_t>(result->deliveries.size());
  }
}

// ---- who may push where

TEST_F(Intakes, TakeTheOnlyTeamOfATokenForAnEventThatNamesNone) {
  const std::vector<std::string> teams{"platform"};
  const auto results = push_later({R"({"type":"scan.failed"})"}, {false, &teams}).get();
  ASSERT_TRUE(results.at(0)) << results[0].error().detail;
  EXPECT_EQ(find(results[0]->id)->event.team, "platform");
}

TEST_F(Intakes, AskForATeamWhereTheTokenHasSeveralOrAll) {
  const std::vector<std::string> teams{"platform", "demo"}, none;
  for (const PushRight& right :
       {PushRight{false, &teams}, PushRight{true, nullptr}, PushRight{false, &none}}) {
    const Error error = refuse_one(R"({"type":"scan.failed"})", right);
    EXPECT_EQ(error.code, Errc::kInvalid);
    EXPECT_EQ(error.fields.at(0).pointer, "/team");
    EXPECT_NE(error.detail.find("is required"), std::string::npos);
  }
}

TEST_F(Intakes, RefuseAnotherTeamAndAnUnknownOneWithTheSameWords) {
  const std::vector<std::string> teams{"demo"};
  const Error other = refuse_one(R"({"team":"platform","type":"scan.failed"})", {false, &teams});
  const Error unknown = refuse_one(R"({"team":"nowhere1","type":"scan.failed"})", {false, &teams});
  EXPECT_EQ(other.code, Errc::kForbidden);
  EXPECT_EQ(unknown.code, Errc::kForbidden);
  EXPECT_EQ(other.fields.at(0).message, unknown.fields.at(0).message);
  std::string renamed = unknown.detail;
  renamed.replace(renamed.find("nowhere1"), 8, "platform");
  EXPECT_EQ(other.detail, renamed);
}

TEST_F(Intakes, TellAnOperatorThatATeamDoesNotExist) {
  const Error error = refuse_one(R"({"team":"nowhere","type":"scan.failed"})", {true, nullptr});
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.fields.at(0).pointer, "/team");
  EXPECT_EQ(error.fields.at(0).message, "there is no such team");
}

// ---- room in memory and in the queue

TEST_F(Intakes, MarkADeliveryHotOnlyWhereItsChannelHasRoom) {
  full_ = {intake_->table()->teams.at("demo").channels.at(1)};
  push_one(R"({"team":"demo","type":"finding.created","severity":"critical"})");
  ASSERT_EQ(offered_.size(), 1U);
  const auto& deliveries = offered_[0].deliveries;
  ASSERT_EQ(deliveries.size(), 3U);
  EXPECT_TRUE(deliveries[0].hot);
  EXPECT_FALSE(deliveries[1].hot);
  EXPECT_TRUE(deliveries[2].hot);
}

TEST_F(Intakes, LeaveALargeEventOnDiskUntilItsTurn) {
  push_one(R"({"team":"demo","type":"scan.failed","data":{"x":")" + std::string(5000, 'x') + "\"}}");
  EXPECT_EQ(admitted_, 0U);
  ASSERT_EQ(offered_.size(), 1U);
  for (const auto& delivery : offered_[0].deliveries) EXPECT_FALSE(delivery.hot);
}

TEST_F(Intakes, AreUnavailableWhileTooManyBytesWaitForTheDisk) {
  const std::string event = R"({"team":"demo","type":"scan.failed"})";
  const auto gate = hold_writer();
  auto first = push_later({event, std::string(64 << 20, ' ')}, {true, nullptr});
  const auto refused = push({event, event});
  ASSERT_EQ(refused.size(), 2U);
  for (const auto& result : refused) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::kUnavailable);
  }
  gate->set_value();
  const auto results = first.get();
  EXPECT_TRUE(results.at(0));
  EXPECT_EQ(results.at(1).error().code, Errc::kTooLarge);
  push_one(event);
}

TEST_F(Intakes, AskForNoPlaceForAnEventThatIsRefused) {
  push({R"({"team":"nowhere","type":"scan.failed"})", R"({"team":"demo","type":"scan.fialed"})", "{"});
  EXPECT_EQ(admitted_, 0U);
}

TEST_F(Intakes, AreUnavailableForEveryEventOfARequestWhenTheQueueIsFull) {
  writer_->stop();
  open({.max_queued_events = 3});
  const auto gate = hold_writer();
  const std::string event = R"({"team":"demo","type":"scan.failed"})";
  auto first = push_later({event, event}, {true, nullptr});
  auto second = push_later({event, "{", event}, {true, nullptr});
  gate->set_value();
  for (const auto& result : first.get()) EXPECT_TRUE(result);
  const auto refused = second.get();
  ASSERT_EQ(refused.size(), 3U);
  ASSERT_FALSE(refused[0]);
  EXPECT_EQ(refused[0].error().code, Errc::kUnavailable);
  ASSERT_FALSE(refused[1]);
  EXPECT_EQ(refused[1].error().code, Errc::kInvalid);
  ASSERT_FALSE(refused[2]);
  EXPECT_EQ(refused[2].error().code, Errc::kUnavailable);
  push_one(event);
}

// A place that is given out and never offered is lost until the daemon restarts.
TEST_F(Intakes, OfferEveryPlaceTheyWereGivenAlsoWhenTheQueueIsFull) {
  writer_->stop();
  open({.max_queued_events = 3});
  const auto gate = hold_writer();
  const std::string event = R"({"team":"demo","type":"scan.failed"})";
  auto first = push_later({event, event}, {true, nullptr});
  auto second = push_later({event, event}, {true, nullptr});
  gate->set_value();
  first.get();
  second.get();
  push_one(event);  // behind both
  std::size_t places = 0, stored = 0;
  for (const auto& offered : offered_) {
    stored += offered.stored ? 1 : 0;
    for (const auto& delivery : offered.deliveries) places += delivery.hot ? 1 : 0;
  }
  EXPECT_EQ(places, admitted_);
  EXPECT_EQ(stored, 3U);
}

TEST_F(Intakes, AreUnavailableWhenTheWriterHasStopped) {
  writer_->stop();
  const Error error = refuse_one(R"({"team":"demo","type":"scan.failed"})", {true, nullptr});
  EXPECT_EQ(error.code, Errc::kUnavailable);
}

TEST_F(Intakes, RouteByTheTableInForceWhenTheEventCame) {
  auto table = std::make_shared<RoutingTable>(*intake_->table());
  table->teams.erase("platform");
  push_one(R"({"team":"platform","type":"scan.failed"})");
  intake_->use(table);
  EXPECT_EQ(refuse_one(R"({"team":"platform","type":"scan.failed"})", {true, nullptr}).code, Errc::kInvalid);
}

TEST_F(Intakes, HoldTheSizeLimitThatWasSetLast) {
  intake_->use_limits({.event_bytes = 20});
  const Error error = refuse_one(R"({"team":"demo","type":"scan.failed"})", {true, nullptr});
  EXPECT_EQ(error.code, Errc::kTooLarge);
}

TEST_F(IntakeTest, KeepsADeliveryForItsChannelsWindowAndTakesNoPlaceInMemory) {
  auto table = std::make_shared<RoutingTable>(*intake_->table());
  auto& demo = table->teams.at("demo");
  demo.digests.resize(demo.channels.size());
  demo.digests[0] = routing::DigestWindow::every(15 * 60'000);
  intake_->use(std::move(table));
  clock_.advance_ms(1);
  const auto pushed = push_one(R"({"team":"demo","type":"scan.failed","title":"t","severity":"critical"})");
  ASSERT_EQ(channels(pushed), (std::vector<std::string>{"audit", "pager", "mail"}));
  ASSERT_EQ(offered_.size(), 1U);
  EXPECT_FALSE(offered_[0].deliveries[0].hot);
  EXPECT_TRUE(offered_[0].deliveries[1].hot);
  EXPECT_EQ(admitted_, 2U);
  const auto event = find(pushed.id).value();
  EXPECT_EQ(event.deliveries[0].due_ms, clock_.unix_ms() - 1 + 15 * 60'000);
  EXPECT_EQ(event.deliveries[0].state, DeliveryState::kPending);
  EXPECT_EQ(event.deliveries[1].due_ms, clock_.unix_ms());
}

}  // namespace
}  // namespace tocsin::ingest
