// What a good event becomes: every member, every default, and the hash that says which two are the same.
#include "ingest/read_event.hpp"

#include <gtest/gtest.h>

#include <string>

#include "ingest/catalogue.hpp"
#include "model/clock.hpp"

namespace tocsin::ingest {
namespace {

constexpr std::int64_t kNow = 1'795'420'800'000;

class ReadEvent : public testing::Test {
 protected:
  // The draft of a text that must be good.
  [[nodiscard]] Draft read(const std::string& text, bool keyed = false) const {
    auto draft = read_event(text, *catalogue_, {}, kNow, keyed);
    if (!draft) {
      ADD_FAILURE() << text << ": " << draft.error().detail;
      return {};
    }
    return std::move(*draft);
  }

  std::shared_ptr<const Catalogue> catalogue_ = small_catalogue();
};

TEST_F(ReadEvent, TakesEveryMember) {
  const Draft draft = read(R"({
    "id": "scan-17/finding 3", "team": "demo", "type": "finding.created", "category": "system_error",
    "severity": "critical", "source": "cspm", "title": "Öffentlicher Bucket 🪣", "summary": "line\nline\ttab",
    "link": "https://console.example.com/f/3?a=b#c", "labels": {"env": "prod", "app.kubernetes.io/name": "x"},
    "data": {"n": 1}, "time": "2026-11-23T09:00:00.25+01:00"})");
  const Event& event = draft.event;
  EXPECT_TRUE(draft.named_id);
  EXPECT_EQ(event.id, "scan-17/finding 3");
  EXPECT_EQ(event.team, "demo");
  EXPECT_EQ(event.type, "finding.created");
  EXPECT_EQ(event.category, Category::kSystemError);
  EXPECT_EQ(event.severity, Severity::kCritical);
  EXPECT_EQ(event.source, "cspm");
  EXPECT_EQ(event.title, "Öffentlicher Bucket 🪣");
  EXPECT_EQ(event.summary, "line\nline\ttab");
  EXPECT_EQ(event.link, "https://console.example.com/f/3?a=b#c");
  EXPECT_EQ(event.labels, (std::vector<Label>{{"app.kubernetes.io/name", "x"}, {"env", "prod"}}));
  EXPECT_EQ(event.data, R"({"n":1})");
  EXPECT_EQ(format_rfc3339(event.occurred_ms), "2026-11-23T08:00:00.250Z");
  EXPECT_EQ(event.received_ms, kNow);
}

TEST_F(ReadEvent, FillsInWhatTheEventDoesNotSay) {
  const Draft draft = read(R"({"type":"scan.failed"})");
  EXPECT_FALSE(draft.named_id);
  EXPECT_EQ(draft.event.id, "");
  EXPECT_EQ(draft.event.team, "");
  EXPECT_EQ(draft.event.category, Category::kSystemError);
  EXPECT_EQ(draft.event.severity, Severity::kHigh);
  EXPECT_EQ(draft.event.title, "A scan fails");
  EXPECT_EQ(draft.event.data, "{}");
  EXPECT_EQ(draft.event.occurred_ms, kNow);
  EXPECT_EQ(draft.event.received_ms, kNow);
}

TEST_F(ReadEvent, TitlesAnEventWithoutTitleByItsTypesSummaryElseByItsType) {
  EXPECT_EQ(read(R"({"type":"user.login"})").event.title, "A user signs in");
  EXPECT_EQ(read(R"({"type":"user.login","title":""})").event.title, "A user signs in");
  EXPECT_EQ(read(R"({"type":"finding.resolved"})").event.title, "finding.resolved");
}

TEST_F(ReadEvent, RaisesASeverityBelowTheTypesFloor) {
  for (const auto* low : {"info", "low", "medium", "high"}) {
    const auto text = std::string(R"({"type":"sla.breached","severity":")") + low + "\"}";
    EXPECT_EQ(read(text).event.severity, Severity::kHigh) << low;
  }
  EXPECT_EQ(read(R"({"type":"sla.breached","severity":"critical"})").event.severity, Severity::kCritical);
  EXPECT_EQ(read(R"({"type":"sla.breached"})").event.severity, Severity::kHigh);
}

TEST_F(ReadEvent, TakesEverySeverityAndCategoryByName) {
  for (int i = 0; i < kSeverityCount; ++i) {
    const auto severity = static_cast<Severity>(i);
    const auto text = R"({"type":"finding.created","severity":")" + std::string(to_string(severity)) + "\"}";
    EXPECT_EQ(read(text).event.severity, severity);
  }
  for (int i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    const auto text = R"({"type":"user.login","category":")" + std::string(to_string(category)) + "\"}";
    EXPECT_EQ(read(text).event.category, category);
  }
}

