// Text as Slack wants it: three characters escaped, and never longer than a field may be. Lengths are counted
// in UTF-16 units, which is the most that any reading of Slack's "characters" comes to. Untrusted text is cut
// raw, on grapheme boundaries, and then escaped, so that no entity is cut in half. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slack {

[[nodiscard]] std::size_t utf16_units(std::string_view text);

// "&", "<" and ">" as entities; Slack decodes no other.
[[nodiscard]] std::string escape(std::string_view text);

// What one code point takes once it is escaped.
[[nodiscard]] std::size_t escaped_units(std::string_view code_point);

// Text that is clean already, cut so that its escaped form with `mark` has at most `most` units, escaped.
[[nodiscard]] std::string cut_escaped(std::string_view clean, std::size_t most,
                                      std::string_view mark = "\xE2\x80\xA6");

// The same after taking out what would reach beyond the text: see tocsin::plain_text(). `lines`: line feeds
// stay.
[[nodiscard]] std::string escape_within(std::string_view text, std::size_t most, bool lines = false);

}  // namespace slack
