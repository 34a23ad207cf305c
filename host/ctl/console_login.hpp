// `tocsin console-login`: lets somebody into the console.
#pragma once

#include <string>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

// What is empty is the daemon's choice.
struct ConsoleGuest {
  std::string team;
  std::string user;
  std::string role;
  std::vector<std::string> scopes;
};
// Prints the link; with `quiet` nothing else.
[[nodiscard]] Exit make_console_login(const ConsoleGuest& guest, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
