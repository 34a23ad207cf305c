// Everything an event may not be, as a table: the text, where the fault is said to be, and what is said of
// it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/catalogue.hpp"
#include "ingest/read_event.hpp"

namespace tocsin::ingest {
namespace {

constexpr std::int64_t kNow = 1'795'420'800'000;

using std::string_literals::operator""s;

struct Bad {
  std::string text;
  std::string pointer;  // empty: the document as a whole
  std::string says;     // a part of the message
};

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

// A good event with this member besides; each test spoils exactly that.
std::string with(const std::string& member) {
  return R"({"team":"demo","type":"scan.failed",)" + member + "}";
}

// What is no JSON, or no object.
std::vector<Bad> broken_documents() {
  return {
      {"", "", "ends too early"},
      {" \n\t ", "", "ends too early"},
      {"{", "", "ends too early"},
      {R"({"type")", "", "ends too early"},
      {R"({"type":)", "", "ends too early"},
      {R"({"type":"scan.failed")", "", "ends too early"},
      {R"({"type":"scan.failed)", "", "ends too early"},
      {R"({"type":"scan.failed"]})", "", "not valid JSON at byte"},
      {R"({"type":"scan.failed",})", "", "not valid JSON at byte"},
      {R"({,"type":"scan.failed"})", "", "not valid JSON at byte"},
      {R"({"type" "scan.failed"})", "", "not valid JSON at byte"},
      {R"({type:"scan.failed"})", "", "not valid JSON at byte"},
      {R"({'type':'scan.failed'})", "", "not valid JSON at byte"},
      {"{\"type\":\"scan.failed\"} // why", "", "goes on after its end"},
      {"/* why */ {\"type\":\"scan.failed\"}", "", "not valid JSON at byte 0"},
      {"\xEF\xBB\xBF{\"type\":\"scan.failed\"}", "", "not valid JSON at byte 0"},
      {R"({"type":"scan.failed"}{"type":"scan.failed"})", "", "goes on after its end"},
      {"{\"type\":\"scan.failed\"}\n{\"type\":\"scan.failed\"}", "", "as application/x-ndjson"},
      {"{\"type\":\"scan.failed\"}\0"s, "", "goes on after its end"},
      {"\0{}"s, "", "not valid JSON at byte 0"},
      {"{\"type\":\"scan\0.failed\"}"s, "", "not valid JSON at byte"},
      {"{\"type\":\"scan.failed\",\"title\":\"a\nb\"}", "", "not valid JSON at byte"},
      {"{\"type\":\"scan.failed\",\"title\":\"a\tb\"}", "", "not valid JSON at byte"},
      {with(R"("title":"\x41")"), "", "not valid JSON at byte"},
      {with(R"("title":"\u00g0")"), "", "not valid JSON at byte"},
      {with(R"("title":"\ud800")"), "", "not valid JSON at byte"},
      {with(R"("title":"\ud83dx")"), "", "not valid JSON at byte"},
      {with(R"("title":"\ud83d\u0041")"), "", "not valid JSON at byte"},
      {with(R"("title":"\udc00")"), "", "not valid JSON at byte"},
      {with("\"title\":\"\xff\""), "", "not valid JSON at byte"},
      {with("\"title\":\"\xc0\xaf\""), "", "not valid JSON at byte"},
      {with("\"title\":\"\xed\xa0\x80\""), "", "not valid JSON at byte"},
      {with("\"title\":\"\xf4\x90\x80\x80\""), "", "not valid JSON at byte"},
      {with("\"title\":\"\xe2\x82\""), "", "not valid JSON at byte"},
      {with("\"data\":{\"\xff\":1}"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":01})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":+1})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":.5})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":1.})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":1e})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":0x10})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":NaN})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":Infinity})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":1e99999999999})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":True})"), "", "not valid JSON at byte"},
      {with(R"("data":{"n":[1,2)"), "", "not valid JSON at byte"},
      {"null", "", "an event is a JSON object"},
      {"true", "", "an event is a JSON object"},
      {"42", "", "an event is a JSON object"},
      {"\"scan.failed\"", "", "an event is a JSON object"},
      {R"([{"type":"scan.failed"}])", "", "an event is a JSON object"},
  };
}

