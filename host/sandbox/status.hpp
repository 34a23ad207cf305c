// How a sandboxed plugin is doing, for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::sandbox {

struct SandboxStatus {
  std::string state;                 // "starting", "running", "restarting", "quarantined", "stopped"
  std::string level;                 // "full", "partial", "none"; empty before the first process said so
  std::vector<std::string> missing;  // "landlock", "seccomp"
  int pid = 0;                       // 0: there is no process
  std::uint64_t restarts = 0;
  std::uint64_t denied = 0;  // system calls that were refused
  std::string last_denied;   // its name
  std::string last_said;     // what it wrote last to stdout or stderr
  std::string last_fault;
  std::string last_fault_told;  // the same for teams: without what the process wrote, which is of any of them
  std::int64_t last_fault_ms = 0;  // unix
};

}  // namespace tocsin::sandbox
