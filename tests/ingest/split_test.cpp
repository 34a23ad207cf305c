// Cutting a body into events: what is cut must be what a parser would have found, and nothing hostile gets
// far.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "ingest/read_event.hpp"

namespace tocsin::ingest {
namespace {

namespace json = boost::json;
using std::string_literals::operator""s;
using Parts = std::vector<std::string>;

// The parts as strings, or "refused: …" as the only one.
Parts taken(const Result<std::vector<std::string_view>>& result) {
  if (!result) return {"refused: " + result.error().detail};
  return {result->begin(), result->end()};
}

TEST(SplitArray, CutsOnTheOutermostCommas) {
  struct Case {
    std::string text;
    Parts parts;
  };
  const Case cases[] = {
      {"[]", {}},
      {" [ ] \n", {}},
      {"[{}]", {"{}"}},
      {"[1,2]", {"1", "2"}},
      {" [ {\"a\" : 1} ,\r\n {\"b\":2}\t] ", {"{\"a\" : 1}", "{\"b\":2}"}},
      {R"(["a,b","[","]","}","\"","\\"])", {R"("a,b")", R"("[")", R"("]")", R"("}")", R"("\"")", R"("\\")"}},
      {R"([{"a":[1,[2,3],{"b":[]}]},[[],[1,2]]])", {R"({"a":[1,[2,3],{"b":[]}]})", "[[],[1,2]]"}},
      {R"(["\\\"],[",1])", {R"("\\\"],[")", "1"}},
      {"[\"Grüße, 世界\",\"\xff\"]", {"\"Grüße, 世界\"", "\"\xff\""}},
      {"[not json at all,{\"x\"]", {"refused: the body is not a complete JSON array of events"}},
      {"[not json, neither this]", {"not json", "neither this"}},
      {"[{]}]", {"refused: the body is not a complete JSON array of events"}},
      {"[{],[}]", {"{]", "[}"}},
      {"[\"a\0b\"]"s, {"\"a\0b\""s}},
  };
  for (const auto& each : cases) EXPECT_EQ(taken(split_array(each.text, {})), each.parts) << each.text;
}

TEST(SplitArray, RefusesWhatIsNoWholeArray) {
  const std::string incomplete = "is not a complete JSON array";
  const std::pair<std::string, std::string> cases[] = {
      {"", incomplete},
      {"[", incomplete},
      {"]", incomplete},
      {"{}", incomplete},
      {"[1", incomplete},
      {"[1,", incomplete},
      {"[1,2", incomplete},
      {"[1}", incomplete},
      {"[\"]", incomplete},
      {"[\"a\\\"]", incomplete},
      {"[\"\\", incomplete},
      {"[{\"a\":1]", incomplete},
      {"[[[[", incomplete},
      {"[1,2]]", "goes on after the end"},
      {"[1] x", "goes on after the end"},
      {"[] []", "goes on after the end"},
      {"[]]", "goes on after the end"},
      {"[1][2]", "goes on after the end"},
      {"[1]\0"s, "goes on after the end"},
      {"[,]", "element 0 of the array is empty"},
      {"[1,]", "element 1 of the array is empty"},
      {"[1,,2]", "element 1 of the array is empty"},
      {"[1, \n ,2]", "element 1 of the array is empty"},
  };
  for (const auto& [text, says] : cases) {
    const auto result = split_array(text, {});
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Errc::kInvalid) << text;
    EXPECT_NE(result.error().detail.find(says), std::string::npos) << text << ": " << result.error().detail;
  }
}

std::string array_of(std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "{}" : ",{}";
  return text + "]";
}

