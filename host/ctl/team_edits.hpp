// The commands by which a team changes what it keeps: its channels, rules, silences and default alert set.
#pragma once

#include <string>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

// What an event has to be; what is left out matches everything.
struct Matchers {
  std::string category;
  std::vector<std::string> severities, sources, events;
  std::vector<std::string> labels;  // "key=value"
};

struct ChannelWish {
  std::string team;
  std::string name;
  std::string from;  // a file with the channel as JSON, "-": standard input; else what follows
  std::string type;
  std::vector<std::string> settings;  // "key=text", "key:=JSON"; a key inside another: "headers/X-Env=prod"
  std::vector<std::string> secrets;   // "key=FILE", one trailing newline dropped; "-": standard input
  std::vector<std::string> events, retry;
  std::string is_default;  // "yes", "no"; empty: as it is
};
// Makes the channel, or changes what the wish names of it; a file replaces it.
[[nodiscard]] Exit set_channel(const ChannelWish& wish, Daemon& daemon, Console& console);

struct RuleWish {
  std::string team;
  std::string name;
  std::string from;
  Matchers matchers;
  std::vector<std::string> channels;
  bool stop = false;
};
// The rule is this from now on.
[[nodiscard]] Exit set_rule(const RuleWish& wish, Daemon& daemon, Console& console);

struct SilenceWish {
  std::string team;
  std::string name;   // empty: one is made
  std::string lasts;  // "2h"; or until
  std::string until;
  std::string reason;
  Matchers matchers;
  std::vector<std::string> channels;
  bool end = false;  // remove the one of this name
};
[[nodiscard]] Exit silence(const SilenceWish& wish, Daemon& daemon, Console& console);

// One of a team's own: `kind` is "channels" or "rules".
struct ObjectName {
  std::string team;
  std::string name;
};
[[nodiscard]] Exit show_object(const char* kind, const ObjectName& of, Daemon& daemon, Console& console);
[[nodiscard]] Exit remove_object(const char* kind, const ObjectName& of, Daemon& daemon, Console& console);
[[nodiscard]] Exit pause_channel(const ObjectName& of, bool paused, Daemon& daemon, Console& console);

// All rules that the team keeps, first to last.
[[nodiscard]] Exit order_rules(const std::string& team, const std::vector<std::string>& names, Daemon& daemon,
                               Console& console);

struct AlertsWish {
  std::string team;
  std::vector<std::string> alerts;  // "PATTERN" or "PATTERN=SEVERITY"; none: only show them
  bool none = false;                // an empty set
  bool reset = false;               // back to the catalogue's
};
[[nodiscard]] Exit default_alerts(const AlertsWish& wish, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
