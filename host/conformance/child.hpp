// A program in a process of its own, with a time limit: fork and exec, never fork alone, so that what a
// plugin does to its process cannot reach this one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/clock.hpp"
#include "model/error.hpp"

namespace tocsin::conformance {

struct ChildEnd {
  bool timed_out = false;
  int signal = 0;       // that ended it, or 0
  int status = 0;       // its exit status
  std::string said;     // stdout and stderr, at most 64 KiB
  std::string written;  // to descriptor 3
  std::int64_t took_ms = 0;
};

// kIo: it could not be started. Blocks until it ended; one past `limit_ms` is killed with all its process
// group.
[[nodiscard]] Result<ChildEnd> run_child(const std::vector<std::string>& command, std::int64_t limit_ms,
                                         const Clock& clock);

}  // namespace tocsin::conformance
