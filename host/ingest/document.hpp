// JSON below the event: strict parsing, what makes two documents the same, and the bytes of one member. Knows
// nothing of events. Boost.JSON keeps the last of two equal members and writes numbers its own way; both
// matter here.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace tocsin::ingest {

// kInvalid: no JSON, nested deeper than 32 levels, or an object with two members of one name.
[[nodiscard]] Result<boost::json::value> parse_document(std::string_view text);

// The document in sorted member order and without white space: equal for documents that mean the same.
[[nodiscard]] std::string write_canonical(const boost::json::value& document);

// The member's value as it stands in `text`, a JSON object that parse_document() took, but for white space:
// "1.10" and numbers beyond 64 bits stay what they are. nullopt: absent, or its name is written with escapes.
[[nodiscard]] std::optional<std::string> cut_member(std::string_view text, std::string_view name);

}  // namespace tocsin::ingest
