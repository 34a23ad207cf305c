// Quiet hours over midnight, on some days, over the change of clocks, and what passes them.
#include "routing/quiet_hours.hpp"

#include <gtest/gtest.h>

#include "model/clock.hpp"

namespace tocsin::routing {
namespace {

std::int64_t at(const std::string& time) {
  std::int64_t ms = 0;
  EXPECT_TRUE(parse_rfc3339(time, ms)) << time;
  return ms;
}

QuietHours hours(int from, int to, const std::string& zone = "UTC", std::vector<int> days = {}) {
  auto made = QuietHours::create(from, to, zone, std::move(days), {Severity::kCritical});
  EXPECT_TRUE(made);
  return *made;
}

std::string until(const QuietHours& quiet, const std::string& time, Severity severity = Severity::kHigh) {
  const auto end = quiet.hold_until(at(time), severity);
  return end == 0 ? "" : format_rfc3339(end);
}

constexpr int kTen = 22 * 60, kSeven = 7 * 60;

TEST(QuietHours, HoldOverMidnight) {
  const auto night = hours(kTen, kSeven);
  EXPECT_EQ(until(night, "2026-11-23T21:59:59Z"), "");
  EXPECT_EQ(until(night, "2026-11-23T22:00:00Z"), "2026-11-24T07:00:00.000Z");
  EXPECT_EQ(until(night, "2026-11-24T03:00:00Z"), "2026-11-24T07:00:00.000Z");
  EXPECT_EQ(until(night, "2026-11-24T06:59:59Z"), "2026-11-24T07:00:00.000Z");
  EXPECT_EQ(until(night, "2026-11-24T07:00:00Z"), "");
}

TEST(QuietHours, HoldWithinADay) {
  const auto lunch = hours(12 * 60, 13 * 60 + 30);
  EXPECT_EQ(until(lunch, "2026-11-23T11:59:00Z"), "");
  EXPECT_EQ(until(lunch, "2026-11-23T12:00:00Z"), "2026-11-23T13:30:00.000Z");
  EXPECT_EQ(until(lunch, "2026-11-23T13:30:00Z"), "");
}

TEST(QuietHours, LetThroughWhatMayDisturb) {
  EXPECT_EQ(until(hours(kTen, kSeven), "2026-11-24T03:00:00Z", Severity::kCritical), "");
}

TEST(QuietHours, GoByTheClocksOfThePlace) {
  const auto night = hours(kTen, kSeven, "America/New_York");
  EXPECT_EQ(until(night, "2026-11-24T02:59:00Z"), "");
  EXPECT_EQ(until(night, "2026-11-24T03:00:00Z"), "2026-11-24T12:00:00.000Z");
  // The night in which the clocks go forward is an hour shorter.
  EXPECT_EQ(until(hours(kTen, kSeven, "Europe/Berlin"), "2026-03-28T22:00:00Z"), "2026-03-29T05:00:00.000Z");
}

TEST(QuietHours, GoByTheDayOnWhichTheyBegin) {
  const auto weekend = hours(kTen, kSeven, "UTC", {5, 6});  // Friday and Saturday night
  EXPECT_EQ(until(weekend, "2026-11-26T23:00:00Z"), "");    // a Thursday
  EXPECT_EQ(until(weekend, "2026-11-27T23:00:00Z"), "2026-11-28T07:00:00.000Z");
  EXPECT_EQ(until(weekend, "2026-11-29T06:00:00Z"), "2026-11-29T07:00:00.000Z") << "Saturday's night";
  EXPECT_EQ(until(weekend, "2026-11-29T23:00:00Z"), "");
  // Nearly the whole day: the beginning is the last one, not the one before.
  const auto sunday = hours(0, 23 * 60 + 59, "UTC", {0});
  EXPECT_EQ(until(sunday, "2026-11-29T12:00:00Z"), "2026-11-29T23:59:00.000Z");
  EXPECT_EQ(until(sunday, "2026-11-30T12:00:00Z"), "");
}

TEST(QuietHours, HaveAZoneAndALength) {
  EXPECT_FALSE(QuietHours::create(60, 60, "UTC", {}, {}));
  EXPECT_FALSE(QuietHours::create(60, 120, "Europe/Nowhere", {}, {}));
}

}  // namespace
}  // namespace tocsin::routing
