// What a plugin says or asks for that it may, and that is wrong all the same: found from what is there in any
// case, so that a fault is named while it does its harm to nobody but its own channel. Each is the rest of a
// sentence that starts with the plugin's name, or empty. What it does not do: refuse anything.
#pragma once

#include <tocsin/plugin.h>

#include <string>
#include <string_view>

namespace tocsin::plugin {

// `http_status`: of the last answer that the attempt got; 0: there was none.
[[nodiscard]] std::string find_misuse(const tocsin_outcome& outcome, int http_status);

// What stands for a secret in the settings that a plugin sees, or looks like it.
[[nodiscard]] bool holds_token(std::string_view text);

}  // namespace tocsin::plugin
