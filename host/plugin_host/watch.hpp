// What the plugin changes in its process that it should leave alone, and what it leaves behind when its last
// channel is gone: each is told once. It hurts nobody here, and would hurt everybody in the daemon's own
// process. What it does not do: undo it.
#pragma once

#include <malloc.h>

#include <set>
#include <string>
#include <vector>

#include "jail/process_state.hpp"

namespace tocsin::plugin_host {

class Watch {
 public:
  // Before any code of the plugin runs, while files can be opened.
  Watch();
  // Behind the loading of the library: what it holds from now on is its own.
  void start();
  // New faults, each the rest of a sentence that starts with the plugin. `is_idle`: it has no channel.
  [[nodiscard]] std::vector<std::string> look(bool is_idle);

 private:
  [[nodiscard]] int count_threads() const;

  const jail::ProcessState state_;
  const int stat_;  // of this process, open; below 0: it cannot be had
  int descriptors_ = 0;
  int threads_ = 0;
  std::size_t memory_ = 0;
  std::set<std::string> told_;
};

}  // namespace tocsin::plugin_host
