// Text that came from a plugin, made fit for the record and the log: bounded and valid UTF-8. It removes no
// secrets; that is the vault's.
#pragma once

#include <tocsin/types.h>

#include <string>
#include <string_view>

namespace tocsin::plugin {

// The C view; {NULL, n} is empty, whatever n says.
[[nodiscard]] inline std::string_view view(tocsin_str text) {
  return text.ptr == nullptr ? std::string_view{} : std::string_view(text.ptr, text.len);
}
[[nodiscard]] inline tocsin_str c_view(std::string_view text) {
  return text.empty() ? tocsin_str{nullptr, 0} : tocsin_str{text.data(), text.size()};
}

// Valid UTF-8 of at most `most` bytes: each byte that belongs to no character becomes U+FFFD, and the cut is
// between characters. Valid text within the bound is returned as it is.
[[nodiscard]] std::string repair_text(std::string_view text, std::size_t most);
[[nodiscard]] bool is_utf8(std::string_view text);
// Every `what`, which is not empty, by `with`.
void replace_all(std::string& text, std::string_view what, std::string_view with);
// A stable code: at most 64 of [a-z0-9_.]; any other character becomes '_'.
[[nodiscard]] std::string repair_code(std::string_view code);
// A fixed array that should hold a NUL: its text up to there, repaired.
[[nodiscard]] std::string text_of_array(const char* array, std::size_t size);

}  // namespace tocsin::plugin