// JSON that two readers could understand differently, or that no reader should have to.
std::vector<Bad> ambiguous_documents() {
  return {
      {R"({"type":"scan.failed","type":"scan.failed"})", "", "occurs twice"},
      {R"({"type":"scan.failed","\u0074ype":"user.login"})", "", "occurs twice"},
      {with(R"("data":{"a":1,"a":2})"), "", "occurs twice"},
      {with(R"("data":{"":1,"":2})"), "", "occurs twice"},
      {with(R"("data":{"list":[{"deep":{"x":":","x":"{"}}]})"), "", "occurs twice"},
      {with(R"("labels":{"env":"prod","env":"test"})"), "", "occurs twice"},
      {with("\"data\":{\"x\":" + repeat("[", 31) + repeat("]", 31) + "}"), "", "deeper than 32 levels"},
      {with("\"data\":" + repeat("{\"x\":", 32) + "1" + repeat("}", 32)), "", "deeper than 32 levels"},
      {repeat("[", 100'000), "", "deeper than 32 levels"},
      {repeat("{\"a\":", 100'000), "", "deeper than 32 levels"},
  };
}

// Members that are wrong in kind.
std::vector<Bad> wrong_kinds() {
  return {
      {"{}", "/type", "is required"},
      {R"({"type":null})", "/type", "must be a string"},
      {R"({"type":7})", "/type", "must be a string"},
      {R"({"type":["scan.failed"]})", "/type", "must be a string"},
      {with(R"("id":17)"), "/id", "must be a string"},
      {with(R"("id":null)"), "/id", "must be a string"},
      {R"({"type":"scan.failed","team":1})", "/team", "must be a string"},
      {with(R"("category":true)"), "/category", "must be a string"},
      {with(R"("severity":5)"), "/severity", "must be a string"},
      {R"({"type":"finding.created","severity":null})", "/severity", "must be a string"},
      {with(R"("source":{})"), "/source", "must be a string"},
      {with(R"("title":["a"])"), "/title", "must be a string"},
      {with(R"("summary":1.5)"), "/summary", "must be a string"},
      {with(R"("link":{"href":"https://example.com"})"), "/link", "must be a string"},
      {with(R"("time":1795420800)"), "/time", "must be a string"},
      {with(R"("labels":["env"])"), "/labels", "must be an object of strings"},
      {with(R"("labels":null)"), "/labels", "must be an object of strings"},
      {with(R"("labels":{"count":3})"), "/labels/count", "must be a string"},
      {with(R"("labels":{"nested":{"a":"b"}})"), "/labels/nested", "must be a string"},
      {with(R"("data":"text")"), "/data", "must be an object"},
      {with(R"("data":[1])"), "/data", "must be an object"},
      {with(R"("data":null)"), "/data", "must be an object"},
  };
}

// Members of the right kind with a value they may not have.
std::vector<Bad> wrong_values() {
  return {
      {R"({"type":""})", "/type", "is not a known event type"},
      {R"({"type":"finding.create"})", "/type", "did you mean finding.created"},
      {R"({"type":"Scan.Failed"})", "/type", "did you mean scan.failed"},
      {R"({"type":"finding.*"})", "/type", "is not a known event type"},
      {R"({"type":"*"})", "/type", "GET /v1/event-types lists them"},
      {R"({"type":"scan.failed "})", "/type", "did you mean scan.failed"},
      {R"({"type":"channel.test"})", "/type", "cannot be posted"},
      {R"({"type":"scan.failed\u0000"})", "/type", "is not a known event type"},
      {R"({"type":"finding.created"})", "/severity", "is required for finding.created"},
      {with(R"("severity":"urgent")"), "/severity", "is none of critical, high, medium, low, info"},
      {with(R"("severity":"HIGH")"), "/severity", "is none of"},
      {with(R"("severity":"")"), "/severity", "is none of"},
      {with(R"("category":"security")"), "/category", "is none of security_alert, system_notification"},
      {with(R"("category":"")"), "/category", "is none of"},
      {R"({"type":"scan.failed","team":""})", "/team", "must be a team's name"},
      {R"({"type":"scan.failed","team":"Demo"})", "/team", "must be a team's name"},
      {R"({"type":"scan.failed","team":"a/b"})", "/team", "must be a team's name"},
      {R"({"type":"scan.failed","team":"../etc"})", "/team", "must be a team's name"},
      {R"({"type":"scan.failed","team":")" + repeat("a", 64) + "\"}", "/team", "must be a team's name"},
      {with(R"("id":"")"), "/id", "must be 1 to 256 bytes"},
      {with("\"id\":\"" + repeat("x", 257) + "\""), "/id", "must be 1 to 256 bytes"},
      {with(R"("id":"a\nb")"), "/id", "without control characters"},
      {with(R"("id":"a\u0000")"), "/id", "without control characters"},
      {with(R"("id":"a\u007f")"), "/id", "without control characters"},
      {with(R"("id":"evt_01KBQ5T8Z0000")"), "/id", "must not begin with evt_"},
      {with(R"("source":"")"), "/source", "must be 1 to 64"},
      {with(R"("source":"CSPM")"), "/source", "must be 1 to 64"},
      {with(R"("source":"a b")"), "/source", "must be 1 to 64"},
      {with("\"source\":\"" + repeat("s", 65) + "\""), "/source", "must be 1 to 64"},
      {with(R"("title":"two\nlines")"), "/title", "must be one line"},
      {with(R"("title":"Subject\r\nBcc: all@example.com")"), "/title", "must be one line"},
      {with(R"("title":"bell\u0007")"), "/title", "must be one line"},
      {with(R"("summary":"nul\u0000")"), "/summary", "no control characters"},
      {with(R"("summary":"\u001b[31mred")"), "/summary", "no control characters"},
      {with(R"("link":"")"), "/link", "absolute http or https URL"},
      {with(R"("link":"/findings/7")"), "/link", "absolute http or https URL"},
      {with(R"("link":"example.com/7")"), "/link", "absolute http or https URL"},
      {with(R"x("link":"javascript:alert(1)")x"), "/link", "absolute http or https URL"},
      {with(R"("link":"file:///etc/passwd")"), "/link", "absolute http or https URL"},
      {with(R"("link":"ftp://example.com/")"), "/link", "absolute http or https URL"},
      {with(R"("link":"https://")"), "/link", "absolute http or https URL"},
      {with(R"("link":"https:///path")"), "/link", "absolute http or https URL"},
      {with(R"("link":"http://?q")"), "/link", "absolute http or https URL"},
      {with(R"("link":"https://example.com/a b")"), "/link", "without spaces"},
      {with(R"("link":"https://example.com/\r\nX: y")"), "/link", "absolute http or https URL"},
      {with(R"("link":"https://example.com/\"><script>")"), "/link", "absolute http or https URL"},
      {with("\"link\":\"https://example.com/" + repeat("p", 2048) + "\""), "/link", "at most 2048 bytes"},
      {with(R"("time":"")"), "/time", "RFC 3339"},
      {with(R"("time":"yesterday")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-11-23")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-11-23T08:00:00")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-11-23 08:00:00Z")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-02-30T08:00:00Z")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-11-23T24:00:00Z")"), "/time", "RFC 3339"},
      {with(R"("time":"2026-11-23T08:00:00+0100")"), "/time", "RFC 3339"},
      {with(R"("time":"1969-12-31T23:59:59Z")"), "/time", "RFC 3339"},
      {with(R"("time":"1970-01-01T00:00:00+01:00")"), "/time", "RFC 3339"},
      {with(R"("time":"9999-12-31T23:59:59-23:59")"), "/time", "RFC 3339"},
      {with(R"("time":"10000-01-01T00:00:00Z")"), "/time", "RFC 3339"},
      {with(R"("time":"Mon, 23 Nov 2026 08:00:00 GMT")"), "/time", "RFC 3339"},
      {with(R"("labels":{"":"x"})"), "/labels/", "a label's name must be"},
      {with(R"("labels":{"a b":"x"})"), "/labels/a b", "a label's name must be"},
      {with(R"("labels":{"grün":"x"})"), "/labels/grün", "a label's name must be"},
      {with(R"("labels":{"~x":"y"})"), "/labels/~0x", "a label's name must be"},
      {with("\"labels\":{\"" + repeat("k", 129) + "\":\"x\"}"), "/labels/" + repeat("k", 129),
       "a label's name must be 1 to 128"},
      {with("\"labels\":{\"k\":\"" + repeat("v", 1025) + "\"}"), "/labels/k", "at most 1024 bytes"},
      {with(R"("labels":{"k":"a\u0000b"})"), "/labels/k", "without control characters"},
  };
}

// Members an event does not have.
std::vector<Bad> unknown_members() {
  return {
      {with(R"("severty":"high")"), "/severty", "did you mean severity?"},
      {with(R"("Title":"x")"), "/Title", "did you mean title?"},
      {with(R"("label":{})"), "/label", "did you mean labels?"},
      {with(R"("url":"https://example.com")"), "/url", "put your own fields into data"},
      {with(R"("correlation":"x")"), "/correlation", "put your own fields into data"},
      {with(R"("a/b~c":1)"), "/a~1b~0c", "is not a member of an event"},
      {with(R"("":1)"), "/", "is not a member of an event"},
      {with(R"("\u0000":1)"), "/\0"s, "is not a member of an event"},
      {with(R"("received":"2026-11-23T08:00:00Z")"), "/received", "is not a member of an event"},
      {with(R"("__proto__":{})"), "/__proto__", "is not a member of an event"},
      {with("\"" + repeat("z", 100'000) + "\":1"), "/" + repeat("z", 200), "is not a member of an event"},
  };
}

std::string shortened(const std::string& text) {
  return text.size() > 160 ? text.substr(0, 160) + "… (" + std::to_string(text.size()) + " bytes)" : text;
}

class BadEvents : public testing::Test {
 protected:
  void expect_refused(const Bad& bad) const {
    SCOPED_TRACE(shortened(bad.text));
    const auto draft = read_event(bad.text, *catalogue_, {}, kNow);
    ASSERT_FALSE(draft) << "was accepted";
    const Error& error = draft.error();
    EXPECT_EQ(error.code, Errc::kInvalid);
    if (bad.pointer.empty()) {
      EXPECT_TRUE(error.fields.empty());
      EXPECT_NE(error.detail.find(bad.says), std::string::npos) << error.detail;
      return;
    }
    ASSERT_EQ(error.fields.size(), 1U) << error.detail;
    EXPECT_EQ(error.fields[0].pointer, bad.pointer);
    EXPECT_NE(error.fields[0].message.find(bad.says), std::string::npos) << error.fields[0].message;
    EXPECT_EQ(error.detail, bad.pointer + ": " + error.fields[0].message);
  }

  void expect_all_refused(const std::vector<Bad>& table) const {
    for (const Bad& bad : table) expect_refused(bad);
  }

  std::shared_ptr<const Catalogue> catalogue_ = small_catalogue();
};

TEST_F(BadEvents, ThatAreNoJsonObjectAreMalformed) {
  expect_all_refused(broken_documents());
}

TEST_F(BadEvents, ThatReadTwoWaysOrTooDeepAreMalformed) {
  expect_all_refused(ambiguous_documents());
}

TEST_F(BadEvents, WithMembersOfTheWrongKindAreNamed) {
  expect_all_refused(wrong_kinds());
}

TEST_F(BadEvents, WithWrongValuesAreNamed) {
  expect_all_refused(wrong_values());
}

TEST_F(BadEvents, WithUnknownMembersAreNamedAndTheNearestIsSuggested) {
  expect_all_refused(unknown_members());
}

TEST_F(BadEvents, GetEveryFaultAtOnceInOneAnswer) {
  const auto draft = read_event(
      R"({"id":"","team":"A","type":"no.such","category":"x","severity":"y","source":"Z","title":"a\nb",)"
      R"("link":"x","labels":{"ok":"1","bad key":"2"},"data":[],"time":"now","extra":1})",
      *catalogue_, {}, kNow);
  ASSERT_FALSE(draft);
  std::vector<std::string> pointers;
  const Error error = draft.error();
  for (const auto& field : error.fields) pointers.push_back(field.pointer);
  EXPECT_EQ(pointers,
            (std::vector<std::string>{"/extra", "/id", "/team", "/type", "/category", "/severity", "/source",
                                      "/title", "/link", "/labels/bad key", "/data", "/time"}));
}

TEST_F(BadEvents, ListTwentyFaultsAndNoMore) {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i) text += "\"unknown" + std::to_string(i) + "\":1,";
  text += R"("type":"scan.failed"})";
  const auto draft = read_event(text, *catalogue_, {}, kNow);
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().fields.size(), 20U);
}

TEST_F(BadEvents, WithMoreThan64LabelsAreRefused) {
  std::string text = R"({"type":"scan.failed","labels":{)";
  for (int i = 0; i < 65; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
  const auto draft = read_event(text + "}}", *catalogue_, {}, kNow);
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().fields.at(0).pointer, "/labels");
  EXPECT_NE(draft.error().detail.find("at most 64"), std::string::npos);
}

TEST_F(BadEvents, OverTheSizeLimitAreTooLargeBeforeTheyAreRead) {
  EventLimits limits;
  limits.event_bytes = 100;
  const auto draft = read_event("{" + repeat(" ", 100), *catalogue_, limits, kNow);
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().code, Errc::kTooLarge);
  EXPECT_NE(draft.error().detail.find("101 bytes, more than the 100 allowed"), std::string::npos);
}

TEST_F(BadEvents, AreQuotedShortenedAndNeverInHalfACharacter) {
  const auto draft = read_event("{\"type\":\"x" + repeat("ü", 200) + "\"}", *catalogue_, {}, kNow);
  ASSERT_FALSE(draft);
  const std::string message = draft.error().fields.at(0).message;
  EXPECT_TRUE(message.starts_with("\"x" + repeat("ü", 29) + "…\" is not")) << message;
}

}  // namespace
}  // namespace tocsin::ingest
