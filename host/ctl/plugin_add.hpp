// `tocsin plugin add`: a plugin's file is looked at where it can do nothing, and listed in the config with
// the hash of what was looked at.
#pragma once

#include <string>

#include "ctl/console.hpp"

namespace tocsin::ctl {

struct PluginAddition {
  std::string file;
  std::string config = "/etc/tocsin/tocsin.toml";
  bool dry_run = false;
  std::string type;  // of `plugin reset`
};

// kFailed: it does not load, the config lists it already, or cannot be written. A daemon is not asked.
[[nodiscard]] Exit add_plugin_file(const PluginAddition& addition, Console& console);

}  // namespace tocsin::ctl
