// What Teams is sent: the envelope that the Workflows template expects, with one Adaptive Card 1.4. Untrusted
// text stands in RichTextBlocks, where Teams reads no markup. The whole is at most 20,000 bytes: what Teams
// stores of a message grows beyond what was posted and ends at 28 KB, and a card that is too large fails
// after the 202, unseen. Pure: the same message gives the same bytes on every attempt.
#pragma once

#include <string>
#include <string_view>
#include <tocsin/plugin.hpp>

namespace teams {

inline constexpr std::size_t kMaxBytes = 20'000;

// Where an event is too large, in this order: without labels, without facts, with a summary of 1,000
// characters, with title and link alone. A digest lists as many events as fit and says how many more there
// are.
[[nodiscard]] std::string render_card(tocsin::message message);

// Text for a fact's value, which Teams reads as Markdown: cleaned, at most `most` code points of raw text,
// its characters escaped.
[[nodiscard]] std::string escape_fact(std::string_view text, std::size_t most);

}  // namespace teams
