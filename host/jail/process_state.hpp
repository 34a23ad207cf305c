// What of a process belongs to everybody in it, as a plugin may find it and has to leave it: by name, as text
// that can be compared. Nothing here opens a file, so that it can be read in a sandbox too.
#pragma once

#include <map>
#include <string>

namespace tocsin::jail {

// "the handler of signal 15", "the signal mask" (of the thread that asks), "the locale", "the umask", "the
// working directory", "the environment".
using ProcessState = std::map<std::string, std::string>;

[[nodiscard]] ProcessState read_process_state();

// How many descriptors below kDescriptors are open.
[[nodiscard]] int count_descriptors();

}  // namespace tocsin::jail
