// A JSON value as the tree that this room's readers walk, so that what comes over the API is read, and
// refused, like what stands in the file.
#pragma once

#include <boost/json/value.hpp>
#include <memory_resource>

#include "config/document.hpp"

namespace tocsin::config {

// Lines are 0. A member that is null is left out. The tree is in `memory` and valid as long as that.
[[nodiscard]] Node make_node(const boost::json::value& value, std::pmr::memory_resource& memory);

}  // namespace tocsin::config
