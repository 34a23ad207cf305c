// Writing JSON by appending: for the few places on an event's walk where building a tree would cost more than
// the text. Everything else uses Boost.JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin {

// Appends `text` (UTF-8) as a JSON string, quotes included. Escapes what RFC 8259 requires and nothing else.
void append_json_string(std::string& out, std::string_view text);

// Appends them as a JSON array.
void append_json_texts(std::string& out, std::span<const std::string> texts);

}  // namespace tocsin
