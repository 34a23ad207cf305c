// Where the `tocsin` command reads and writes, and how it ends. Injected, so that tests run commands whole
// without a process or a terminal.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

namespace tocsin::ctl {

// What the shell sees (documented in `tocsin --help` and docs/cli.md): stable.
enum class Exit : int {
  kOk = 0,
  kFailed = 1,       // refused, not found, or a delivery that failed
  kUsage = 2,        // the command line itself is wrong
  kUnreachable = 3,  // no daemon answers at the target
};

struct Console {
  std::istream& in;
  std::ostream& out;  // results
  std::ostream& err;  // everything about why there is none
  bool json = false;  // results as JSON documents, one a line
  bool quiet = false;
};

// Text of others (a title, a receiver's answer) made safe for a terminal: control characters become '?'.
[[nodiscard]] std::string printable(std::string_view text);

// "1 try", "2 tries".
[[nodiscard]] std::string counted(std::size_t n, std::string_view one, std::string_view many);

}  // namespace tocsin::ctl
