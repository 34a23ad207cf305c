// From a configuration and the loaded plugins to what each channel needs to run: its type, its checked
// settings, its secrets set apart. What a channel type finds wrong with a channel stays with that channel:
// what becomes of it depends on when (instances.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "delivery/retry_schedule.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::app {

struct ChannelPlan {
  std::string where;  // file, line, team and channel, for errors
  std::string team;
  std::string name;
  std::string type_name;
  std::shared_ptr<const plugin::ChannelType> type;  // null: no loaded plugin provides it …
  std::string unavailable;                          // … and why
  bool is_from_file = true;                         // else its team keeps it, through the API
  std::vector<FieldError> faults;  // what its type forbids, by place; there are no settings then
  plugin::PreparedSettings settings;
  // Of its type's file and its settings as they are written. Equal: the running instance can be kept over a
  // reload.
  std::string fingerprint;
  delivery::RetrySchedule retries;
  std::uint32_t window = 8;
  bool paused = false;
  bool takes_digests = false;
  std::uint32_t collapse = 0;  // 0: never, or the type cannot
};

struct Assembly {
  std::vector<ChannelPlan> channels;  // team by team, in the file's order
};

// kInvalid: the type of a channel is unknown while every listed plugin is loaded; `fields` has every such
// channel with file and line, and the faults of all others.
[[nodiscard]] Result<Assembly> assemble(const config::Config& config, const plugin::PluginSet& plugins);

// All of them, `fields`, and the first as the sentence. kInvalid.
[[nodiscard]] Error refusal_of(std::vector<FieldError> faults);

// What a plugin's refusal of the plan's settings is in the file: the place of the setting it names, and its
// sentence.
[[nodiscard]] FieldError place_refusal(const ChannelPlan& plan, const Error& refusal);

// Gives each team its channel "in-app", where a loaded plugin provides the type in_app: subscribed to every
// event type but user.login. Not where the team says in_app = false, or has a channel of that type or name
// itself.
[[nodiscard]] Result<void> add_in_app_channels(config::Config& config, const plugin::PluginSet& plugins);

}  // namespace tocsin::app
