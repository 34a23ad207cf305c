// Which header fields a request may carry at all. What a team may set on top of that is the channel's rule.
#pragma once

#include <string_view>

namespace tocsin::net {

// Fields that frame the message or belong to the connection: the engine writes them, nobody else.
[[nodiscard]] bool is_framing_header(std::string_view name);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace tocsin::net
