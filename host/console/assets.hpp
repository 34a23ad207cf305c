// The console's built files, as they are inside this binary: embed.mjs writes them from what Vite made. None
// where the host was built without the console.
#pragma once

#include <span>
#include <string_view>

namespace tocsin::console {

struct Asset {
  std::string_view name;  // "index.html", "assets/index-Bx3d9.js": hashed but for the index
  std::string_view content_type;
  std::string_view plain;
  std::string_view gzip;
};

[[nodiscard]] std::span<const Asset> assets();
// nullptr where there is none of this name.
[[nodiscard]] const Asset* find_asset(std::string_view name);

}  // namespace tocsin::console
