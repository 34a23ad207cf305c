// The commands about a team's channels: how they are, and testing one.
#pragma once

#include <string>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

[[nodiscard]] Exit list_channels(const std::string& team, Daemon& daemon, Console& console);

struct ChannelTrial {
  std::string team;
  std::string channel;
  bool connection_only = false;  // connect and authenticate, send nothing
};
// kFailed where it did not arrive, or had not when the daemon answered.
[[nodiscard]] Exit test_channel(const ChannelTrial& trial, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
