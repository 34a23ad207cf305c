// The walls around a plugin's process, put up by that process itself before any plugin code runs, in two
// stages: while the library is loaded it may read the system's libraries; from then on it opens nothing and
// maps no new code. What the kernel cannot give is told, so that an operator sees how strong the wall is.
// None of it needs a privilege or a user namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::jail {

// Memory of the whole process, plugin and message buffers; threads are bounded by it too.
inline constexpr std::uint64_t kAddressSpace = 512ULL * 1024 * 1024;
inline constexpr std::uint64_t kDescriptors = 32;

// Dies with its parent, gains no privilege, writes no core and no file; as root it becomes nobody first.
// False: the parent is gone already.
[[nodiscard]] bool limit_process(int parent);

// Stage 1: files but the system's libraries are out of reach (Landlock), most system calls are refused. What
// could not be had: "landlock", "seccomp", or nothing.
[[nodiscard]] std::vector<std::string> close_stage_one();
// Stage 2, behind the loading of the library, for every thread there is. False: the kernel refused.
[[nodiscard]] bool close_stage_two();

// A refused call answers EPERM, and `told` learns its number. It runs in a signal handler: it may write to a
// socket and no more. At most a hundred calls of a process are told.
void on_denied_call(void (*told)(int number));

// "openat"; "call 463" where it has no name here.
[[nodiscard]] std::string name_of_call(int number);

}  // namespace tocsin::jail
