// See quiet_hours.hpp.
#include "routing/quiet_hours.hpp"

#include <algorithm>

namespace tocsin::routing {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

Result<QuietHours> QuietHours::create(int from_minute, int to_minute, const std::string& zone,
                                      std::vector<int> days, std::vector<Severity> bypass) {
  if (from_minute == to_minute) {
    return make_error(Errc::kInvalid, "begins and ends at the same time: pause the channel instead");
  }
  const auto from = DigestWindow::daily(from_minute, zone);
  if (!from) return from.error();
  const auto to = DigestWindow::daily(to_minute, zone);
  if (!to) return to.error();
  QuietHours hours(*from, *to);
  hours.days_ = std::move(days);
  hours.bypass_ = std::move(bypass);
  return hours;
}

std::int64_t QuietHours::hold_until(std::int64_t at_ms, Severity severity) const {
  if (std::ranges::find(bypass_, severity) != bypass_.end()) return 0;
  const std::int64_t end = to_.end_after(at_ms);
  if (from_.end_after(at_ms) < end) return 0;  // they begin again before they end: it is not now
  if (days_.empty()) return end;
  // The last beginning up to now. A day has 23 to 25 hours, so it lies in the 26 before the end.
  std::int64_t begin = from_.end_after(end - 26 * kHourMs);
  for (std::int64_t next = from_.end_after(begin); next <= at_ms; next = from_.end_after(begin)) begin = next;
  return std::ranges::find(days_, from_.weekday(begin)) != days_.end() ? end : 0;
}

}  // namespace tocsin::routing
