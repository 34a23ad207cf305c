// Hours in which a channel keeps quiet: what comes then waits for their end, but for the severities that may
// disturb. Pure arithmetic over the windows of digest_window.hpp, which know the time zones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "routing/digest_window.hpp"

namespace tocsin::routing {

class QuietHours {
 public:
  // From one minute of the day to another, over midnight where it is the smaller; on the days on which they
  // begin (0: Sunday; none: every day). kInvalid: no such zone, or no time between the two.
  static Result<QuietHours> create(int from_minute, int to_minute, const std::string& zone,
                                   std::vector<int> days, std::vector<Severity> bypass);
  // When they end, where `at_ms` lies in them and the severity does not pass; 0: they do not hold it.
  [[nodiscard]] std::int64_t hold_until(std::int64_t at_ms, Severity severity) const;

 private:
  QuietHours(DigestWindow from, DigestWindow to) : from_(from), to_(to) {}

  DigestWindow from_, to_;  // their ends are the hours' beginnings and ends
  std::vector<int> days_;
  std::vector<Severity> bypass_;
};

}  // namespace tocsin::routing
