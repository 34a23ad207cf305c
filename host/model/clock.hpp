// Time as a collaborator, so that no test sleeps. Due times and records use unix_ms; durations and timers use
// steady_us, which never steps back. Nothing else in the house reads a clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

class Clock {
 public:
  virtual ~Clock() = default;
  // [any] Milliseconds since 1970-01-01 UTC.
  [[nodiscard]] virtual std::int64_t unix_ms() const = 0;
  // [any] Microseconds since some fixed point; monotonic.
  [[nodiscard]] virtual std::int64_t steady_us() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t unix_ms() const override;
  [[nodiscard]] std::int64_t steady_us() const override;
};

// Moves only when told. For tests and for replaying decisions.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t unix_ms = 1'795'420'800'000) : unix_ms_(unix_ms) {}
  [[nodiscard]] std::int64_t unix_ms() const override { return unix_ms_.load(); }
  [[nodiscard]] std::int64_t steady_us() const override { return steady_us_.load(); }
  void advance_ms(std::int64_t ms) {
    unix_ms_ += ms;
    steady_us_ += ms * 1000;
  }

 private:
  std::atomic<std::int64_t> unix_ms_;
  std::atomic<std::int64_t> steady_us_{0};
};

// "2026-11-23T08:00:00.000Z".
[[nodiscard]] std::string format_rfc3339(std::int64_t unix_ms);
// RFC 3339 date-time with any offset and up to 9 fraction digits (cut to ms). False: not one, or before 1970
// or after 9999; `unix_ms` is then untouched.
[[nodiscard]] bool parse_rfc3339(std::string_view text, std::int64_t& unix_ms);

}  // namespace tocsin
