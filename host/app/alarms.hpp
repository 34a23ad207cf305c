// What goes wrong with tocsin itself, as events of the team it concerns: a channel that stopped, deliveries
// that failed for good, a secret that does not open. They go wherever the team's rules send them but through
// the channel they are about, and what fails of them raises nothing: no loop. Here is how often something is
// said; how it is stored is intake's business.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "delivery/engine.hpp"
#include "ingest/intake.hpp"
#include "model/clock.hpp"

namespace tocsin::app {

class Alarms {
 public:
  // A channel whose deliveries go on failing is spoken of once in so long.
  static constexpr std::int64_t kAgainMs = 600'000;

  using Raise = std::function<void(ingest::OwnEvent)>;  // on the thread of the call
  Alarms(const Clock& clock, Raise raise) : clock_(clock), raise_(std::move(raise)) {}

  // [core]
  void tell(const delivery::Trouble& trouble);
  // [any] A channel whose stored secret does not open.
  void tell_of_secret(const std::string& team, const std::string& channel, const std::string& reason) const;

 private:
  struct Failing {
    std::int64_t told_ms = 0;
    std::int64_t since_then = 0;
  };
  const Clock& clock_;
  const Raise raise_;
  std::unordered_map<ChannelId, Failing> failing_;  // [core]
};

}  // namespace tocsin::app
