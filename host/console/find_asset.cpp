// See assets.hpp. A handful of files: a walk finds one fast enough.
#include <algorithm>

#include "console/assets.hpp"

namespace tocsin::console {

const Asset* find_asset(std::string_view name) {
  const auto all = assets();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Asset& asset) { return asset.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace tocsin::console
