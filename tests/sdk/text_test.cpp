// The encodings of tocsin/cpp/text.hpp on values that break the careless.
#include <gtest/gtest.h>

#include <tocsin/plugin.hpp>

namespace {

TEST(JsonQuote, EscapesWhatJsonMustEscapeAndKeepsTheRest) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"line\r\n\ttab", R"("line\r\n\ttab")"},
      {std::string_view("\0\x1f\x7f", 3), R"("\u0000\u001f\u007f")"},
      {"Zürich 😀", "\"Zürich 😀\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(tocsin::json_quote(text), expected);
}

TEST(JsonQuote, ReplacesEveryByteThatIsNoUtf8) {
  EXPECT_EQ(tocsin::json_quote("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(tocsin::json_quote("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "an overlong slash";
  EXPECT_EQ(tocsin::json_quote("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"")
      << "a lone surrogate";
  EXPECT_EQ(tocsin::json_quote("\xF0\x9F\x98"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"") << "cut short";
}

TEST(JsonObject, WritesItsMembersInTheOrderOfTheCalls) {
  EXPECT_EQ(tocsin::json_object().str(), "{}");
  EXPECT_EQ(tocsin::json_object().text("t", "x\"").number("n", -3).flag("f", true).raw("r", "[1]").str(),
            R"({"t":"x\"","n":-3,"f":true,"r":[1]})");
}

TEST(Base64, PadsEveryRemainder) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xFB\xFF", "+/8="}};
  for (const auto& [bytes, expected] : cases) {
    std::string out;
    tocsin::append_base64(out, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    EXPECT_EQ(out, expected);
  }
}

TEST(Iso8601, IsUtcWithMillisecondsOnEveryCalendarEdge) {
  const std::pair<std::int64_t, std::string_view> cases[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {951'782'400'000, "2000-02-29T00:00:00.000Z"},
      {1'795'420'800'000, "2026-11-23T08:00:00.000Z"},
      {4'107'542'399'999, "2100-02-28T23:59:59.999Z"},
      {4'107'542'400'000, "2100-03-01T00:00:00.000Z"},
  };
  for (const auto& [ms, expected] : cases) {
    std::string out;
    tocsin::append_iso8601(out, ms);
    EXPECT_EQ(out, expected);
  }
}

TEST(HeaderText, IsAlwaysSendable) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain", "plain"},
      {"  trimmed\t", "trimmed"},
      {"a\r\nX-Evil: 1", "a  X-Evil: 1"},
      {"\r\n", ""},
      {"\n x \n", "x"},
      {"Zürich", "=?UTF-8?B?WsO8cmljaA==?="},
      {"tsec_abc", "tsec_abc"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string value = tocsin::header_text(text);
    EXPECT_EQ(value, expected);
    EXPECT_TRUE(tocsin_header_value_ok(tocsin::c_str(value)));
  }
}

TEST(HeaderRules, NamesAreTokensAndValuesAreVisibleAscii) {
  const auto name_ok = [](std::string_view n) { return tocsin_header_name_ok(tocsin::c_str(n)) == 1; };
  EXPECT_TRUE(name_ok("X'Odd!#$%&*+-.^_`|~9"));
  for (const std::string_view bad : {"", "X A", "X:", "X\"", "X\r", "é", "X(", "X/", "X\x7f"}) {
    EXPECT_FALSE(name_ok(bad)) << bad;
  }
  EXPECT_FALSE(name_ok(std::string_view("X\0Y", 3)));
  EXPECT_TRUE(name_ok(std::string(64, 'a')));
  EXPECT_FALSE(name_ok(std::string(65, 'a')));
  const auto value_ok = [](std::string_view v) { return tocsin_header_value_ok(tocsin::c_str(v)) == 1; };
  for (const std::string_view good : {"", "a b\tc", "~!", "x"}) EXPECT_TRUE(value_ok(good)) << good;
  for (const std::string_view bad : {" a", "a ", "\ta", "a\r\nb", "a\nb", "\x01", "h\xC3\xA9", "a\x7f"}) {
    EXPECT_FALSE(value_ok(bad)) << bad;
  }
  EXPECT_TRUE(value_ok(std::string(4096, 'a')));
  EXPECT_FALSE(value_ok(std::string(4097, 'a')));
}

}  // namespace
