// What Slack is sent: Block Kit for an event or a digest, and the plain form for when Slack refuses the
// blocks. The limits of Slack (50 blocks, 150 characters a header, 3,000 a text, about 13,000 in all) are
// kept by construction. Pure: the same message gives the same bytes on every attempt.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

namespace slack {

// Blocks in a coloured attachment under a header, with a plain fallback for notifications and screen readers.
[[nodiscard]] std::string render_blocks(tocsin::message message);
// The same in one text without blocks.
[[nodiscard]] std::string render_text(tocsin::message message);

}  // namespace slack
