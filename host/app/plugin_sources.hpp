// Which plugins the configuration lists, and in which process each runs: the five that ship with this build
// in the daemon's own, every other in a sandbox, unless the operator says otherwise.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::app {

[[nodiscard]] std::vector<plugin::PluginSource> plugin_sources(const config::Config& config);

// A plugin of this very build, where it was installed or built: by its real path, since a name or a channel
// type can be claimed by anybody, and a place beside our own executable only by those who can replace that
// too.
[[nodiscard]] bool is_shipped(const std::string& path);

}  // namespace tocsin::app
