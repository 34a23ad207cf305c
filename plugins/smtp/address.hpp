// Mail addresses as a settings form gives them: one bare address, its domain turned into A-labels whatever
// the locale, so that what goes into the dialogue and the headers is ASCII. What it does not do: ask whether
// a mailbox exists.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smtp {

struct Address {
  std::string text;    // local@domain, ASCII
  std::string domain;  // lower case A-labels
};

// `fault` gets one sentence, with the fix and without the value, where there is none.
[[nodiscard]] std::optional<Address> read_address(std::string_view text, std::string& fault);

// A host name in A-labels, lower case; nullopt where it is none. An IP address stays as it is.
[[nodiscard]] std::optional<std::string> read_host(std::string_view text);

}  // namespace smtp
