// See watch.hpp.
#include "plugin_host/watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "plugin_host/guest_door.hpp"

namespace tocsin::plugin_host {

namespace {

// What the host's own buffers and an allocator may keep.
constexpr std::size_t kSlackBytes = 1024 * 1024;
constexpr int kFieldsToThreads = 17;  // behind the name, which may hold blanks and is in brackets

}  // namespace

Watch::Watch() : state_(jail::read_process_state()), stat_(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC)) {}

void Watch::start() {
  descriptors_ = jail::count_descriptors();
  threads_ = count_threads();
  memory_ = ::mallinfo2().uordblks;
}

int Watch::count_threads() const {
  std::array<char, 1024> text{};
  const auto got = ::pread(stat_, text.data(), text.size() - 1, 0);
  if (got <= 0) return 0;
  std::string_view rest(text.data(), static_cast<std::size_t>(got));
  rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 1));
  int threads = 0;
  for (int field = 0; field <= kFieldsToThreads; ++field) {
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  }
  std::sscanf(std::string(rest).c_str(), "%d", &threads);
  return threads;
}

std::vector<std::string> Watch::look(bool is_idle) {
  std::vector<std::string> found;
  const auto find = [&](const std::string& about, const std::string& sentence) {
    if (told_.insert(about).second) found.push_back(sentence);
  };
  for (const auto& [name, value] : jail::read_process_state()) {
    const auto before = state_.find(name);
    if (before == state_.end() || before->second != value) find(name, "changed " + name);
  }
  if (!is_idle) return found;
  if (jail::count_descriptors() > descriptors_) {
    find("descriptors", "keeps descriptors open after the last of its channels is destroyed");
  }
  if (count_threads() > threads_) {
    find("threads", "keeps threads running after the last of its channels is destroyed");
  }
  if (::mallinfo2().uordblks > memory_ + GuestDoor::kept_bytes() + kSlackBytes) {
    find("memory", "keeps memory of more than a megabyte after the last of its channels is destroyed");
  }
  return found;
}

}  // namespace tocsin::plugin_host
