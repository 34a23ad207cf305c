// Landlock by its raw system calls: Debian's headers are older than the kernels it runs on.
#pragma once

namespace tocsin::jail {

// This process and its threads to come read and execute under the system's library folders and reach no other
// file, no TCP port, no abstract socket and no foreign process by signal, as far as the kernel's Landlock
// goes. False: it has none.
[[nodiscard]] bool restrict_files();

}  // namespace tocsin::jail
