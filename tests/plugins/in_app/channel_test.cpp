// What the in-app channel puts into the notification centre, how it reads the store's answers, and texts that
// mean harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <tocsin/testing/fake_host.hpp>
#include <tocsin/testing/hostile_texts.hpp>

#include "plugins/golden.hpp"

namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using tocsin::testing::inbox_put;
using tocsin::testing::sample_message;

std::string write(const inbox_put& put) {
  const boost::json::object object{{"severity", put.severity},
                                   {"category", put.category},
                                   {"time_unix_ms", put.time_unix_ms},
                                   {"id", put.id},
                                   {"user", put.user},
                                   {"type", put.type},
                                   {"source", put.source},
                                   {"title", put.title},
                                   {"summary", put.summary},
                                   {"link", put.link},
                                   {"json", put.json}};
  return boost::json::serialize(object);
}

class InAppChannel : public ::testing::Test {
 protected:
  InAppChannel() : host(*tocsin_plugin_v1()->types[0]) { EXPECT_TRUE(host.create({})); }
  inbox_put put(sample_message sample) {
    const auto ends = host.deliver(sample);
    EXPECT_THAT(ends, SizeIs(1));
    EXPECT_FALSE(host.items.empty());
    return host.items.empty() ? inbox_put{} : host.items.back();
  }
  tocsin::testing::fake_host host;
};

TEST_F(InAppChannel, MakesAnItemOfAnEvent) {
  sample_message sample;
  sample.data = R"({"score":1.10,"list":[1,2]})";
  tocsin::tests::expect_golden("in_app/golden/finding.json", write(put(sample)));
  EXPECT_EQ(host.completions.back().status, TOCSIN_DELIVERED);
  EXPECT_EQ(host.completions.back().provider_id, "itm_0000000000001");
  EXPECT_THAT(host.undeclared, IsEmpty());
}

TEST_F(InAppChannel, MarksATestAndNeedsNoTitle) {
  sample_message test;
  test.flags = TOCSIN_TEST;
  test.type = "channel.test";
  tocsin::tests::expect_golden("in_app/golden/test.json", write(put(test)));
  sample_message bare;
  bare.title = bare.summary = bare.link = bare.source = "";
  tocsin::tests::expect_golden("in_app/golden/bare.json", write(put(bare)));
}

TEST_F(InAppChannel, NamesTheUserOfItsSettings) {
  ASSERT_TRUE(host.create({{"/user", "alice"}}));
  EXPECT_EQ(put({}).user, "alice");
}

TEST_F(InAppChannel, PutsTheSameKeyOnEveryAttempt) {
  sample_message sample;
  const auto first = put(sample);
  sample.attempt = 2;
  host.inbox_replies.push_back({.duplicate = true});
  EXPECT_EQ(put(sample).id, first.id);
  EXPECT_EQ(host.completions.back().status, TOCSIN_DELIVERED);
}

// A producer may use an id again a day later: with the event's id as its key, the second alert made no item.
TEST_F(InAppChannel, TakesAnAlertWhoseEventIdWasUsedBefore) {
  sample_message sample;
  const auto first = put(sample);
  sample.id = "dlv_another";
  EXPECT_NE(put(sample).id, first.id);
}

TEST_F(InAppChannel, ReadsTheStoresAnswers) {
  struct Row {
    tocsin_status answer;
    int status;
    const char* code;
  };
  const Row rows[] = {{TOCSIN_E_BUSY, TOCSIN_RETRY, "in_app.store"},
                      {TOCSIN_E_CLOSING, TOCSIN_RETRY, "in_app.store"},
                      {TOCSIN_E_NO_MEMORY, TOCSIN_RETRY, "in_app.store"},
                      {TOCSIN_E_UNSUPPORTED, TOCSIN_RETRY, "in_app.store"},
                      {TOCSIN_E_INVALID, TOCSIN_REJECTED, "in_app.refused"},
                      {TOCSIN_E_TOO_LARGE, TOCSIN_REJECTED, "in_app.refused"}};
  for (const bool at_once : {false, true}) {
    for (const Row& row : rows) {
      host.submit_answer = at_once ? row.answer : TOCSIN_OK;
      if (!at_once) host.inbox_replies.push_back({.status = row.answer});
      const auto ends = host.deliver(sample_message{});
      ASSERT_THAT(ends, SizeIs(1)) << row.answer;
      EXPECT_EQ(ends.front().status, row.status) << row.answer;
      EXPECT_EQ(ends.front().code, row.code) << row.answer;
      EXPECT_FALSE(ends.front().detail.empty());
    }
  }
}

TEST_F(InAppChannel, SaysNothingOfAnAttemptThatTheHostEnded) {
  host.inbox_replies.push_back({.status = TOCSIN_E_STALE});
  EXPECT_THAT(host.deliver(sample_message{}), IsEmpty());
  host.submit_answer = TOCSIN_E_STALE;
  EXPECT_THAT(host.deliver(sample_message{}), IsEmpty());
}

TEST_F(InAppChannel, CarriesAnyTextWithinTheHostsLimits) {
  const auto texts = tocsin::testing::hostile_texts();
  ASSERT_GE(texts.size(), 40U);
  for (const std::string& text : texts) {
    sample_message sample;
    sample.title = sample.summary = text;
    sample.link = "https://example.com/" + text;
    const auto item = put(sample);
    EXPECT_FALSE(item.title.empty());
    EXPECT_LE(item.title.size(), std::size_t{TOCSIN_INBOX_TITLE_BYTES});
    EXPECT_LE(item.summary.size(), std::size_t{TOCSIN_INBOX_SUMMARY_BYTES});
    EXPECT_LE(item.link.size(), std::size_t{TOCSIN_INBOX_LINK_BYTES});
    boost::json::error_code error;
    boost::json::parse(write(item), error);  // invalid UTF-8 would not parse
    EXPECT_FALSE(error) << text.substr(0, 60);
  }
}

// The host takes such an event, and refused its item.
TEST_F(InAppChannel, WritesALinkOfAnyLanguageAsAnItemMayHaveIt) {
  sample_message sample;
  sample.link = "https://example.com/\u00fc?q=\u6f22";
  EXPECT_EQ(put(sample).link, "https://example.com/%C3%BC?q=%E6%BC%A2");
}

TEST_F(InAppChannel, LeavesOutDataThatIsTooLarge) {
  sample_message sample;
  sample.data = R"({"a":")" + std::string(TOCSIN_INBOX_JSON_BYTES, 'x') + "\"}";
  EXPECT_EQ(put(sample).json, "");
}

}  // namespace
