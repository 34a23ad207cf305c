// What the rooms are given of a configuration, as the values they take. Pure.
#pragma once

#include <memory>
#include <vector>

#include "app/assembly.hpp"
#include "app/instances.hpp"
#include "app/numbers.hpp"
#include "delivery/engine.hpp"
#include "ingest/intake.hpp"

namespace tocsin::app {

// For the engine: every channel with its instance.
[[nodiscard]] std::vector<delivery::ChannelSetup> make_setups(const Assembly& assembly,
                                                              const Numbers& numbers,
                                                              const RunningByName& running);

// For intake: every team with its rules and the store's numbers.
[[nodiscard]] std::shared_ptr<const ingest::RoutingTable> make_table(const config::Config& config,
                                                                     const Numbers& numbers);

}  // namespace tocsin::app
