// When a channel's digest window ends: windows lie on the clock (every quarter of an hour, each day at eight
// in a place), so the same moment belongs to the same window before and after a restart. Pure arithmetic; the
// time zones are read from the system's files when a daily window is made, and never after.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace date {
class time_zone;
}

namespace tocsin::routing {

class DigestWindow {
 public:
  static constexpr std::int64_t kShortestMs = 1000;
  static constexpr std::int64_t kLongestMs = 24LL * 3600 * 1000;

  // Windows of this length, counted from each midnight UTC: 15 minutes end at :00, :15, :30 and :45. A last
  // one that does not fit into the day is shorter.
  static DigestWindow every(std::int64_t length_ms);
  // One a day, at this minute of the day in this zone ("Europe/Berlin"). On a day that skips that time, at
  // the first moment after the gap; on a day that has it twice, at the first. kInvalid: no such zone.
  static Result<DigestWindow> daily(int minute_of_day, const std::string& zone);
  [[nodiscard]] static std::vector<std::string> zone_names();

  // The first end after `at_ms`: that of the window `at_ms` lies in.
  [[nodiscard]] std::int64_t end_after(std::int64_t at_ms) const;

  // Of a daily window: which day it is there; 0 is Sunday.
  [[nodiscard]] int weekday(std::int64_t at_ms) const;

 private:
  DigestWindow() = default;

  std::int64_t length_ms_ = 0;             // 0: daily
  const date::time_zone* zone_ = nullptr;  // of the library's own table, which is never unloaded
  int minute_of_day_ = 0;
};

}  // namespace tocsin::routing
