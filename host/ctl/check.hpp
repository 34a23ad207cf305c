// `tocsin check-config`: everything a start of the daemon would check, said before it starts.
#pragma once

#include <string>

#include "ctl/console.hpp"

namespace tocsin::ctl {

// kFailed with one line a fault, each with its place and the fix; with `strict` also for what would start but
// not work (a plugin that cannot be loaded).
[[nodiscard]] Exit check_config(const std::string& file, bool strict, Console& console);

}  // namespace tocsin::ctl
