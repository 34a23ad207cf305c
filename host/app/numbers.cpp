// See numbers.hpp.
#include "app/numbers.hpp"

namespace tocsin::app {

Result<Numbers> find_numbers(store::Store& store, const config::Config& config) {
  Numbers numbers;
  std::vector<std::string> names;
  for (const auto& team : config.teams) names.push_back(team.definition().name);
  auto teams = store.resolve_teams(names);
  if (!teams) return teams.error();
  numbers.teams = std::move(*teams);
  std::vector<store::ChannelKey> keys;
  for (std::size_t t = 0; t < config.teams.size(); ++t) {
    const auto& definition = config.teams[t].definition();
    for (const auto& channel : definition.channels)
      keys.push_back({numbers.teams[t], channel.name, channel.type});
    auto generation = store.put_generation(numbers.teams[t], routing::write_definition(definition));
    if (!generation) return generation.error();
    numbers.generations.push_back(*generation);
  }
  auto channels = store.resolve_channels(keys);
  if (!channels) return channels.error();
  numbers.channels = std::move(*channels);
  auto backlogs = store.list_backlogs();
  if (!backlogs) return backlogs.error();
  numbers.backlogs = std::move(*backlogs);
  auto known = store.list_channels();
  if (!known) return known.error();
  numbers.known = std::move(*known);
  return numbers;
}

inbox::TeamIds team_ids(const config::Config& config, const Numbers& numbers) {
  inbox::TeamIds ids;
  for (std::size_t t = 0; t < config.teams.size(); ++t) {
    ids.emplace(config.teams[t].definition().name, numbers.teams[t]);
  }
  return ids;
}

}  // namespace tocsin::app
