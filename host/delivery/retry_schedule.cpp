// See retry_schedule.hpp.
#include "delivery/retry_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin::delivery {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

}  // namespace

std::optional<std::int64_t> RetrySchedule::wait_after(std::uint32_t tries, double uniform) const {
  if (tries == 0) return 0;
  if (tries > waits_ms.size()) return std::nullopt;
  const double factor = 0.8 + 0.4 * std::clamp(uniform, 0.0, 1.0);
  return std::llround(static_cast<double>(waits_ms[tries - 1]) * factor);
}

RetrySchedule RetrySchedule::standard() {
  return {{5 * kSecond, 5 * kMinute, 30 * kMinute, 2 * kHour, 5 * kHour, 10 * kHour, 10 * kHour}};
}

RetrySchedule RetrySchedule::chat() {
  return {{2 * kSecond, 10 * kSecond, kMinute, 5 * kMinute, 15 * kMinute, kHour}};
}

RetrySchedule RetrySchedule::mail() {
  return {{kMinute, 5 * kMinute, 15 * kMinute, kHour, 4 * kHour, 12 * kHour, 24 * kHour}};
}

}  // namespace tocsin::delivery
