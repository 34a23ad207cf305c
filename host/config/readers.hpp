// The parts of load_config, one a section, in the order they run: later ones use what earlier ones read.
// Private to this room. Each reports what it finds wrong through the reader and goes on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/rule_pieces.hpp"
#include "config/table_reader.hpp"

namespace tocsin::config {

// `file` is the whole file's reader, `folder` the absolute folder the file stands in.
void read_server(TableReader& file, const std::string& folder, ServerConfig& server);
void read_limits(TableReader& file, LimitsConfig& limits);
void read_store(TableReader& file, StoreConfig& store);
void read_egress(TableReader& file, const std::string& folder, EgressConfig& egress);
void read_secrets(TableReader& file, const std::string& folder, Config& config);
void read_log(TableReader& file, LogConfig& log);
void read_plugins(TableReader& file, const std::string& folder, std::vector<PluginConfig>& plugins);
void read_event_types(TableReader& file, std::vector<EventType>& types);
// After the catalogue. `pieces`: rules that were cut out of the file.
void read_teams(TableReader& file, const std::string& folder, const RulePieces& pieces, Config& config);
// One [[team]] table onto `team` and its definition, which may have channels and rules already: the table's
// come behind them. Compiles the team's rules, unless `problems` says what is wrong.
void read_team(const Node& node, const std::string& path, const std::string& folder,
               std::span<const RulePieces::Piece> pieces, const std::shared_ptr<const Catalogue>& catalogue,
               TeamConfig& team, routing::TeamDefinition definition, Problems& problems);
void read_tokens(TableReader& file, const std::string& folder, Config& config);  // after the teams
void read_peers(TableReader& file, Config& config);                              // after the teams

// A channel's `digest` and `collapse`.
void read_digest(TableReader& channel, DeliveryOptions& options);
// A channel's `quiet`.
void read_quiet(TableReader& channel, DeliveryOptions& options);
// "08:00" as minutes of the day; -1: not that.
[[nodiscard]] int minute_of_day(std::string_view text);
[[nodiscard]] std::optional<Severity> read_severity(TableReader& reader, std::string_view key,
                                                    const std::string& name);

// [team.channel.settings] as JSON, with what { file | env | credential = "…" } stands for kept apart.
void read_settings(const Node& settings, const std::string& path, const std::string& folder,
                   Problems& problems, ChannelConfig& channel);

// The catalogue that ships (event_types.toml), as it is built in.
[[nodiscard]] std::string_view event_types_toml();

[[nodiscard]] std::string absolute_path(const std::string& folder, const std::string& path);

}  // namespace tocsin::config
