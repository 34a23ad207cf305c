// JSON strings by appending, checked against Boost.JSON as the reader.
#include "model/json_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace tocsin {
namespace {

std::string json_string(std::string_view text) {
  std::string out = "before ";
  append_json_string(out, text);
  return out.substr(7);
}

TEST(JsonText, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("plain/path"), "\"plain/path\"");
  EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\n\r\t"), R"("\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(json_string("grüße 🔔"), "\"grüße 🔔\"");
}

TEST(JsonText, IsReadBackByAJsonParserWhateverTheText) {
  const std::vector<std::string> pieces = {"a",  "\"", "\\", "\n",     "\x01", "\x1b",     "é",
                                           "中", "🔔",  " ",  "\u2028", "/",    "</script>"};
  std::mt19937 engine(3);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (auto n = engine() % 12; n > 0; --n) text += pieces[engine() % pieces.size()];
    const auto read = boost::json::parse(json_string(text));
    ASSERT_EQ(std::string_view(read.as_string()), text);
  }
}

TEST(JsonText, WritesAnArrayOfTexts) {
  std::string out = "x";
  append_json_texts(out, std::vector<std::string>{});
  append_json_texts(out, std::vector<std::string>{"a", "b\""});
  EXPECT_EQ(out, R"(x[]["a","b\""])");
}

}  // namespace
}  // namespace tocsin
