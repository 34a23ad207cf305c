// The two teams of the intake's and the API's tests, and how a team gets its numbers:
//   demo      channels audit (everything), pager (rule: critical), mail (default of its type)
//   platform  channel hook (scan.*)
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "ingest/intake.hpp"
#include "store/fixtures.hpp"

namespace tocsin::ingest {

inline routing::TeamDefinition demo_team() {
  routing::TeamDefinition team;
  team.name = "demo";
  team.channels = {
      {"audit", "webhook", {"*"}, false}, {"pager", "pager", {}, false}, {"mail", "smtp", {}, true}};
  routing::RuleDefinition critical;
  critical.name = "critical";
  critical.severities = {Severity::kCritical};
  critical.channels = {1};
  team.rules = {critical};
  return team;
}

inline routing::TeamDefinition platform_team() {
  routing::TeamDefinition team;
  team.name = "platform";
  team.channels = {{"hook", "webhook", {"scan.*"}, false}};
  return team;
}

// Makes the team known to the store and adds it to the table (whose catalogue is set).
inline void add_team(store::Store& store, RoutingTable& table, routing::TeamDefinition team) {
  const std::string name = team.name;
  TeamRoutes routes;
  routes.id = store::must(store.resolve_teams(std::span(&name, 1))).at(0);
  routes.generation = store::must(store.put_generation(routes.id, routing::write_definition(team)));
  std::vector<store::ChannelKey> keys;
  for (const auto& channel : team.channels) keys.push_back({routes.id, channel.name, channel.type});
  routes.channels = store::must(store.resolve_channels(keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    table.channel_names.emplace(routes.channels[i], keys[i].name);
  }
  routes.rules = std::make_shared<const routing::RuleSet>(
      store::must(routing::RuleSet::compile(std::move(team), table.catalogue)));
  table.teams.emplace(name, std::move(routes));
}

}  // namespace tocsin::ingest
