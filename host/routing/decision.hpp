// The routing rule written down plainly, with a reason for every step: what "explain" shows. Looks at
// everything in order and is therefore slow; RuleIndex gives the same channels fast.
#pragma once

#include <cstdint>
#include <vector>

#include "model/catalogue.hpp"
#include "routing/rule_set.hpp"

namespace tocsin::routing {

struct Decision {
  std::vector<std::uint32_t> channels;  // positions, ascending, each once
  std::vector<bool> silenced;           // by position in the team; empty: none
  std::vector<Finding> findings;        // in the order looked at
};

[[nodiscard]] Decision decide(const TeamDefinition& team, const Catalogue& catalogue, const Event& event);

// Whether the silence is in force at the event's reception, and takes the event.
[[nodiscard]] bool is_silenced(const SilenceDefinition& silence, const Event& event);
// Whether it covers a channel at all.
[[nodiscard]] bool covers(const SilenceDefinition& silence, const TeamDefinition& team,
                          std::uint32_t position);

}  // namespace tocsin::routing
