// `tocsin plugin new`: a channel plugin's project out of the SDK's template, which compiles and passes its
// tests as it is written.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ctl/console.hpp"

namespace tocsin::ctl {

struct TemplateFile {
  std::string_view language;  // "cpp" or "c"
  std::string_view name;
  std::string_view text;
};

// sdk/template, every file.
[[nodiscard]] std::span<const TemplateFile> plugin_template();

struct PluginProject {
  std::string name;  // [a-z][a-z0-9_]*, at most 32
  std::string language = "c++";
  std::string folder;  // "": a folder of that name, here
};

// kFailed where the folder has something in it already, or cannot be written; kUsage for a name that is none.
[[nodiscard]] Exit write_plugin_project(const PluginProject& project, Console& console);

}  // namespace tocsin::ctl
