// The store's numbers for a configuration: teams, channels and rule generations by position, as a start and a
// reload ask for them. It decides nothing.
#pragma once

#include <utility>
#include <vector>

#include "config/config.hpp"
#include "inbox/inbox.hpp"
#include "store/store.hpp"

namespace tocsin::app {

struct Numbers {
  std::vector<TeamId> teams;
  std::vector<ChannelId> channels;
  std::vector<std::int64_t> generations;
  std::vector<store::ChannelBacklog> backlogs;
  std::vector<std::pair<ChannelId, store::ChannelKey>> known;
};

// [store]
[[nodiscard]] Result<Numbers> find_numbers(store::Store& store, const config::Config& config);

[[nodiscard]] inbox::TeamIds team_ids(const config::Config& config, const Numbers& numbers);

}  // namespace tocsin::app
