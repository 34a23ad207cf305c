// The commands about the master keys that secrets are sealed with.
#pragma once

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

[[nodiscard]] Exit list_keys(Daemon& daemon, Console& console);
// Where it waits for the end: kFailed where a value did not open, or it ended early.
[[nodiscard]] Exit rotate_keys(bool wait, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
