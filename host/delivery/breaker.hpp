// Stops sending to a target that only fails: opens after five transient failures in a row, lets one probe
// through after 30 s and then at doubling intervals up to ten minutes, closes on the first sign of life. Pure
// on the times it is given (milliseconds of any steady clock); it neither queues nor sends.
#pragma once

#include <cstdint>

namespace tocsin::delivery {

class Breaker {
 public:
  static constexpr std::uint32_t kFailuresToOpen = 5;
  static constexpr std::int64_t kFirstWaitMs = 30'000;
  static constexpr std::int64_t kLongestWaitMs = 600'000;

  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  [[nodiscard]] State state(std::int64_t now_ms) const;
  // Closed, or half-open with no probe under way.
  [[nodiscard]] bool allows(std::int64_t now_ms) const;
  // An attempt starts (allows() was true). True: it is the probe, and its end must be told as such.
  [[nodiscard]] bool begin(std::int64_t now_ms);

  void succeeded();
  void failed(std::int64_t now_ms, bool probe);
  void abandoned(bool probe);  // ended without telling anything of the target

  // When it half-opens; only while not closed.
  [[nodiscard]] std::int64_t probe_at_ms() const { return probe_at_ms_; }

 private:
  bool open_ = false;
  bool probing_ = false;
  std::uint32_t failures_ = 0;
  std::int64_t wait_ms_ = kFirstWaitMs;
  std::int64_t probe_at_ms_ = 0;
};

}  // namespace tocsin::delivery
