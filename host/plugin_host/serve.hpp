// The life of this process: walls up, library loaded, described, walls closed, calls carried until the daemon
// goes away.
#pragma once

namespace tocsin::plugin_host {

struct Options {
  int parent = 0;
  bool only_full = false;  // load nothing where a wall is missing
};

inline constexpr int kSocket = 3;   // to the daemon
inline constexpr int kLibrary = 4;  // the plugin, sealed in memory

// The exit status, where it ends by itself.
[[nodiscard]] int serve(const Options& options);

}  // namespace tocsin::plugin_host
