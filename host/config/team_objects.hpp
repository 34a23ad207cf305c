// What a team keeps in the store, added to what the file says of it. It is read by the file's
// own readers, so it means the same and is refused in the same words; what comes out is a configuration like
// any other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace tocsin::config {

struct TeamObject {
  std::string name;
  // A JSON object: the keys of a [[team.channel]], [[team.rule]] or [[team.silence]] but the name; of the
  // default alerts {"alerts": the value of default_alerts}.
  std::string body;
  std::vector<std::pair<std::string, security::Secret>> secrets;  // of a channel's settings, by JSON pointer
  std::string unusable;  // why a channel cannot deliver all the same; empty: it can
};

struct TeamObjects {
  std::string team;
  std::vector<TeamObject> channels;
  std::vector<TeamObject> rules;  // in order, behind the file's
  std::vector<TeamObject> silences{};
  std::optional<TeamObject> default_alerts{};  // in place of the catalogue's; the name does not count
};

// The file that errors about such objects name.
inline constexpr std::string_view kApiFile = "the API";

// `base` with the objects of its teams; those of teams it does not have are left out. kInvalid: each field's
// pointer is "TEAM/channels/NAME" (…/rules/…, …/silences/…, "TEAM/default-alerts") and the JSON pointer
// within the object: "demo/channels/ops/retry/0".
[[nodiscard]] Result<Config> add_team_objects(const Config& base, std::span<const TeamObjects> objects);

}  // namespace tocsin::config
