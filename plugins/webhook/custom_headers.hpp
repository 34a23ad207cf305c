// The names a team may give its own headers. Why: a header named Host or Transfer-Encoding would change where
// the request goes or how it is framed, and one named webhook-signature would forge ours. What it does not
// do: look at values; they are secrets that only the host sees, and it checks them ("format":
// "http-header-value").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace webhook {

inline constexpr std::size_t kMaxCustomHeaders = 20;

struct HeaderFault {
  std::string name;      // as the team wrote it; empty where the fault is their number
  std::string sentence;  // names the header, the reason and the fix
};

// Case-insensitive, as header names are.
[[nodiscard]] bool is_reserved_header(std::string_view name);

// The first fault, in the order of the names.
[[nodiscard]] std::optional<HeaderFault> find_header_fault(const std::vector<std::string_view>& names);

}  // namespace webhook
