// The event's written form: one fixed order, and the same event read back.
#include "model/event.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace tocsin {
namespace {

Event full_event() {
  Event event;
  event.id = "evt_1";
  event.team = "blue";
  event.type = "finding.created";
  event.category = Category::kSecurityAlert;
  event.severity = Severity::kCritical;
  event.source = "cspm";
  event.title = "Bucket \"logs\" is public";
  event.summary = "line one\nline two";
  event.link = "https://console.example/f/1?a=b&c=d";
  event.labels = {{"env", "prod"}, {"näme", "wért"}};
  event.data = R"({"n":1,"list":[1,2]})";
  event.occurred_ms = 1'795'420'800'000;
  return event;
}

void expect_equal(const Event& a, const Event& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.team, b.team);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.category, b.category);
  EXPECT_EQ(a.severity, b.severity);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.summary, b.summary);
  EXPECT_EQ(a.link, b.link);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(a.occurred_ms, b.occurred_ms);
}

TEST(Event, IsWrittenInItsFrozenOrder) {
  EXPECT_EQ(write_event_json(full_event()),
            R"({"id":"evt_1","team":"blue","type":"finding.created","category":"security_alert",)"
            R"("severity":"critical","source":"cspm","time":"2026-11-23T08:00:00.000Z",)"
            R"("title":"Bucket \"logs\" is public","summary":"line one\nline two",)"
            R"("link":"https://console.example/f/1?a=b&c=d","labels":{"env":"prod","näme":"wért"},)"
            R"("data":{"n":1,"list":[1,2]}})");
}

TEST(Event, LeavesOutWhatIsEmptyButAlwaysWritesTitleAndData) {
  Event event;
  event.id = "e";
  event.team = "t";
  event.type = "scan.started";
  EXPECT_EQ(write_event_json(event),
            R"({"id":"e","team":"t","type":"scan.started","category":"security_alert","severity":"info",)"
            R"("time":"1970-01-01T00:00:00.000Z","title":"","data":{}})");
}

TEST(Event, IsReadBackAsItWasWritten) {
  const auto read = read_event_json(write_event_json(full_event()));
  ASSERT_TRUE(read) << read.error().detail;
  expect_equal(*read, full_event());
}

TEST(Event, SurvivesAnyTextInAnyField) {
  const std::vector<std::string> pieces = {"a", "\"",   "\\", "\n", "\t", "\x01",   "\x7f",
                                           "é", "中文", "🔔",  "{}", ",",  "\u202e", "<b>"};
  std::mt19937 engine(20'260'817);
  const auto text = [&] {
    std::string made;
    for (auto n = engine() % 20; n > 0; --n) made += pieces[engine() % pieces.size()];
    return made;
  };
  for (int i = 0; i < 3000; ++i) {
    Event event = full_event();
    event.id = "i" + text();
    event.source = text();
    event.title = text();
    event.summary = text();
    event.link = text();
    event.labels = {{"a" + text(), text()}, {"b" + text(), text()}};
    event.severity = static_cast<Severity>(engine() % kSeverityCount);
    event.category = static_cast<Category>(engine() % kCategoryCount);
    event.data = boost::json::serialize(
        boost::json::object{{text(), text()}, {"n", static_cast<std::int64_t>(engine())}});
    event.occurred_ms = static_cast<std::int64_t>(engine()) * 1000 + 7;
    const auto written = write_event_json(event);
    const auto read = read_event_json(written);
    ASSERT_TRUE(read) << written;
    expect_equal(*read, event);
    ASSERT_EQ(write_event_json(*read), written) << "the same event gives the same bytes";
  }
}

TEST(Event, NoticesADamagedRow) {
  const auto written = write_event_json(full_event());
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, written.size() / 2, written.size() - 1}) {
    const auto read = read_event_json(std::string_view(written).substr(0, length));
    ASSERT_FALSE(read) << length;
    EXPECT_EQ(read.error().code, Errc::kInternal);
  }
  EXPECT_FALSE(read_event_json("[]"));
  EXPECT_FALSE(read_event_json("{}"));
  EXPECT_FALSE(read_event_json(
      R"({"id":"e","type":"a.b","category":"none","severity":"info","time":"1970-01-01T00:00:00Z"})"));
  EXPECT_FALSE(read_event_json(
      R"({"id":"e","type":"a.b","category":"system_error","severity":"info","time":"yesterday"})"));
  EXPECT_FALSE(read_event_json(
      R"({"id":"e","type":"a.b","category":"system_error","severity":"info","time":"1970-01-01T00:00:00Z","labels":{"a":1}})"))
      << "a label is a text";
}

TEST(Names, OfSeveritiesAndCategoriesAreReadBack) {
  for (int i = 0; i < kSeverityCount; ++i) {
    EXPECT_EQ(find_severity(to_string(static_cast<Severity>(i))), static_cast<Severity>(i));
  }
  for (int i = 0; i < kCategoryCount; ++i) {
    EXPECT_EQ(find_category(to_string(static_cast<Category>(i))), static_cast<Category>(i));
  }
  EXPECT_FALSE(find_severity("HIGH"));
  EXPECT_FALSE(find_category("security"));
  EXPECT_LT(Severity::kInfo, Severity::kCritical);
}

}  // namespace
}  // namespace tocsin