TEST(SplitArray, TakesAsManyAsTheLimitAndNotOneMore) {
  const auto most = split_array(array_of(1000), {});
  ASSERT_TRUE(most);
  EXPECT_EQ(most->size(), 1000U);
  const auto more = split_array(array_of(1001), {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::kTooLarge);
  EXPECT_NE(more.error().detail.find("more than 1000 events"), std::string::npos);
}

TEST(SplitArray, WalksDeepNestingWithoutStack) {
  const std::string deep = "[" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "]";
  const auto result = split_array(deep, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->size(), 1U);
}

// A random JSON value whose strings are full of what could mislead a cutter.
json::value random_value(std::mt19937& random, int depth) {
  static constexpr std::string_view kPieces[] = {"[",  "]", "{", "}", ",",  ":",    "\"",
                                                 "\\", " ", "a", "ü", "\n", "\\\"", "🪣"};
  const auto text = [&] {
    json::string out;
    for (auto left = random() % 6; left > 0; --left) {
      const auto piece = kPieces[random() % std::size(kPieces)];
      out.append(piece.data(), piece.data() + piece.size());
    }
    return out;
  };
  switch (random() % (depth > 0 ? 6 : 4)) {
    case 0:
      return static_cast<std::int64_t>(random()) - 2'000'000'000;
    case 1:
      return random() % 2 == 0 ? json::value(nullptr) : json::value(random() % 2 == 0);
    case 2:
    case 3:
      return text();
    case 4: {
      json::array array;
      for (auto left = random() % 5; left > 0; --left) array.push_back(random_value(random, depth - 1));
      return array;
    }
    default: {
      json::object object;
      for (auto left = random() % 5; left > 0; --left) object[text()] = random_value(random, depth - 1);
      return object;
    }
  }
}

TEST(SplitArray, FindsTheElementsAParserFinds) {
  constexpr unsigned kSeed = 20261123;
  RecordProperty("seed", kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    json::array array;
    for (auto left = random() % 8; left > 0; --left) array.push_back(random_value(random, 4));
    const std::string text = json::serialize(array);
    const auto parts = split_array(text, {});
    ASSERT_TRUE(parts) << "seed " << kSeed << ", round " << round << ": " << text;
    json::array joined;
    for (const auto part : *parts) joined.push_back(json::parse(part));
    ASSERT_EQ(joined, array) << "seed " << kSeed << ", round " << round << ": " << text;
  }
}

TEST(SplitArray, TakesNoTextForAnArrayThatAParserRefusesAsOne) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  constexpr std::string_view kAlphabet = "[]{},:\"\\ 1a";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "[";
    for (auto left = random() % 12; left > 0; --left) text += kAlphabet[random() % kAlphabet.size()];
    boost::system::error_code error;
    const auto document = json::parse(text, error);
    const auto parts = split_array(text, {});
    if (!error) {
      ASSERT_TRUE(parts) << "seed " << kSeed << ": " << text;
      ASSERT_EQ(parts->size(), document.get_array().size()) << text;
    } else if (parts) {
      bool one_is_broken = false;
      for (const auto part : *parts) {
        boost::system::error_code part_error;
        json::parse(part, part_error);
        one_is_broken = one_is_broken || part_error.failed();
      }
      ASSERT_TRUE(one_is_broken) << "seed " << kSeed << ": " << text;
    }
  }
}

TEST(SplitLines, TakesEveryLineThatIsNotBlank) {
  const std::pair<std::string, Parts> cases[] = {
      {"", {}},
      {"\n\n \r\n\t\n", {}},
      {"{}", {"{}"}},
      {"{}\n", {"{}"}},
      {"{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"}},
      {"{\"a\":1}\r\n\r\n{\"b\":2}", {"{\"a\":1}", "{\"b\":2}"}},
      {"  {\"a\":1}  \n", {"{\"a\":1}"}},
      {"garbage\n[1,2]\n\"\\n\"", {"garbage", "[1,2]", "\"\\n\""}},
      {"a\rb", {"a\rb"}},
      {"a\0b\nc"s, {"a\0b"s, "c"}},
  };
  for (const auto& [text, parts] : cases) EXPECT_EQ(taken(split_lines(text, {})), parts) << text;
}

TEST(SplitLines, TakesAsManyAsTheLimitAndNotOneMore) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{}\n\n";
  const auto most = split_lines(text, {});
  ASSERT_TRUE(most);
  EXPECT_EQ(most->size(), 1000U);
  const auto more = split_lines(text + "{}", {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::kTooLarge);
}

}  // namespace
}  // namespace tocsin::ingest
