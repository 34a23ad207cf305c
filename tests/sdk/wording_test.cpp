// The words and the two readers that channels share.
#include <gtest/gtest.h>

#include <tocsin/cpp/wording.hpp>
#include <tocsin/testing/documents.hpp>

namespace {

using tocsin::testing::sample_message;

tocsin::message of(sample_message& sample) {
  return tocsin::message(*sample.c());
}

TEST(Wording, NamesAnEventByItsTitleOrItsType) {
  sample_message sample;
  sample.title = "A\nbucket";
  EXPECT_EQ(tocsin::headline(of(sample)), "A bucket");
  sample.title = " \u202E\n";
  EXPECT_EQ(tocsin::headline(of(sample)), "finding.created");
  sample.flags = TOCSIN_TEST;
  EXPECT_EQ(tocsin::headline(of(sample)), "Test: finding.created");
  sample.type = "a\nb";
  EXPECT_EQ(tocsin::headline(of(sample)), "Test: a b");
}

TEST(Wording, CountsADigestByItsSeverities) {
  sample_message sample;
  sample.severity = TOCSIN_LOW;
  for (const int severity : {TOCSIN_CRITICAL, TOCSIN_LOW, TOCSIN_HIGH, TOCSIN_CRITICAL})
    sample.more.emplace_back().severity = static_cast<std::uint32_t>(severity);
  EXPECT_EQ(tocsin::headline(of(sample)), "5 alerts");
  EXPECT_EQ(tocsin::count_severities(of(sample)), "2 critical, 1 high, 2 low");
  EXPECT_EQ(tocsin::severity_word(tocsin::worst_severity(of(sample))), "Critical");
  EXPECT_EQ(tocsin::utc_text(1'795'420'800'000), "2026-11-23 08:00:00 UTC");
}

TEST(Wording, NamesTheIdsThatARepetitionShares) {
  sample_message sample;
  EXPECT_EQ(tocsin::reference_line(of(sample)), "Event evt_1, delivery " + std::string(sample.id));
  sample.flags = TOCSIN_TEST;
  EXPECT_EQ(
      tocsin::reference_line(of(sample)),
      "Sent to test this channel; nothing has happened. Event evt_1, delivery " + std::string(sample.id));
  sample.flags = 0;
  sample.more.emplace_back();
  EXPECT_EQ(tocsin::reference_line(of(sample)), "Digest " + std::string(sample.id));
}

TEST(WebLink, TakesOnlyWebLinksAndEncodesTheRest) {
  EXPECT_EQ(tocsin::web_link("https://example.com/a?b=c&d=e#f", 3000), "https://example.com/a?b=c&d=e#f");
  EXPECT_EQ(tocsin::web_link("https://example.com/a b|c>d\"é\n", 3000),
            "https://example.com/a%20b%7Cc%3Ed%22%C3%A9%0A");
  for (const char* bad : {"", "javascript:alert(1)", "ftp://example.com", "https://", "https:///x",
                          "mailto:a@b", "//example.com", "HTTPS//x"})
    EXPECT_EQ(tocsin::web_link(bad, 3000), "") << bad;
  EXPECT_EQ(tocsin::web_link("https://example.com/" + std::string(3000, 'x'), 3000), "");
  EXPECT_EQ(tocsin::web_link("https://example.com/" + std::string(20, '"'), 60), "");
}

TEST(PeekJsonText, FindsATextMemberAndNothingElse) {
  EXPECT_EQ(tocsin::peek_json_text(R"({"ok":false,"error":"no_service"})", "error"), "no_service");
  EXPECT_EQ(tocsin::peek_json_text(R"({"error" : {"code" :)"
                                   "\n"
                                   R"("X"}})",
                                   "code"),
            "X");
  EXPECT_EQ(tocsin::peek_json_text(R"({"message":"\"code\":\"fake\"","code":"real"})", "code"), "real");
  EXPECT_EQ(tocsin::peek_json_text(R"({"code":42,"deep":{"code":"a\"b"}})", "code"), "a\\\"b");
  for (const char* bad :
       {"", "{", R"({"code":"cut)", R"({"code")", R"({"code":)", R"({"code": [)", "<html>", R"({"code":"x\)"})
    EXPECT_EQ(tocsin::peek_json_text(bad, "code"), "") << bad;
}

}  // namespace
