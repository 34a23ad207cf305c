// Event patterns: an exact type, "prefix.*" (one or more further segments), or "*" (everything but
// channel.test). Nothing else, so that a reader can tell at a glance what a pattern takes.
#pragma once

#include <string>
#include <string_view>

#include "model/catalogue.hpp"

namespace tocsin::routing {

// kInvalid: malformed, or it matches no type of the catalogue; the text names near matches.
[[nodiscard]] Result<void> check_pattern(std::string_view pattern, const Catalogue& catalogue);

// `pattern` must be well-formed.
[[nodiscard]] bool pattern_matches(std::string_view pattern, std::string_view event_type);

}  // namespace tocsin::routing
