// A plugin's file before it is a library: where it lies, who may change it, what it contains. The file is
// read once; what was checked is what will run, because it is loaded from a sealed copy in memory.
#pragma once

#include <string>

#include "model/error.hpp"

namespace tocsin::plugin {

struct LibraryFile {
  std::string path;    // the real path
  std::string bytes;   // all of it
  std::string sha256;  // 64 lower-case hex digits
};

// Checks in this order: absolute path, real path, not a symbolic link by now, regular file, not this very
// program, trusted owners and modes from the root down, size, the `pinned_sha256` (empty: none), ELF shared
// object for this machine. The error is one sentence that names the file.
[[nodiscard]] Result<LibraryFile> read_library_file(const std::string& path,
                                                    const std::string& pinned_sha256);

// A descriptor of a memory file with these bytes that nobody can change any more. Where a library was loaded
// from it into this process it stays open for the life of the process: the loader knows a library by the name
// it was opened with, /proc/self/fd/N, so N must never come again.
[[nodiscard]] Result<int> seal_in_memory(const std::string& bytes);

}  // namespace tocsin::plugin
