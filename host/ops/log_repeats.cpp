// See log_repeats.hpp.
#include "ops/log_repeats.hpp"

namespace tocsin::ops {
namespace {

// Messages are constant texts, so there are few; a plugin that makes each line a new one is the exception,
// and beyond this its lines are written unjudged rather than remembered.
constexpr std::size_t kWindows = 1024;

}  // namespace

LogRepeats::Verdict LogRepeats::judge(int level, std::string_view component, std::string_view message,
                                      std::int64_t now_ms) {
  Verdict verdict;
  if (limit_ == 0) return verdict;
  Key key{level, std::string(component), std::string(message)};
  const std::lock_guard lock(mutex_);
  if (now_ms >= next_expiry_ms_) expire(now_ms, key, verdict.expired);
  auto at = windows_.find(key);
  if (at == windows_.end()) {
    if (windows_.size() >= kWindows) return verdict;
    at = windows_.emplace(std::move(key), Window{}).first;
  }
  Window& window = at->second;
  if (now_ms >= window.ends_ms) {
    verdict.left_out = window.left_out;
    window = Window{now_ms + window_ms_, 0, 0};
  }
  verdict.write = window.written < limit_;
  verdict.write ? ++window.written : ++window.left_out;
  return verdict;
}

// `spared` is about to be written itself and reports its own.
void LogRepeats::expire(std::int64_t now_ms, const Key& spared, std::vector<LeftOut>& expired) {
  for (auto it = windows_.begin(); it != windows_.end();) {
    if (now_ms < it->second.ends_ms || it->first == spared) {
      ++it;
      continue;
    }
    if (it->second.left_out > 0) {
      const auto& [level, component, message] = it->first;
      expired.push_back({level, component, message, it->second.left_out});
    }
    it = windows_.erase(it);
  }
  next_expiry_ms_ = now_ms + window_ms_ / 4;
}

}  // namespace tocsin::ops
