// The commands about what a team has: its rules, its silences, who changed what, and all of it as a file.
#pragma once

#include <string>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

[[nodiscard]] Exit list_rules(const std::string& team, Daemon& daemon, Console& console);
[[nodiscard]] Exit list_silences(const std::string& team, Daemon& daemon, Console& console);
// Of all teams where `team` is empty.
[[nodiscard]] Exit list_audit(const std::string& team, std::uint32_t limit, Daemon& daemon, Console& console);
// As TOML.
[[nodiscard]] Exit export_team(const std::string& team, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
