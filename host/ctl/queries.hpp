// The commands that ask and show: events, explanations, the delivery log, plugins. They change nothing, but
// for the end of a plugin's quarantine.
#pragma once

#include <cstdint>
#include <string>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

// With `wait_ms` > 0: asks again until every delivery is final, at most that long; kFailed where one failed
// or is still unfinished then.
[[nodiscard]] Exit show_event(const std::string& id, std::int64_t wait_ms, Daemon& daemon, Console& console);
[[nodiscard]] Exit explain_event(const std::string& id, Daemon& daemon, Console& console);

struct DeliveryQuery {
  std::string team;
  std::string channel;
  std::string state;
  std::string type;
  std::string since;
  std::uint32_t limit = 50;
};
// Follows cursors until `limit` deliveries are shown.
[[nodiscard]] Exit list_deliveries(const DeliveryQuery& query, Daemon& daemon, Console& console);

// kFailed where a plugin is listed and not loaded.
[[nodiscard]] Exit list_plugins(Daemon& daemon, Console& console);
// Ends the quarantine of the plugin that provides a channel type.
[[nodiscard]] Exit reset_plugin(const std::string& type, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