TEST_F(ReadEvent, TakesValuesAtTheirLimits) {
  const std::string id(256, 'i'), source(64, 's'), link = "https://example.com/" + std::string(2028, 'p');
  const std::string team(63, 't');
  const Draft draft = read(R"({"type":"scan.failed","id":")" + id + R"(","team":")" + team +
                           R"(","source":")" + source + R"(","link":")" + link + R"(","labels":{")" +
                           std::string(128, 'k') + R"(":")" + std::string(1024, 'v') + "\"}}");
  EXPECT_EQ(draft.event.id, id);
  EXPECT_EQ(draft.event.team, team);
  EXPECT_EQ(draft.event.source, source);
  EXPECT_EQ(draft.event.link.size(), 2048U);
  EXPECT_EQ(draft.event.labels.at(0).value.size(), 1024U);
}

TEST_F(ReadEvent, Takes32LevelsOfNesting) {
  std::string list = "1";
  for (int i = 0; i < 30; ++i) list = "[" + list + "]";
  EXPECT_EQ(read(R"({"type":"scan.failed","data":{"x":)" + list + "}}").event.data, R"({"x":)" + list + "}");
}

TEST_F(ReadEvent, TakesAnEventOfExactlyTheAllowedSize) {
  EventLimits limits;
  std::string text = R"({"type":"scan.failed","title":"x"})";
  limits.event_bytes = text.size();
  EXPECT_TRUE(read_event(text, *catalogue_, limits, kNow));
  limits.event_bytes = text.size() - 1;
  EXPECT_FALSE(read_event(text, *catalogue_, limits, kNow));
}

TEST_F(ReadEvent, KeepsDataAsItWasSentButForWhiteSpace) {
  const Draft draft = read(
      "{\"data\" :\n { \"score\" : 1.10, \"big\": 123456789012345678901234567890,\r\n\t\"e\": 1E5,"
      R"( "text": " a \" : } \u0041 ", "data": {"data": [ 1 , 2 ]}, "tiny": 1e-400 }, "type":"scan.failed"})");
  EXPECT_EQ(draft.event.data,
            R"({"score":1.10,"big":123456789012345678901234567890,"e":1E5,"text":" a \" : } \u0041 ",)"
            R"("data":{"data":[1,2]},"tiny":1e-400})");
}

TEST_F(ReadEvent, FindsDataBehindAMisleadingStringAndAnEscapedName) {
  EXPECT_EQ(read(R"({"type":"scan.failed","title":"data","data":{"a":1}})").event.data, R"({"a":1})");
  EXPECT_EQ(read(R"({"type":"scan.failed","title":"\"data\":{","data":{"a":2}})").event.data, R"({"a":2})");
  EXPECT_EQ(read(R"({"type":"scan.failed","d\u0061ta":{"a":3}})").event.data, R"({"a":3})");
  EXPECT_EQ(read(R"({"labels":{"data":"x"},"type":"scan.failed"})").event.data, "{}");
}

TEST_F(ReadEvent, TakesTheFirstAndTheLastTimeThatCanBeWritten) {
  for (const auto* time : {"1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}) {
    const Draft draft = read(R"({"type":"scan.failed","time":")" + std::string(time) + "\"}");
    EXPECT_EQ(format_rfc3339(draft.event.occurred_ms), time);
  }
}

TEST_F(ReadEvent, HashesWhatTheProducerMeant) {
  const std::string event =
      R"({"id":"a","type":"scan.failed","labels":{"x":"1","y":"2"},"data":{"n":[1,2]}})";
  const std::string same =
      "{ \"data\" : {\"n\":[1, 2]},\n\"labels\":{\"y\":\"2\",\"x\":\"1\"}, \"type\":\"scan.\\u0066ailed\", "
      "\"id\":\"a\" }";
  const std::string other =
      R"({"id":"a","type":"scan.failed","labels":{"x":"1","y":"2"},"data":{"n":[2,1]}})";
  EXPECT_EQ(read(event).body_hash, read(same).body_hash);
  EXPECT_NE(read(event).body_hash, read(other).body_hash);
}

TEST_F(ReadEvent, HashesAnEventWithoutIdOnlyWhereTheRequestHasAKey) {
  const std::string event = R"({"type":"scan.failed"})";
  EXPECT_EQ(read(event).body_hash, store::BodyHash{});
  EXPECT_NE(read(event, true).body_hash, store::BodyHash{});
  EXPECT_EQ(read(event, true).body_hash, read(R"( { "type" : "scan.failed" } )", true).body_hash);
}

TEST_F(ReadEvent, TellsStructuresApartThatFlattenToTheSameText) {
  EXPECT_NE(read(R"({"type":"scan.failed","data":{"a":["b","c"]}})", true).body_hash,
            read(R"({"type":"scan.failed","data":{"a":["b,c"]}})", true).body_hash);
  EXPECT_NE(read(R"({"type":"scan.failed","data":{"a":"1"}})", true).body_hash,
            read(R"({"type":"scan.failed","data":{"a":1}})", true).body_hash);
  EXPECT_NE(read(R"({"type":"scan.failed","data":{"a":null}})", true).body_hash,
            read(R"({"type":"scan.failed","data":{}})", true).body_hash);
}

}  // namespace
}  // namespace tocsin::ingest
