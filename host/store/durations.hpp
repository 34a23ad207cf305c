// How long many things took, as counts of classes that are 10 % wide each: 1 ms to a month.
// What it does not do: know any of them exactly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tocsin::store {

class Durations {
 public:
  void add(std::int64_t ms);
  void add(const Durations& others);
  [[nodiscard]] std::uint64_t total() const { return total_; }
  // Milliseconds that `percent` of them did not exceed, at most 10 % too many; 0 where there are none.
  [[nodiscard]] std::int64_t percentile(std::size_t percent) const;

 private:
  static constexpr double kStep = 1.1;
  std::array<std::uint32_t, 230> counts_{};  // the k-th: below 1.1 to the power of k
  std::uint64_t total_ = 0;
};

}  // namespace tocsin::store
