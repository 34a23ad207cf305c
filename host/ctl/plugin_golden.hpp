// `tocsin plugin render`, `record` and `golden`: what a plugin would send, to look at and to keep. No daemon,
// no network.
#pragma once

#include <string>

#include "ctl/console.hpp"
#include "ctl/plugin_files.hpp"

namespace tocsin::ctl {

struct PluginRendering {
  PluginValidation plugin;  // file, settings, seed
  std::string type;         // of several; "": the only one
  std::string event;        // a file with an event as POST /v1/events takes it; "": an ordinary one
  std::string folder;       // of golden files
  bool test = false;        // as a test message
};

// kFailed where the plugin cannot be loaded or the message could not be sent; the findings say why.
[[nodiscard]] Exit render_plugin(const PluginRendering& options, Console& console);

// Writes one file for each message of the corpus below FOLDER/TYPE, and removes those that it has no more.
[[nodiscard]] Exit record_golden(const PluginRendering& options, Console& console);

// kFailed where a message is rendered otherwise than its file has it, or either is missing; shows the
// difference.
[[nodiscard]] Exit check_golden(const PluginRendering& options, Console& console);

}  // namespace tocsin::ctl
