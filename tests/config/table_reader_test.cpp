// Durations, written and read.
#include "config/table_reader.hpp"

#include <gtest/gtest.h>

namespace tocsin::config {
namespace {

TEST(Duration, IsIntegersWithUnitsFromLargeToSmall) {
  struct Case {
    const char* text;
    std::int64_t ms;
  };
  const Case cases[] = {{"0s", 0},
                        {"500ms", 500},
                        {"90s", 90'000},
                        {"5m", 300'000},
                        {"1h30m", 5'400'000},
                        {"30d", 2'592'000'000},
                        {"1d2h3m4s5ms", 93'784'005},
                        {"1m1ms", 60'001}};
  for (const auto& c : cases) {
    std::int64_t ms = -1;
    EXPECT_TRUE(parse_duration(c.text, ms)) << c.text;
    EXPECT_EQ(ms, c.ms) << c.text;
  }
}

TEST(Duration, RefusesEverythingElseAndLeavesTheValueAlone) {
  for (const auto* text : {"", "5", "s", "5 s", "-5s", "+5s", "1.5h", "5S", "5min", "1m1h", "1s1s", "30m1",
                           "5s ", " 5s", "99999999999999999999s", "9223372036854775807d", "36526d", "1w"}) {
    std::int64_t ms = 42;
    EXPECT_FALSE(parse_duration(text, ms)) << text;
    EXPECT_EQ(ms, 42) << text;
  }
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const std::int64_t ms : {0LL, 1LL, 100LL, 60'000LL, 5'400'000LL, 93'784'005LL, 315'360'000'000LL}) {
    std::int64_t read = -1;
    EXPECT_TRUE(parse_duration(format_duration(ms), read)) << format_duration(ms);
    EXPECT_EQ(read, ms);
  }
  EXPECT_EQ(format_duration(5'400'000), "1h30m");
}

TEST(Suggestion, NamesTheNearestOrTheFewThereAre) {
  EXPECT_EQ(suggestion("chanels", {"rules", "channels"}), "; did you mean \"channels\"?");
  EXPECT_EQ(suggestion("zzz", {"json", "text"}), "; there is json, text");
  EXPECT_EQ(suggestion("zzz", {}), "");
}

TEST(Quote, KeepsLongAndHostileTextsOutOfTheTerminal) {
  EXPECT_EQ(quote("a\x1b[31m\n"), "\"a?[31m?\"");
  EXPECT_LT(quote(std::string(5000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace tocsin::config
