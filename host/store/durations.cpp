// See durations.hpp.
#include "store/durations.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin::store {

void Durations::add(std::int64_t ms) {
  const auto at =
      ms < 1 ? 0 : 1 + static_cast<std::size_t>(std::log(static_cast<double>(ms)) / std::log(kStep));
  ++counts_[std::min(at, counts_.size() - 1)];
  ++total_;
}

void Durations::add(const Durations& others) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += others.counts_[i];
  total_ += others.total_;
}

std::int64_t Durations::percentile(std::size_t percent) const {
  const std::uint64_t rank = std::max<std::uint64_t>((total_ * percent + 99) / 100, 1);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return i == 0 ? 0 : std::llround(std::pow(kStep, static_cast<double>(i)));
  }
  return 0;
}

}  // namespace tocsin::store
