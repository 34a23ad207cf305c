// From a configuration and the loaded plugins to what each channel needs to run: its type, its checked
// settings, its secrets set apart. The last place where a mistake in the file is found before anything of it
// takes effect.
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
  plugin::PreparedSettings settings;
  // Equal fingerprints: the running instance can be kept over a reload.
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

// kInvalid: a channel's settings break its type's schema, or its type is unknown while every listed plugin is
// loaded; `fields` has every fault with file and line.
[[nodiscard]] Result<Assembly> assemble(const config::Config& config, const plugin::PluginSet& plugins);

// What a plugin's refusal of the plan's settings is in the file: the place of the setting it names, and its
// sentence.
[[nodiscard]] FieldError place_refusal(const ChannelPlan& plan, const Error& refusal);

// Gives each team its channel "in-app", where a loaded plugin provides the type in_app: subscribed to every
// event type but user.login. Not where the team says in_app = false, or has a channel of that type or name
// itself.
[[nodiscard]] Result<void> add_in_app_channels(config::Config& config, const plugin::PluginSet& plugins);

}  // namespace tocsin::app
