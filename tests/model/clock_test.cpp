// Written time: RFC 3339 both ways, and a clock that moves only when told.
#include "model/clock.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tocsin {
namespace {

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(1'795'420'800'000), "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(format_rfc3339(951'782'400'001), "2000-02-29T00:00:00.001Z");
}

TEST(Rfc3339, IsReadWithAnyOffsetAndFraction) {
  struct Case {
    const char* text;
    std::int64_t ms;
  };
  const Case cases[] = {{"1970-01-01T00:00:00Z", 0},
                        {"2026-11-23T08:00:00Z", 1'795'420'800'000},
                        {"2026-11-23t08:00:00z", 1'795'420'800'000},
                        {"2026-11-23T09:30:00+01:30", 1'795'420'800'000},
                        {"2026-11-22T20:00:00-12:00", 1'795'420'800'000},
                        {"2026-11-23T08:00:00.1Z", 1'795'420'800'100},
                        {"2026-11-23T08:00:00.123456789Z", 1'795'420'800'123},
                        {"2024-02-29T23:59:60Z", 1'709'251'200'000},
                        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999}};
  for (const auto& c : cases) {
    std::int64_t ms = -1;
    EXPECT_TRUE(parse_rfc3339(c.text, ms)) << c.text;
    EXPECT_EQ(ms, c.ms) << c.text;
  }
}

TEST(Rfc3339, RefusesWhatIsNoDateTimeAndLeavesTheValueAlone) {
  for (const auto* text : {"",
                           "2026-11-23",
                           "2026-11-23T08:00:00",
                           "2026-11-23 08:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T08:60:00Z",
                           "2026-11-23T08:00:61Z",
                           "2026-11-23T08:00:00.Z",
                           "2026-11-23T08:00:00.1234567890Z",
                           "2026-11-23T08:00:00+1:00",
                           "2026-11-23T08:00:00+24:00",
                           "2026-11-23T08:00:00+0100",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+00:01",
                           "2O26-11-23T08:00:00Z",
                           "2026-11-23T08:00:00ZZ"}) {
    std::int64_t ms = 42;
    EXPECT_FALSE(parse_rfc3339(text, ms)) << text;
    EXPECT_EQ(ms, 42) << text;
  }
}

TEST(Rfc3339, ReadsBackEveryTimeItWrites) {
  std::mt19937_64 engine(11);
  std::uniform_int_distribution<std::int64_t> time(0, 253'402'300'799'999);
  for (int i = 0; i < 20'000; ++i) {
    const auto written = time(engine);
    std::int64_t read = -1;
    ASSERT_TRUE(parse_rfc3339(format_rfc3339(written), read)) << written;
    ASSERT_EQ(read, written);
  }
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(1000);
  EXPECT_EQ(clock.unix_ms(), 1000);
  EXPECT_EQ(clock.steady_us(), 0);
  clock.advance_ms(5);
  EXPECT_EQ(clock.unix_ms(), 1005);
  EXPECT_EQ(clock.steady_us(), 5000);
}

TEST(SystemClock, NeverStepsBackInSteadyTime) {
  const SystemClock clock;
  const auto before = clock.steady_us();
  EXPECT_GE(clock.steady_us(), before);
  EXPECT_GT(clock.unix_ms(), 1'700'000'000'000);
}

}  // namespace
}  // namespace tocsin
