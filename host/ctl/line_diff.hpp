// The difference between two short texts, line by line, as people read it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::ctl {

// "- was", "+ is", two equal lines around each change and "..." between; "" where they are the same.
// Quadratic: for texts of a few hundred lines.
[[nodiscard]] std::string diff_lines(std::string_view was, std::string_view is);

}  // namespace tocsin::ctl
