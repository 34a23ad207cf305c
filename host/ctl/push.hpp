// `tocsin send`: one event from flags, or any number from standard input, pushed in batches. What an event
// must look like is the daemon's to judge; this only puts flags into JSON and lines into requests.
#pragma once

#include <string>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"
#include "model/error.hpp"

namespace tocsin::ctl {

struct EventFlags {
  std::string team, type, severity, category, title, summary, source, link, id, time;
  std::vector<std::string> labels;  // "key=value"
  std::string data;                 // a JSON object
};

// The flags as the JSON the API takes. kInvalid: a label without '=', data that is no JSON object.
[[nodiscard]] Result<std::string> write_event(const EventFlags& flags);

[[nodiscard]] Exit send_event(const EventFlags& flags, Daemon& daemon, Console& console);
// A JSON object, a JSON array, or lines of objects. Lines are pushed as they come, 500 or 1 MiB a request.
[[nodiscard]] Exit send_input(Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
