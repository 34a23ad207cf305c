// Idempotency: the same event twice is one event, another event under the same key is refused.
#include "ingest/intake_fixture.hpp"

namespace tocsin::ingest {
namespace {

using Keys = IntakeTest;

constexpr std::int64_t kHour = 3'600'000;

void expect_same(const Pushed& first, const Pushed& again) {
  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.id, first.id);
  ASSERT_EQ(again.deliveries.size(), first.deliveries.size());
  for (std::size_t i = 0; i < first.deliveries.size(); ++i) {
    EXPECT_EQ(again.deliveries[i].id, first.deliveries[i].id);
    EXPECT_EQ(again.deliveries[i].channel, first.deliveries[i].channel);
  }
}

TEST_F(Keys, TheSameIdGivesTheFirstAnswerAgain) {
  const Pushed first = push_one(R"({"id":"a 1","team":"demo","type":"scan.failed","data":{"x":1,"y":2}})");
  const Pushed again =
      push_one(R"({ "data":{"y":2,"x":1}, "type":"scan.failed", "team":"demo", "id":"a 1" })");
  EXPECT_EQ(first.id, "a 1");
  EXPECT_FALSE(first.deliveries.empty());
  expect_same(first, again);
}

TEST_F(Keys, TheSameIdempotencyKeyGivesTheFirstAnswerAgain) {
  const Pushed first = push_one(R"({"team":"demo","type":"scan.failed"})", "k1");
  const Pushed again = push_one(R"({ "type": "scan.failed", "team": "demo" })", "k1");
  EXPECT_TRUE(first.id.starts_with("evt_"));
  expect_same(first, again);
}

TEST_F(Keys, ADuplicateNamesTheDeliveriesOfThenWhateverTheRulesOfNow) {
  const std::string text = R"({"id":"b","team":"demo","type":"scan.failed"})";
  const Pushed first = push_one(text);
  auto table = std::make_shared<RoutingTable>(*intake_->table());
  auto narrow = demo_team();
  narrow.channels[0].subscription.clear();
  table->teams["demo"].rules = std::make_shared<const routing::RuleSet>(
      store::must(routing::RuleSet::compile(std::move(narrow), catalogue_)));
  intake_->use(table);
  expect_same(first, push_one(text));
}

TEST_F(Keys, TheSameIdWithAnotherEventIsAConflict) {
  const Pushed first = push_one(R"({"id":"c","team":"demo","type":"scan.failed","title":"one"})");
  const Error error =
      refuse_one(R"({"id":"c","team":"demo","type":"scan.failed","title":"two"})", {true, nullptr});
  EXPECT_EQ(error.code, Errc::kConflict);
  EXPECT_NE(error.detail.find("event c"), std::string::npos);
  EXPECT_EQ(find("c")->event.title, "one");
}

TEST_F(Keys, TheSameKeyWithAnotherEventIsAConflictThatNamesTheFirst) {
  const Pushed first = push_one(R"({"team":"demo","type":"scan.failed"})", "k");
  const Error error = refuse_one(R"({"team":"demo","type":"user.login"})", {true, nullptr}, "k");
  EXPECT_EQ(error.code, Errc::kConflict);
  EXPECT_NE(error.detail.find(first.id), std::string::npos);
}

TEST_F(Keys, AreEachTeamsOwn) {
  EXPECT_FALSE(push_one(R"({"id":"d","team":"demo","type":"scan.failed"})").duplicate);
  EXPECT_FALSE(push_one(R"({"id":"d","team":"platform","type":"scan.failed"})").duplicate);
  EXPECT_FALSE(push_one(R"({"team":"demo","type":"scan.failed"})", "k").duplicate);
  EXPECT_FALSE(push_one(R"({"team":"platform","type":"scan.failed"})", "k").duplicate);
}

TEST_F(Keys, AnIdAndAKeyOfTheSameTextAreTwoThings) {
  EXPECT_FALSE(push_one(R"({"id":"e","team":"demo","type":"scan.failed"})").duplicate);
  EXPECT_FALSE(push_one(R"({"team":"demo","type":"scan.failed"})", "e").duplicate);
}

TEST_F(Keys, OfAnEventWithIdAndKeyBothCount) {
  const std::string text = R"({"id":"f","team":"demo","type":"scan.failed"})";
  const Pushed first = push_one(text, "kf");
  expect_same(first, push_one(text));
  expect_same(first, push_one(text, "kf"));
  EXPECT_EQ(refuse_one(R"({"id":"g","team":"demo","type":"scan.failed"})", {true, nullptr}, "kf").code,
            Errc::kConflict);
}

TEST_F(Keys, OfABatchAreOneForEachEvent) {
  const std::vector<std::string> batch{R"({"team":"demo","type":"scan.failed"})", "{",
                                       R"({"team":"demo","type":"scan.failed"})"};
  const auto first = push(batch, "kb");
  const auto again = push(batch, "kb");
  ASSERT_TRUE(first[0] && first[2] && again[0] && again[2]);
  EXPECT_NE(first[0]->id, first[2]->id);
  expect_same(*first[0], *again[0]);
  expect_same(*first[2], *again[2]);
}

TEST_F(Keys, TheSameIdTwiceInOneBatchIsOneEvent) {
  const std::string event = R"({"id":"h","team":"demo","type":"scan.failed"})";
  const auto results = push({event, event, R"({"id":"h","team":"demo","type":"user.login"})"});
  ASSERT_TRUE(results[0] && results[1]);
  expect_same(*results[0], *results[1]);
  ASSERT_FALSE(results[2]);
  EXPECT_EQ(results[2].error().code, Errc::kConflict);
}

TEST_F(Keys, SixtyFourEqualRequestsAtOnceAreOneEvent) {
  std::vector<std::future<Results>> answers;
  for (int i = 0; i < 64; ++i) {
    answers.push_back(push_later({R"({"team":"demo","type":"scan.failed"})"}, {true, nullptr}, "race"));
  }
  std::vector<Pushed> pushed;
  for (auto& answer : answers) {
    auto results = answer.get();
    ASSERT_TRUE(results.at(0)) << results[0].error().detail;
    pushed.push_back(std::move(*results[0]));
  }
  const auto is_first = [](const Pushed& each) { return !each.duplicate; };
  EXPECT_EQ(std::count_if(pushed.begin(), pushed.end(), is_first), 1);
  for (const auto& each : pushed) EXPECT_EQ(each.id, pushed[0].id);
}

TEST_F(Keys, AreForgottenAfterADay) {
  const std::string text = R"({"team":"demo","type":"scan.failed"})";
  const Pushed first = push_one(text, "day");
  clock_.advance_ms(23 * kHour);
  EXPECT_TRUE(push_one(text, "day").duplicate);
  clock_.advance_ms(2 * kHour);
  const Pushed later = push_one(text, "day");
  EXPECT_FALSE(later.duplicate);
  EXPECT_NE(later.id, first.id);
}

TEST_F(Keys, OutliveARestart) {
  const std::string text = R"({"id":"i","team":"demo","type":"scan.failed"})";
  const Pushed first = push_one(text);
  intake_.reset();
  reader_.reset();
  writer_.reset();
  open({});
  expect_same(first, push_one(text));
}

}  // namespace
}  // namespace tocsin::ingest
