// A rule that is being written, in the team it is for: read and refused like one that is saved
// (team_objects.hpp), and kept nowhere.
#pragma once

#include <memory>
#include <string>

#include "model/catalogue.hpp"
#include "model/error.hpp"
#include "routing/definition.hpp"

namespace tocsin::config {

// The team with the rule: in the place of the one of this name, else last. `body` is a JSON object without
// the name. kInvalid: each field's pointer is within the body, "/events/0".
[[nodiscard]] Result<routing::TeamDefinition> draft_rule(const routing::TeamDefinition& team,
                                                         const std::string& name, const std::string& body,
                                                         const std::shared_ptr<const Catalogue>& catalogue);

}  // namespace tocsin::config
