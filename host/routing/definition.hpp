// What a team configures, as plain values: channels, rules, its default alert set. Written to and read from
// JSON, because the store keeps each generation so that an old decision can be explained. No behaviour here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.hpp"

namespace tocsin::routing {

// The notification centre. It is where people look up what was silenced, so a silence spares it.
inline constexpr std::string_view kInAppType = "in_app";

struct ChannelDefinition {
  std::string name;                       // [a-z0-9-]{1,63}, unique in the team
  std::string type;                       // "webhook", "slack", "sh.ntfy"
  std::vector<std::string> subscription;  // event patterns; empty: none
  bool is_default = false;                // the team's default channel of its type
};

struct RuleDefinition {
  std::string name;                     // [a-z0-9-]{1,63}, unique in the team
  std::optional<Category> category;     // absent: all
  std::vector<Severity> severities;     // empty: all
  std::vector<std::string> sources;     // empty: all
  std::vector<std::string> events;      // patterns; empty: all
  std::vector<Label> labels;            // all must be equal; empty: all
  std::vector<std::uint32_t> channels;  // positions in TeamDefinition::channels, at least one
  bool stop = false;                    // later rules are not looked at where this one matches
};

// One line of a team's default alert set: these events, from this severity up.
struct DefaultAlert {
  std::string event;  // pattern
  Severity from = Severity::kInfo;
};

// For a while, deliveries of matching events are recorded and not made.
struct SilenceDefinition {
  RuleDefinition what;  // its name and matchers; channels: only these, empty: all but the notification centre
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;  // not any more from then on
  std::string author;
  std::string reason;
};

struct TeamDefinition {
  std::string name;  // [a-z0-9-]{1,63}
  std::vector<ChannelDefinition> channels;
  std::vector<RuleDefinition> rules;                        // in order
  std::optional<std::vector<DefaultAlert>> default_alerts;  // absent: the catalogue's
  std::vector<SilenceDefinition> silences;
};

// [a-z0-9-], 1 to 63 characters, not starting or ending with '-'.
[[nodiscard]] bool is_object_name(std::string_view name);

// One fixed member order, so that equal definitions are equal bytes (their hash is the generation's
// identity).
[[nodiscard]] std::string write_definition(const TeamDefinition& team);
// kInternal: not what write_definition wrote.
[[nodiscard]] Result<TeamDefinition> read_definition(std::string_view json);

}  // namespace tocsin::routing
