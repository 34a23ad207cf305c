// When windows end, in many places and on the odd days of the year: clocks put forward and back, a day that
// is missing, a year's end, an offset of three quarters of an hour.
#include "routing/digest_window.hpp"

#include <gtest/gtest.h>

#include "model/clock.hpp"

namespace tocsin::routing {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

std::int64_t ms(const char* text) {
  std::int64_t time = 0;
  EXPECT_TRUE(parse_rfc3339(text, time)) << text;
  return time;
}

TEST(DigestWindow, EndsOnTheClock) {
  const struct {
    const char* what;
    std::int64_t length;
    const char* at;
    const char* end;
  } kCases[] = {
      {"a quarter of an hour", 15 * kMinute, "2026-11-27T09:00:01Z", "2026-11-27T09:15:00Z"},
      {"the last moment of it", 15 * kMinute, "2026-11-27T09:14:59.999Z", "2026-11-27T09:15:00Z"},
      {"its end is the next one's first moment", 15 * kMinute, "2026-11-27T09:15:00Z",
       "2026-11-27T09:30:00Z"},
      {"an hour", kHour, "2026-11-27T09:59:59.999Z", "2026-11-27T10:00:00Z"},
      {"an hour at the year's end", kHour, "2026-12-31T23:30:00Z", "2027-01-01T00:00:00Z"},
      {"a length that does not divide the day is cut at midnight", 7 * kHour, "2026-11-27T21:00:00Z",
       "2026-11-28T00:00:00Z"},
      {"and starts anew there", 7 * kHour, "2026-11-28T00:00:00Z", "2026-11-28T07:00:00Z"},
      {"a day", 24 * kHour, "2026-02-28T12:00:00Z", "2026-03-01T00:00:00Z"},
      {"a minute", kMinute, "2028-02-29T23:59:30Z", "2028-03-01T00:00:00Z"},
      {"a second", kSecond, "2026-11-27T09:00:00.001Z", "2026-11-27T09:00:01Z"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(format_rfc3339(DigestWindow::every(c.length).end_after(ms(c.at))), format_rfc3339(ms(c.end)))
        << c.what;
  }
}

TEST(DigestWindow, EndsOnceADayAtATimeInAPlace) {
  const struct {
    const char* what;
    int minute;
    const char* zone;
    const char* at;
    const char* end;
  } kCases[] = {
      {"winter in Berlin", 8 * 60, "Europe/Berlin", "2026-11-27T06:59:59.999Z", "2026-11-27T07:00:00Z"},
      {"its end is the next one's first moment", 8 * 60, "Europe/Berlin", "2026-11-27T07:00:00Z",
       "2026-11-28T07:00:00Z"},
      {"summer in Berlin", 8 * 60, "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T06:00:00Z"},
      {"over the change to summer time a day has 23 hours", 8 * 60, "Europe/Berlin", "2026-03-28T07:00:00Z",
       "2026-03-29T06:00:00Z"},
      {"over the change back it has 25", 8 * 60, "Europe/Berlin", "2026-10-24T06:00:00Z",
       "2026-10-25T07:00:00Z"},
      {"a time that is skipped: the first moment after the gap", 2 * 60 + 30, "Europe/Berlin",
       "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
      {"the gap's own first minute", 2 * 60, "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
      {"and the day after it is itself again", 2 * 60 + 30, "Europe/Berlin", "2026-03-29T01:00:00Z",
       "2026-03-30T00:30:00Z"},
      {"a time that comes twice: the first", 2 * 60 + 30, "Europe/Berlin", "2026-10-24T12:00:00Z",
       "2026-10-25T00:30:00Z"},
      {"and not again an hour later", 2 * 60 + 30, "Europe/Berlin", "2026-10-25T00:30:00Z",
       "2026-10-26T01:30:00Z"},
      {"New York at the year's end", 23 * 60 + 59, "America/New_York", "2027-01-01T04:00:00Z",
       "2027-01-01T04:59:00Z"},
      {"New York, skipped", 2 * 60 + 30, "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z"},
      {"New York, twice", 1 * 60 + 30, "America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T05:30:00Z"},
      {"Nepal is ahead by five hours and three quarters", 8 * 60, "Asia/Kathmandu", "2026-11-27T00:00:00Z",
       "2026-11-27T02:15:00Z"},
      {"Nepal, midnight", 0, "Asia/Kathmandu", "2026-12-31T18:00:00Z", "2026-12-31T18:15:00Z"},
      {"summer in Sydney is in December", 8 * 60, "Australia/Sydney", "2026-12-24T20:00:00Z",
       "2026-12-24T21:00:00Z"},
      {"winter in Sydney is in July", 8 * 60, "Australia/Sydney", "2026-07-01T20:00:00Z",
       "2026-07-01T22:00:00Z"},
      {"Sydney, skipped", 2 * 60 + 30, "Australia/Sydney", "2026-10-03T12:00:00Z", "2026-10-03T16:00:00Z"},
      {"Sydney, twice", 2 * 60 + 30, "Australia/Sydney", "2026-04-04T12:00:00Z", "2026-04-04T15:30:00Z"},
      {"Lord Howe moves its clocks by half an hour", 2 * 60 + 15, "Australia/Lord_Howe",
       "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z"},
      {"Samoa left a whole day out", 8 * 60, "Pacific/Apia", "2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z"},
      {"and had breakfast that same day", 8 * 60, "Pacific/Apia", "2011-12-30T10:00:00Z",
       "2011-12-30T18:00:00Z"},
      {"Kiribati is a day ahead of its neighbours", 0, "Pacific/Kiritimati", "2026-11-27T09:59:00Z",
       "2026-11-27T10:00:00Z"},
      {"a leap day", 12 * 60, "UTC", "2028-02-28T12:00:00Z", "2028-02-29T12:00:00Z"},
      {"UTC at midnight", 0, "Etc/UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
  };
  for (const auto& c : kCases) {
    const auto window = DigestWindow::daily(c.minute, c.zone);
    ASSERT_TRUE(window) << c.what << ": " << window.error().detail;
    EXPECT_EQ(format_rfc3339(window->end_after(ms(c.at))), format_rfc3339(ms(c.end))) << c.what;
  }
}

// Walks three years of hours and checks what makes windows windows.
TEST(DigestWindow, GivesEveryMomentOneWindow) {
  std::vector<DigestWindow> windows = {DigestWindow::every(7 * kMinute), DigestWindow::every(kHour)};
  for (const char* zone : {"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
    for (const int minute : {0, 2 * 60 + 15, 23 * 60 + 59}) {
      windows.push_back(DigestWindow::daily(minute, zone).value());
    }
  }
  for (const auto& window : windows) {
    std::int64_t end = window.end_after(ms("2026-01-01T00:00:00Z"));
    for (std::int64_t at = ms("2026-01-01T00:00:00Z"); at < ms("2029-01-01T00:00:00Z"); at += 37 * kMinute) {
      const std::int64_t found = window.end_after(at);
      ASSERT_GT(found, at);
      ASSERT_LE(found - at, 26 * kHour);
      ASSERT_GE(found, end) << "an end never moves back";
      ASSERT_TRUE(at >= end || found == end) << format_rfc3339(at) << ": all of a window ends together";
      end = found;
    }
  }
}

TEST(DigestWindow, KnowsItsZones) {
  EXPECT_FALSE(DigestWindow::daily(0, "Europe/Berln"));
  EXPECT_FALSE(DigestWindow::daily(0, ""));
  EXPECT_FALSE(DigestWindow::daily(0, "../../etc/passwd"));
  EXPECT_FALSE(DigestWindow::daily(0, "Europe"));
  const auto names = DigestWindow::zone_names();
  EXPECT_NE(std::find(names.begin(), names.end(), "Europe/Berlin"), names.end());
}

}  // namespace
}  // namespace tocsin::routing
