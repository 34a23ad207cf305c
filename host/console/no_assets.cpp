// The build without the console: see assets.hpp.
#include "console/assets.hpp"

namespace tocsin::console {

std::span<const Asset> assets() {
  return {};
}

}  // namespace tocsin::console
