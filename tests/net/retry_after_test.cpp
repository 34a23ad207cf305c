#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "corpus.hpp"
#include "net/exchange.hpp"

namespace tocsin::net {
namespace {

constexpr std::int64_t kNowMs = 1'795'420'800'000;  // 2026-11-23T08:00:00Z

std::int64_t parse(const std::string& value, std::int64_t now_ms = kNowMs) {
  return parse_retry_after_ms({{"retry-after", value}}, now_ms);
}

TEST(RetryAfter, ReadsEveryCaseOfTheTable) {
  const auto corpus = tocsin::tests::load_corpus("retry_after.json");
  for (const auto& row : corpus.at("cases").as_array()) {
    ASSERT_EQ(row.at("now"), "2026-11-23T08:00:00Z");
    const auto& seconds = row.at("seconds");
    const std::int64_t expected = seconds.is_null() ? -1 : seconds.as_int64() * 1000;
    EXPECT_EQ(parse(std::string(row.at("value").as_string())), expected) << row;
  }
}

TEST(RetryAfter, TakesTheThreeDateFormsOnly) {
  EXPECT_EQ(parse("Mon Nov 23 08:02:00 2026"), 120'000);
  EXPECT_EQ(parse("Tue Dec  1 08:00:00 2026"), 8LL * 24 * 3600 * 1000);
  EXPECT_EQ(parse("Tue Dec 01 08:00:00 2026"), 8LL * 24 * 3600 * 1000);
  for (const char* value : {"Mon, 23 Nov 2026 08:01:00",
                            "Mon, 23 Nov 2026 8:01:00 GMT",
                            "Mon, 23 nov 2026 08:01:00 GMT",
                            "mon, 23 Nov 2026 08:01:00 GMT",
                            "Mon, 31 Feb 2026 08:01:00 GMT",
                            "Mon, 23 Nov 2026 24:01:00 GMT",
                            "Mon, 23 Nov 2026 08:60:00 GMT",
                            "Mon, 23 Nov 2026 08:01:61 GMT",
                            "Mon, 23 Nov 2026 08:01:00 GMT x",
                            "Mon, 23 Nov 26 08:01:00 GMT",
                            "Mon, 23-Nov-2026 08:01:00 GMT",
                            "Monday, 23-Nov-2026 08:01:00 GMT",
                            "2026-11-23T08:01:00Z",
                            "Mon Nov 23 08:02:00 2026 GMT",
                            "1795420860 GMT",
                            "0x10",
                            "",
                            " ",
                            "30s",
                            "+30",
                            "30,60",
                            "\xd9\xa3"}) {
    EXPECT_EQ(parse(value), -1) << value;
  }
}

TEST(RetryAfter, ReadsATwoDigitYearAsAtMostFiftyYearsAhead) {
  EXPECT_GT(parse("Monday, 23-Nov-76 08:00:00 GMT"), 0);
  EXPECT_EQ(parse("Monday, 23-Nov-77 08:00:00 GMT"), 0);
}

TEST(RetryAfter, CountsADateFromNowToTheMillisecond) {
  EXPECT_EQ(parse("Mon, 23 Nov 2026 08:01:00 GMT", kNowMs + 250), 59'750);
}

TEST(RetryAfter, DoesNotOverflow) {
  EXPECT_GT(parse("99999999999999999999999999999"), 1'000'000'000'000'000);
  EXPECT_GT(parse("9223372036854775807"), 1'000'000'000'000'000);
}

TEST(RetryAfter, TakesTheLargestValidOfSeveralFields) {
  EXPECT_EQ(
      parse_retry_after_ms({{"Retry-After", "5"}, {"retry-after", "garbage"}, {"RETRY-AFTER", "9"}}, kNowMs),
      9'000);
  EXPECT_EQ(parse_retry_after_ms({{"x-retry-after", "5"}}, kNowMs), -1);
  EXPECT_EQ(parse_retry_after_ms({}, kNowMs), -1);
}

}  // namespace
}  // namespace tocsin::net
