// What Slack is sent: golden files, Slack's limits for any event, and texts that mean harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <tocsin/cpp/graphemes.hpp>
#include <tocsin/testing/fake_host.hpp>
#include <tocsin/testing/hostile_texts.hpp>

#include "corpus.hpp"
#include "plugins/golden.hpp"
#include "plugins/samples.hpp"
#include "plugins/slack/block_kit.hpp"
#include "slack/block_message.hpp"
#include "slack/markup.hpp"

namespace {

using slack_tests::BlockKit;
using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::testing::sample_message;

sample_message finding() {
  return tocsin::tests::make_finding({{"account", "1234"}, {"env", "prod"}});
}
sample_message digest(std::size_t count) {
  return tocsin::tests::make_digest(finding(), count);
}

std::string blocks_of(sample_message& sample) {
  return slack::render_blocks(tocsin::message(*sample.c()));
}
std::string text_of(sample_message& sample) {
  return slack::render_text(tocsin::message(*sample.c()));
}

TEST(SlackMessage, IsWhatTheGoldenFilesSay) {
  auto one = finding();
  tocsin::tests::expect_golden("slack/golden/finding.json", blocks_of(one));
  tocsin::tests::expect_golden("slack/golden/finding_text_only.json", text_of(one));
  auto test = finding();
  test.flags = TOCSIN_TEST;
  test.type = "channel.test";
  tocsin::tests::expect_golden("slack/golden/test.json", blocks_of(test));
  sample_message bare;
  bare.title = bare.summary = bare.link = bare.source = "";
  tocsin::tests::expect_golden("slack/golden/bare.json", blocks_of(bare));
  auto few = digest(3);
  tocsin::tests::expect_golden("slack/golden/digest.json", blocks_of(few));
  auto many = digest(250);
  tocsin::tests::expect_golden("slack/golden/digest_of_250.json", blocks_of(many));
}

TEST(SlackMessage, TheGoldenFilesKeepSlacksLimits) {
  auto one = finding();
  EXPECT_EQ(BlockKit::fault(blocks_of(one)), "");
  auto many = digest(250);
  EXPECT_EQ(BlockKit::fault(blocks_of(many)), "");
  EXPECT_THAT(blocks_of(many), HasSubstr(" more"));
  EXPECT_EQ(BlockKit::fault(text_of(many)), "");
  EXPECT_THAT(text_of(many), HasSubstr("Finding number 2"));
  EXPECT_THAT(text_of(many), HasSubstr(" more"));
}

// If the checker found nothing wrong with these, it would prove nothing.
TEST(BlockKit, FindsWhatSlackRefuses) {
  const std::string long_text(3001, 'x');
  EXPECT_NE(BlockKit::fault("{"), "");
  EXPECT_NE(BlockKit::fault(R"({"blocks":[]})"), "");
  EXPECT_NE(BlockKit::fault(R"({"text":"a","blocks":[]})"), "");
  EXPECT_NE(
      BlockKit::fault(R"({"text":"a","blocks":[{"type":"section","text":{"type":"plain_text","text":")" +
                      long_text + R"("}}]})"),
      "");
  EXPECT_NE(BlockKit::fault(
                R"({"text":"a","blocks":[{"type":"section","text":{"type":"plain_text","text":"a & b"}}]})"),
            "");
  EXPECT_NE(BlockKit::fault(
                R"({"text":"a","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}}]})"),
            "");
  EXPECT_NE(
      BlockKit::fault(R"({"text":"a","blocks":[{"type":"header","text":{"type":"plain_text","text":""}}]})"),
      "");
}

TEST(SlackMessage, CarriesAnyTextInAnyPlaceWithinSlacksLimits) {
  const auto texts = tocsin::testing::hostile_texts();
  ASSERT_GE(texts.size(), 40U);
  for (const std::string& text : texts) {
    auto sample = finding();
    sample.title = sample.summary = sample.source = sample.type = sample.event_id = text;
    sample.link = "https://example.com/" + text;
    sample.labels = {{text, text}, {"a", text}, {"b", text}, {"c", text},
                     {"d", text},  {"e", text}, {"f", text}};
    if (text.find_first_not_of(" \n") == text.npos) sample.type = "finding.created";  // it is never blank
    EXPECT_EQ(BlockKit::fault(blocks_of(sample)), "") << text.substr(0, 60);
    EXPECT_EQ(BlockKit::fault(text_of(sample)), "") << text.substr(0, 60);
    auto several = digest(30);
    for (auto& other : several.more) other.title = other.link = text;
    several.title = text;
    EXPECT_EQ(BlockKit::fault(blocks_of(several)), "") << text.substr(0, 60);
    // Nothing of Slack's own markup gets through.
    EXPECT_THAT(blocks_of(sample), Not(HasSubstr("<!"))) << text.substr(0, 60);
    EXPECT_THAT(blocks_of(several), Not(HasSubstr("<!"))) << text.substr(0, 60);
  }
}

TEST(SlackMessage, KeepsSlacksLimitsForRandomEvents) {
  std::mt19937 random(20261127);
  const auto texts = tocsin::testing::hostile_texts();
  const auto any = [&] {
    std::string text;
    for (std::size_t i = 0; i <= random() % 3; ++i) {
      const std::string& piece = texts[random() % texts.size()];
      text += piece.substr(0, piece.size() > 4000 ? 4000 : piece.size());
    }
    return tocsin::plain_text(text, true);  // cutting bytes may have split a character
  };
  for (int i = 0; i < 100; ++i) {
    auto sample = digest(1 + random() % 60 * (i % 2));
    sample.title = any(), sample.summary = any(), sample.link = any();
    for (auto& other : sample.more) other.title = any();
    for (std::size_t label = 0; label < random() % 64; ++label)
      sample.labels.emplace_back("l" + std::to_string(label), any());
    const std::string body = blocks_of(sample);
    ASSERT_EQ(BlockKit::fault(body), "") << body.substr(0, 2000);
    ASSERT_EQ(body, blocks_of(sample)) << "every attempt sends the same bytes";
  }
}

TEST(SlackMarkup, EscapesAsTheCorpusSays) {
  const auto corpus = tocsin::tests::load_corpus("text_escaping.json");
  int rows = 0;
  for (const auto& row : corpus.as_array()) {
    if (row.at("channel").as_string() != "slack") continue;
    ++rows;
    EXPECT_EQ(slack::escape_within(row.at("input").as_string(), 3000),
              std::string_view(row.at("expected").as_string()));
  }
  EXPECT_GE(rows, 5);
}

TEST(SlackMarkup, NeverCutsAnEntityOrACharacter) {
  EXPECT_EQ(slack::escape_within("&&&&", 12), "&amp;&amp;…");
  EXPECT_EQ(slack::escape_within("&&", 10), "&amp;&amp;");
  EXPECT_EQ(slack::escape_within("&&", 9), "&amp;…");
  EXPECT_EQ(slack::escape_within("ab👍🏽", 4), "ab…");
  EXPECT_EQ(slack::escape_within("ab👍🏽", 6), "ab👍🏽");
  for (std::size_t most = 1; most < 60; ++most) {
    const std::string cut =
        slack::escape_within(tocsin::testing::repeat("a<&>👨‍👩‍👧‍👦", 10), most);
    EXPECT_LE(slack::utf16_units(cut), most);
  }
}

}  // namespace
