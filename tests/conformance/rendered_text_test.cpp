// How texts are shown in renderings and golden files, and a shipped plugin rendered.
#include "conformance/rendered_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/rendering.hpp"

namespace tocsin::conformance {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string body_of(std::string_view text) {
  RenderedText out;
  out.body(text);
  return out.take();
}

TEST(RenderedText, IsAsciiWhateverIsInIt) {
  EXPECT_EQ(to_ascii("plain \\ text"), "plain \\ text");
  EXPECT_EQ(to_ascii("\xC3\xA9\xE2\x80\xAE\xF0\x9F\x98\x80"), "\\u{E9}\\u{202E}\\u{1F600}");
  EXPECT_EQ(to_ascii("\x1B[31m\n\x7F"), "\\u{1B}[31m\\u{A}\\u{7F}");
  EXPECT_EQ(to_ascii("\xFF\xC3"), "\\x{FF}\\x{C3}");
  EXPECT_EQ(to_ascii("\xC0\x80"), "\\x{C0}\\x{80}");
}

TEST(RenderedText, LaysJsonOutAndHashesItAsItWas) {
  const std::string shown = body_of(R"({"b":[1,"x"],"a":{}})");
  EXPECT_THAT(shown, StartsWith("  20 bytes, sha256 "));
  EXPECT_THAT(
      shown,
      EndsWith("\n    {\n      \"b\": [\n        1,\n        \"x\"\n      ],\n      \"a\": {}\n    }\n"));
  EXPECT_NE(body_of(R"({"a":1})"), body_of(R"({"a": 1})")) << "other bytes";
}

TEST(RenderedText, CutsWhatIsLongAndStillTellsItApart) {
  const std::string one = body_of(std::string(100'000, 'x'));
  std::string other_text(100'000, 'x');
  other_text.back() = 'y';
  EXPECT_LT(one.size(), 500U);
  EXPECT_NE(one, body_of(other_text));
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "line\n";
  EXPECT_THAT(body_of(lines), EndsWith("    ... and more\n"));
}

TEST(Rendering, ShowsSecretsByTheNameOfTheirSetting) {
  CheckInput input;
  input.file = std::string(TOCSIN_BINARY_DIR) + "/plugins/slack.so";
  testing::sample_message message;
  const auto rendering = render_message(input, "", message);
  ASSERT_TRUE(rendering) << rendering.error().detail;
  EXPECT_THAT(rendering->text, HasSubstr("HTTP POST </url>\n"));
  EXPECT_THAT(rendering->text, HasSubstr("Public bucket"));
  EXPECT_THAT(rendering->text, Not(HasSubstr("tsec_")));
  EXPECT_TRUE(rendering->findings.empty());
  EXPECT_EQ(render_message(input, "teams", message).error().code, Errc::kNotFound);
}

TEST(Rendering, OfTheCorpusIsTheSameTwice) {
  CheckInput input;
  input.file = std::string(TOCSIN_BINARY_DIR) + "/plugins/smtp.so";
  const auto once = render_corpus(input);
  const auto again = render_corpus(input);
  ASSERT_TRUE(once) << once.error().detail;
  ASSERT_GE(once->size(), 40U);
  for (std::size_t i = 0; i < once->size(); ++i) {
    EXPECT_EQ((*once)[i].text, (*again)[i].text) << (*once)[i].name;
    EXPECT_THAT((*once)[i].text, HasSubstr("MAIL by "));
  }
}

}  // namespace
}  // namespace tocsin::conformance
