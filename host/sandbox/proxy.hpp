// The plugin ABI's functions for a plugin in another process. The host calls them as it calls any plugin's;
// its egress policy, its secrets and its limits stand between them and the world, unchanged.
#pragma once

#include <tocsin/plugin.h>

#include <cstdint>

namespace tocsin::sandbox {

// Those that the plugin has (wire/described.hpp).
[[nodiscard]] tocsin_channel_api proxy_functions(std::uint32_t functions);

}  // namespace tocsin::sandbox
