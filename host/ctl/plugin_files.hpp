// `tocsin plugin show` and `validate`: a plugin's file, without a daemon.
#pragma once

#include <cstdint>
#include <string>

#include "conformance/subject.hpp"
#include "ctl/console.hpp"

namespace tocsin::ctl {

// What it provides and what it asks for, as its descriptor says. Loads it into this process.
[[nodiscard]] Exit show_plugin(const std::string& file, Console& console);

struct PluginValidation {
  std::string file;
  std::string settings;  // a file with JSON settings; "": samples from the schema
  std::string check;     // the one check to run in this process
  std::uint64_t seed = 1;
  int limit_s = 60;
  bool strict = false;
  bool sandboxed = false;  // the plugin in a process of its own, behind the daemon's sandbox
  std::string program = "/proc/self/exe";
};

// The plugin's file and settings as the checks take them. False: said why not.
[[nodiscard]] bool read_input(const PluginValidation& options, conformance::CheckInput& input,
                              Console& console);

// kFailed where a check fails, or with `strict` where one has advice.
[[nodiscard]] Exit validate_plugin(const PluginValidation& options, Console& console);

// What validate_plugin() runs in each child: one check, written to descriptor 3.
[[nodiscard]] Exit check_plugin(const PluginValidation& options, Console& console);

}  // namespace tocsin::ctl
