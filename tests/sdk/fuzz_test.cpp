// The fuzz entry's rules: a sound channel passes whatever comes, and each sin it is to find ends the run.
#include <gtest/gtest.h>

#include <random>
#include <tocsin/testing/fuzz.hpp>

#include "ntfy.hpp"

namespace {

using tocsin::testing::fuzz_channel;
using tocsin::testing::fuzz_input;
using tocsin::testing::is_json;

// A channel whose request is made by `T::body`.
template <class T>
struct talker {
  static constexpr tocsin::about about{
      .type = "test.talker", .name = "Talker", .version = "1", .egress = {"a.example:443"}};
  explicit talker(const tocsin::settings&) {}
  tocsin::http_request request(tocsin::message m) const {
    return tocsin::post("https://a.example").json(T::body(m));
  }
};
struct quotes_badly {
  static std::string body(tocsin::message m) { return "{\"title\":\"" + std::string(m.title()) + "\"}"; }
};
struct counts_attempts {
  static std::string body(tocsin::message m) { return std::to_string(m.attempt()); }
};
struct throws_at_length {
  static std::string body(tocsin::message m) {
    if (m.title().size() > 3) throw std::runtime_error("too long for me");
    return "{}";
  }
};

template <class T>
void fuzz(std::string_view bytes) {
  fuzz_channel(tocsin::detail::channel<T>::type, {},
               {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}
// severity, category, flags, then the title's length (two bytes) and text.
constexpr std::string_view kQuote(
    "\0\0\0\0\x05"
    "ab\"cd",
    10);

TEST(Fuzz, LetsASoundChannelPassWhateverComes) {
  std::mt19937 draw(7);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(draw() % 600, '\0');
    for (char& c : bytes) c = static_cast<char>(draw());
    fuzz_channel(tocsin::detail::channel<ntfy>::type, {{"/topic_url", "https://ntfy.example/t"}},
                 {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
}

TEST(FuzzDeathTest, EndsTheRunAtEachSin) {
  EXPECT_DEATH(fuzz<talker<quotes_badly>>(kQuote), "sends JSON that does not parse");
  EXPECT_DEATH(fuzz<talker<counts_attempts>>(kQuote), "sends other bytes on a second attempt");
  EXPECT_DEATH(fuzz<talker<throws_at_length>>(kQuote), "let an exception escape: too long for me");
  fuzz<talker<quotes_badly>>("");
}

TEST(FuzzInput, GivesTextsThatAreUtf8) {
  const std::string_view bytes(
      "\0\x08"
      "a\xC3\xA9\xFF\xED\xA0\x80\xC3",
      10);
  fuzz_input in(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  EXPECT_EQ(in.text(), "a\xC3\xA9?????");
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.number(5), 0U);
}

TEST(JsonCheck, KnowsJsonFromWhatIsNone) {
  for (const char* good :
       {"{}", " [1, -0.5e+3, \"\\u00e9\\n\", true, false, null, {\"a\":[]}] ", "\"x\"", "0"})
    EXPECT_TRUE(is_json(good)) << good;
  for (const char* bad : {"", "{", "[1,]", "{\"a\":}", "{a:1}", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "01",
                          "1.", "-", "tru", "{} {}"})
    EXPECT_FALSE(is_json(bad)) << bad;
  EXPECT_FALSE(is_json(std::string(10'000, '['))) << "deeper than anybody looks";
}

}  // namespace
