// The plugin's tables as the daemon's checks will see them.
#pragma once

#include <tocsin/plugin.h>

#include <string>

namespace tocsin::plugin_host {

[[nodiscard]] std::string describe(const tocsin_plugin* table);

}  // namespace tocsin::plugin_host
