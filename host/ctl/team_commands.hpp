// The part of the command line by which a team changes what it keeps.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "ctl/team_edits.hpp"

namespace tocsin::ctl {

class TeamCommands {
 public:
  // Adds a command to its parent; what it asks the daemon runs if it is the one that was typed.
  using Add = std::function<CLI::App*(CLI::App& parent, const char* name, const char* help,
                                      std::function<Exit(Daemon&)> ask)>;
  TeamCommands(Console& console, Add add) : console_(console), add_(std::move(add)) {}

  void add_channel(CLI::App& app);
  void add_rule(CLI::App& app);
  void add_silence(CLI::App& app);
  void add_default_alerts(CLI::App& app);

 private:
  CLI::App* add_of_object(CLI::App& parent, const char* name, const char* help,
                          std::function<Exit(Daemon&)> ask);

  Console& console_;
  const Add add_;
  ObjectName object_;
  ChannelWish channel_;
  RuleWish rule_;
  std::vector<std::string> order_;
  SilenceWish silence_;
  AlertsWish alerts_;
};

}  // namespace tocsin::ctl
