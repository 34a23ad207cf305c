// Decides which repeats of a log line are written, so that a failing disk or a scanning client cannot fill
// the log. Counts what it leaves out; writes nothing itself.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace tocsin::ops {

class LogRepeats {
 public:
  struct LeftOut {
    int level = 0;
    std::string component;
    std::string message;
    std::uint64_t count = 0;
  };
  struct Verdict {
    bool write = true;
    std::uint64_t left_out = 0;    // of this line, since it was last written
    std::vector<LeftOut> expired;  // lines whose window ended with some left out
  };

  // `limit` 0: everything is written.
  LogRepeats(std::uint32_t limit, std::int64_t window_ms) : limit_(limit), window_ms_(window_ms) {}
  // [any]
  [[nodiscard]] Verdict judge(int level, std::string_view component, std::string_view message,
                              std::int64_t now_ms);

 private:
  using Key = std::tuple<int, std::string, std::string>;
  struct Window {
    std::int64_t ends_ms = 0;
    std::uint32_t written = 0;
    std::uint64_t left_out = 0;
  };
  void expire(std::int64_t now_ms, const Key& spared, std::vector<LeftOut>& expired);

  const std::uint32_t limit_;
  const std::int64_t window_ms_;
  std::mutex mutex_;
  std::map<Key, Window> windows_;
  std::int64_t next_expiry_ms_ = 0;
};

}  // namespace tocsin::ops
