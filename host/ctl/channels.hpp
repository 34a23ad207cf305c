// The commands about a team's channels: how they are, testing one, and
// sending again or cancelling what goes through them.
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

struct Redelivery {
  std::string team;
  std::string delivery;  // one; empty: those of the filter
  std::string channel, state, type, since, until;
  bool dry_run = false;
};
[[nodiscard]] Exit redeliver(const Redelivery& wish, Daemon& daemon, Console& console);
[[nodiscard]] Exit cancel_delivery(const std::string& team, const std::string& delivery, Daemon& daemon,
                                   Console& console);

}  // namespace tocsin::ctl
