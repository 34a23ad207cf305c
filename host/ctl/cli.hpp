// The `tocsin` command line: what may be typed, and which command it runs.
#pragma once

#include <string>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

// `arguments` without the program's name.
[[nodiscard]] Exit run_command(const std::vector<std::string>& arguments, const Environment& environment,
                               Console console);

}  // namespace tocsin::ctl
