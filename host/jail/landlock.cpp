// See landlock.hpp. Rights are named by the version of the kernel's interface that brought them.
#include "jail/landlock.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace tocsin::jail {

namespace {

constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;
constexpr int kBeneathPath = 1;

struct Ruleset {
  std::uint64_t files;
  std::uint64_t net;     // from version 4 on
  std::uint64_t scoped;  // from version 6 on
};
struct [[gnu::packed]] BeneathPath {
  std::uint64_t allowed;
  std::int32_t folder;
};

constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;

constexpr std::uint64_t bits(unsigned count) {
  return (std::uint64_t{1} << count) - 1;
}

std::uint64_t file_rights(long version) {
  if (version >= 5) return bits(16);  // devices' ioctl
  if (version >= 3) return bits(15);  // truncate
  if (version >= 2) return bits(14);  // refer
  return bits(13);
}

constexpr std::array kLibraries{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"};

void allow(int ruleset, const char* path, std::uint64_t rights) {
  const int at = ::open(path, O_PATH | O_CLOEXEC);
  if (at < 0) return;  // not every system has all of them
  const BeneathPath rule{rights, at};
  static_cast<void>(::syscall(kAddRule, ruleset, kBeneathPath, &rule, 0));
  ::close(at);
}

}  // namespace

bool restrict_files() {
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return false;
  Ruleset wanted{file_rights(version), version >= 4 ? bits(2) : 0, version >= 6 ? bits(2) : 0};
  const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const auto ruleset = static_cast<int>(::syscall(kCreateRuleset, &wanted, size, 0));
  if (ruleset < 0) return false;
  for (const char* folder : kLibraries) allow(ruleset, folder, kExecute | kReadFile | kReadFolder);
  allow(ruleset, "/etc/ld.so.cache", kReadFile);
  const bool done = ::syscall(kRestrictSelf, ruleset, 0) == 0;
  ::close(ruleset);
  return done;
}

}  // namespace tocsin::jail
