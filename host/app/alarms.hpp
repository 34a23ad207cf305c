// What goes wrong with tocsin itself, as events of the team it concerns: a channel that stopped, deliveries
// that failed for good, a secret that does not open, a disk that is nearly full. They go wherever the team's
// rules send them but through the channel they are about, and what fails of them raises nothing: no loop.
// Here is how often something is said; how it is stored is intake's business.
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

  // On the thread of the call. An event without a team is every team's.
  using Raise = std::function<void(ingest::OwnEvent)>;
  Alarms(const Clock& clock, Raise raise) : clock_(clock), raise_(std::move(raise)) {}

  // [core]
  void tell(const delivery::Trouble& trouble);
  // [any] The file system of the data directory is nearly full.
  void tell_of_space(std::int64_t free_bytes) const;
  // [any] A channel whose plugin must not be given anything.
  void tell_of_block(const std::string& team, const std::string& channel, const std::string& reason) const;
  // [any] Something that the team keeps (`channel "ops"`) does not fit any more and is not in force.
  void tell_of_left_out(const std::string& team, const std::string& title, const std::string& channel,
                        const std::string& reason) const;
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
