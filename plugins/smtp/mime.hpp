// The wire forms of mail: header fields and quoted-printable bodies in ASCII, CRLF and short lines, for any
// UTF-8 text. Nothing that is put in can begin a line of its own. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace smtp {

// "Name: value" CRLF, folded at 78 columns. For fields made of ASCII tokens and blanks that are ours
// (addresses, ids).
[[nodiscard]] std::string header(std::string_view name, std::string_view value);

// The same for any text: as it is where it is plain, else as RFC 2047 encoded words of whole characters. Line
// breaks and tabs are one blank, other controls are gone.
[[nodiscard]] std::string text_header(std::string_view name, std::string_view text);

// A display name before an address: quoted, or encoded words.
[[nodiscard]] std::string display_name(std::string_view name);

// RFC 2045 quoted-printable, lines of at most 76 columns, every line break CRLF, one at the end.
[[nodiscard]] std::string quoted_printable(std::string_view text);

// "Mon, 23 Nov 2026 08:00:00 +0000" from milliseconds since 1970.
[[nodiscard]] std::string mail_date(std::int64_t unix_ms);

}  // namespace smtp
