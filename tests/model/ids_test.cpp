// Identifiers: written and read, growing with time, never handed out twice.
#include "model/ids.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tocsin {
namespace {

TEST(Ids, AreWrittenAsThirteenCrockfordDigits) {
  EXPECT_EQ(format_event_id(0), "evt_0000000000000");
  EXPECT_EQ(format_event_id(31), "evt_000000000000Z");
  EXPECT_EQ(format_delivery_id(32), "dlv_0000000000010");
  EXPECT_EQ(format_event_id(std::numeric_limits<std::int64_t>::max()), "evt_7ZZZZZZZZZZZZ");
}

TEST(Ids, AreReadBack) {
  std::mt19937_64 engine(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto id = static_cast<std::int64_t>(engine() >> 1);
    EXPECT_EQ(parse_event_id(format_event_id(id)), id);
    EXPECT_EQ(parse_delivery_id(format_delivery_id(id)), id);
  }
}

TEST(Ids, SortAsTextLikeAsNumbers) {
  EXPECT_LT(format_event_id(1'795'420'800'000LL << 20), format_event_id(1'795'420'800'001LL << 20));
}

TEST(Ids, RefuseEveryOtherText) {
  for (const auto* text : {"", "evt_", "evt_000000000000", "evt_00000000000000", "dlv_0000000000000",
                           "evt_000000000000I", "evt_000000000000o", "evt_000000000000-", "EVT_0000000000000",
                           "evt_8000000000000", "evt_ZZZZZZZZZZZZZ"}) {
    EXPECT_FALSE(parse_event_id(text)) << text;
  }
  EXPECT_FALSE(parse_delivery_id("evt_0000000000000"));
}

TEST(IdSource, GrowsWithTheClock) {
  IdSource source(0);
  const auto first = source.reserve(1000, 3);
  EXPECT_EQ(first, 1000LL << 20);
  EXPECT_EQ(source.reserve(1000, 1), first + 3) << "the range was taken whole";
  EXPECT_EQ(source.reserve(1001, 1), 1001LL << 20);
}

TEST(IdSource, NeverGoesBackWhenTheClockDoes) {
  IdSource source(5000LL << 20);
  const auto first = source.reserve(1000, 2);
  EXPECT_EQ(first, (5000LL << 20) + 1) << "not below what the store already holds";
  EXPECT_EQ(source.reserve(0, 1), first + 2);
}

}  // namespace
}  // namespace tocsin
