// What Teams is sent: golden files, the rules of cards for any event, the order of what is left out, and
// texts that mean harm.
#include "teams/card.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <tocsin/cpp/graphemes.hpp>
#include <tocsin/testing/documents.hpp>
#include <tocsin/testing/hostile_texts.hpp>

#include "corpus.hpp"
#include "plugins/golden.hpp"
#include "plugins/samples.hpp"
#include "plugins/teams/adaptive_card.hpp"

namespace {

using teams_tests::AdaptiveCard;
using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::testing::repeat;
using tocsin::testing::sample_message;

sample_message finding() {
  return tocsin::tests::make_finding({{"env", "prod"}, {"k8s.io/app_name", "web*"}});
}
sample_message digest(std::size_t count) {
  return tocsin::tests::make_digest(finding(), count);
}

std::string card_of(sample_message& sample) {
  return teams::render_card(tocsin::message(*sample.c()));
}

TEST(TeamsCard, IsWhatTheGoldenFilesSay) {
  auto one = finding();
  tocsin::tests::expect_golden("teams/golden/finding.json", card_of(one));
  auto test = finding();
  test.flags = TOCSIN_TEST;
  tocsin::tests::expect_golden("teams/golden/test.json", card_of(test));
  sample_message bare;
  bare.title = bare.summary = bare.link = bare.source = "";
  tocsin::tests::expect_golden("teams/golden/bare.json", card_of(bare));
  auto few = digest(3);
  tocsin::tests::expect_golden("teams/golden/digest.json", card_of(few));
  auto many = digest(250);
  tocsin::tests::expect_golden("teams/golden/digest_of_250.json", card_of(many));
  for (auto* sample : {&one, &test, &bare, &few, &many}) EXPECT_EQ(AdaptiveCard::fault(card_of(*sample)), "");
}

// If the checker found nothing wrong with these, it would prove nothing.
TEST(AdaptiveCard, FindsWhatTeamsRefuses) {
  auto sample = finding();
  const std::string good = card_of(sample);
  const auto with = [&](std::string_view what, std::string_view instead) {
    std::string body = good;
    const auto at = body.find(what);
    EXPECT_NE(at, body.npos) << what;
    return body.replace(at, what.size(), instead);
  };
  EXPECT_EQ(AdaptiveCard::fault(good), "");
  EXPECT_NE(AdaptiveCard::fault(with("\"1.4\"", "\"1.5\"")), "");
  EXPECT_NE(AdaptiveCard::fault(with("RichTextBlock", "TextBlock")), "");
  EXPECT_NE(AdaptiveCard::fault(with("https://console", "http://console")), "");
  EXPECT_NE(AdaptiveCard::fault(with("web\\\\*", "web*")), "");
  EXPECT_NE(AdaptiveCard::fault(with("It holds", "{{DATE(x)}}")), "");
  EXPECT_NE(AdaptiveCard::fault(good.substr(0, good.size() - 1)), "");
}

TEST(TeamsCard, LeavesOutInTheDocumentedOrder) {
  auto sample = finding();
  for (int i = 0; i < 10; ++i)
    sample.labels.emplace_back("label-" + std::to_string(i) + repeat("字", 100), repeat("漢", 300));
  sample.summary = repeat("漢字", 1000);
  EXPECT_THAT(card_of(sample), ::testing::AllOf(HasSubstr("label-1"), HasSubstr("cspm")));
  sample.summary = repeat("漢字", 2000);
  EXPECT_THAT(card_of(sample), ::testing::AllOf(Not(HasSubstr("label-1")), HasSubstr("cspm")));
  sample.summary = repeat("\U0010FFFF", 4000);
  EXPECT_THAT(card_of(sample), ::testing::AllOf(HasSubstr("\U0010FFFF"), HasSubstr("Public bucket")));
  EXPECT_EQ(AdaptiveCard::fault(card_of(sample)), "");
  sample.summary = repeat("\"", 4000);
  sample.source = repeat("*", 4000);
  EXPECT_EQ(AdaptiveCard::fault(card_of(sample)), "");
  EXPECT_THAT(card_of(sample), HasSubstr("findings/f-1"));
}

TEST(TeamsCard, CarriesAnyTextInAnyPlace) {
  for (const std::string& text : tocsin::testing::hostile_texts()) {
    auto sample = finding();
    sample.title = sample.summary = sample.source = sample.event_id = text;
    sample.type = text.find_first_not_of(" \n") == text.npos ? "finding.created" : text;
    sample.link = "https://example.com/" + text;
    sample.labels = {{text, text}, {"a", text}, {"b", text}, {"c", text}, {"d", text}};
    EXPECT_EQ(AdaptiveCard::fault(card_of(sample)), "") << text.substr(0, 60);
    auto several = digest(30);
    for (auto& other : several.more) other.title = other.link = text;
    EXPECT_EQ(AdaptiveCard::fault(card_of(several)), "") << text.substr(0, 60);
  }
}

TEST(TeamsCard, FitsForRandomEvents) {
  std::mt19937 random(20261127);
  const auto texts = tocsin::testing::hostile_texts();
  const auto any = [&] {
    std::string text;
    for (std::size_t i = 0; i <= random() % 3; ++i) text += texts[random() % texts.size()].substr(0, 6000);
    return tocsin::plain_text(text, true);  // cutting bytes may have split a character
  };
  for (int i = 0; i < 60; ++i) {
    auto sample = digest(1 + random() % 80 * (i % 2));
    sample.title = any(), sample.summary = any(), sample.link = any();
    for (auto& other : sample.more) other.title = any(), other.link = "https://example.com/" + any();
    for (std::size_t label = 0; label < random() % 64; ++label)
      sample.labels.emplace_back("l" + std::to_string(label), any());
    const std::string card = card_of(sample);
    ASSERT_EQ(AdaptiveCard::fault(card), "") << card.substr(0, 2000);
    ASSERT_EQ(card, card_of(sample)) << "every attempt sends the same bytes";
  }
}

TEST(TeamsCard, EscapesFactsAsTheCorpusSays) {
  const auto corpus = tocsin::tests::load_corpus("text_escaping.json");
  int rows = 0;
  for (const auto& row : corpus.as_array()) {
    if (row.at("channel").as_string() != "teams_textblock") continue;
    ++rows;
    EXPECT_EQ(teams::escape_fact(row.at("input").as_string(), 200),
              std::string_view(row.at("expected").as_string()));
  }
  EXPECT_GE(rows, 4);
  EXPECT_EQ(teams::escape_fact("a_b [x](y) \\", 200), "a\\_b \\[x\\](y) \\\\");
  EXPECT_EQ(teams::escape_fact("a-b", 200), "a-b");
  EXPECT_EQ(teams::escape_fact("  - item", 200), "  \\- item");
  EXPECT_EQ(teams::escape_fact("1. item", 200), "1\\. item");
  EXPECT_EQ(teams::escape_fact("12) item", 200), "12\\) item");
  EXPECT_EQ(teams::escape_fact("7.", 200), "7\\.");
  for (const char* text : {"10.0.0.1", "1.2.3", "2026-11-23 08:00:00 UTC", "443", "", " "})
    EXPECT_EQ(teams::escape_fact(text, 200), text);
}

TEST(TeamsCard, EscapesTheTextThatStandsInForACard) {
  auto sample = finding();
  sample.title = "[click](https://evil.example) <at>x</at>";
  EXPECT_THAT(
      card_of(sample),
      HasSubstr(R"("fallbackText":"Critical: \\[click\\](https://evil.example) &lt;at&gt;x&lt;/at&gt;")"));
}

// One bad address must not cost the alert: Teams would refuse the whole card, after the 202.
TEST(TeamsCard, LinksOnlyWhatEveryReaderTakesForAnAddress) {
  const auto links = [](std::string link) {
    auto sample = finding();
    sample.link = std::move(link);
    return card_of(sample).find("Action.OpenUrl") != std::string::npos;
  };
  for (const char* good :
       {"https://example.com", "https://example.com:8443/a", "https://10.0.0.1/?q", "https://a-b.c#x"})
    EXPECT_TRUE(links(good)) << good;
  for (const char* bad :
       {"http://example.com/", "https://?x", "https://#x", "https://:443/", "https://[", "https://exa[mple/",
        "https://example.com:/", "https://example.com:https/", "https://example.com:123456/",
        "https://user:pw@example.com/", "https://bücher.example/", "https://%/", "https://exa%20mple/"})
    EXPECT_FALSE(links(bad)) << bad;
}

}  // namespace
