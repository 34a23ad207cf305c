// See snapshots.hpp.
#include "app/snapshots.hpp"

namespace tocsin::app {

std::vector<delivery::ChannelSetup> make_setups(const Assembly& assembly, const Numbers& numbers,
                                                const RunningByName& running) {
  std::vector<delivery::ChannelSetup> setups;
  for (std::size_t i = 0; i < assembly.channels.size(); ++i) {
    const auto& plan = assembly.channels[i];
    const auto& made = running.at({plan.team, plan.name});
    delivery::ChannelSetup setup;
    setup.id = numbers.channels[i];
    setup.team = plan.team;
    setup.name = plan.name;
    setup.type = plan.type_name;
    setup.instance = made.instance;
    setup.unavailable = made.unavailable;
    setup.paused = plan.paused;
    setup.window = plan.window;
    setup.retries = plan.retries;
    if (plan.type != nullptr) {
      setup.rate_per_minute = plan.type->rate_per_minute;
      setup.burst = plan.type->burst;
    }
    setup.takes_digests = plan.takes_digests;
    setup.collapse = plan.collapse;
    setups.push_back(std::move(setup));
  }
  return setups;
}

std::shared_ptr<const ingest::RoutingTable> make_table(const config::Config& config, const Numbers& numbers) {
  auto table = std::make_shared<ingest::RoutingTable>();
  table->catalogue = config.catalogue;
  std::size_t next_channel = 0;
  for (std::size_t t = 0; t < config.teams.size(); ++t) {
    const auto& team = config.teams[t];
    ingest::TeamRoutes routes;
    routes.id = numbers.teams[t];
    routes.generation = numbers.generations[t];
    routes.rules = team.rules;
    for (const auto& channel : team.channels) {
      routes.channels.push_back(numbers.channels[next_channel++]);
      routes.digests.push_back(channel.options.digest);
      routes.quiet.push_back(channel.options.quiet);
    }
    table->teams.emplace(team.definition().name, std::move(routes));
  }
  for (const auto& [id, key] : numbers.known) table->channel_names.emplace(id, key.name);
  return table;
}

}  // namespace tocsin::app
