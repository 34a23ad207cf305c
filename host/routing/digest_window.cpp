// See digest_window.hpp.
#include "routing/digest_window.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <stdexcept>

namespace tocsin::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using SysMs = date::sys_time<milliseconds>;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

// The moment that a place's clocks show this time for the first time, or would have.
std::int64_t moment_of(const date::time_zone& zone, date::local_seconds time) {
  const date::local_info there = zone.get_info(time);
  if (there.result == date::local_info::nonexistent) {
    return SysMs(there.second.begin).time_since_epoch().count();
  }
  return milliseconds(time.time_since_epoch() - there.first.offset).count();
}

}  // namespace

DigestWindow DigestWindow::every(std::int64_t length_ms) {
  TOCSIN_EXPECT(length_ms >= kShortestMs && length_ms <= kLongestMs);
  DigestWindow window;
  window.length_ms_ = length_ms;
  return window;
}

Result<DigestWindow> DigestWindow::daily(int minute_of_day, const std::string& zone) {
  TOCSIN_EXPECT(minute_of_day >= 0 && minute_of_day < 24 * 60);
  DigestWindow window;
  window.minute_of_day_ = minute_of_day;
  try {
    window.zone_ = date::locate_zone(zone);
    static_cast<void>(window.end_after(0));  // the library reads a zone's file when it is first asked
  } catch (const std::runtime_error&) {
    return make_error(Errc::kInvalid, "there is no time zone \"" + zone + "\"");
  }
  return window;
}

std::vector<std::string> DigestWindow::zone_names() {
  std::vector<std::string> names;
  try {
    for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
  } catch (const std::runtime_error&) {  // this system has no time zones
  }
  return names;
}

int DigestWindow::weekday(std::int64_t at_ms) const {
  TOCSIN_EXPECT(zone_ != nullptr);
  const auto day = date::floor<date::days>(zone_->to_local(SysMs(milliseconds(at_ms))));
  return static_cast<int>(date::weekday(day).c_encoding());
}

std::int64_t DigestWindow::end_after(std::int64_t at_ms) const {
  if (length_ms_ > 0) {
    const std::int64_t midnight = at_ms - at_ms % kDayMs;
    const std::int64_t end = midnight + ((at_ms - midnight) / length_ms_ + 1) * length_ms_;
    return end < midnight + kDayMs ? end : midnight + kDayMs;
  }
  const SysMs at{milliseconds(at_ms)};
  // Yesterday's end may be still to come where the day changes in between: a gap moves it past midnight.
  auto day = date::floor<date::days>(zone_->to_local(at)) - date::days(1);
  for (;; day += date::days(1)) {
    const std::int64_t end = moment_of(*zone_, day + minutes(minute_of_day_));
    if (end > at_ms) return end;
  }
}

}  // namespace tocsin::routing
