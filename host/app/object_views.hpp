// What teams have, as the API shows it: in the form in which it takes it, secrets masked. Pure.
#pragma once

#include <string>

#include "api/object_editor.hpp"
#include "config/config.hpp"
#include "plugin/channel_type.hpp"

namespace tocsin::app {

// Of the configuration file: read-only. Which settings are secrets is the type's word; without it (null: its
// plugin is not loaded) none is shown.
[[nodiscard]] api::ObjectView view_file_channel(const config::TeamConfig& team, std::size_t index,
                                                const plugin::ChannelType* type);
[[nodiscard]] api::ObjectView view_file_rule(const config::TeamConfig& team, std::size_t index);
[[nodiscard]] api::ObjectView view_file_silence(const config::TeamConfig& team, std::size_t index);

// The default alert set where the team keeps none: the file's, which is read-only, or the catalogue's.
[[nodiscard]] api::ObjectView view_given_alerts(const config::TeamConfig& team, const Catalogue& catalogue);

// Of a team's own: `body` as it is stored, with a mask at each secret's pointer. `problem`: why it is not in
// force; empty: it is.
[[nodiscard]] api::ObjectView view_object(const std::string& team, const store::ObjectRecord& object,
                                          const std::string& problem);

[[nodiscard]] std::string make_etag(const store::ObjectRecord& object);

// Within the team, as faults point to it: "channels/ops"; "default-alerts".
[[nodiscard]] std::string place_of(store::ObjectKind kind, const std::string& name);
// `channel "ops"`; "default alert set".
[[nodiscard]] std::string title_of(store::ObjectKind kind, const std::string& name);

}  // namespace tocsin::app
