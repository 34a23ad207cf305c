// Writing JSON by appending: for the few places on an event's walk where building a tree would cost more than
// the text. Everything else uses Boost.JSON.
#pragma once

#include <string>
#include <string_view>

namespace tocsin {

// Appends `text` (UTF-8) as a JSON string, quotes included. Escapes what RFC 8259 requires and nothing else.
void append_json_string(std::string& out, std::string_view text);

}  // namespace tocsin
