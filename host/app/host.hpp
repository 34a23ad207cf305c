// The composition root: builds the house upward from a configuration, wires the rooms, takes it down again.
// The one place that sees everything; it decides nothing about events or deliveries.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "model/clock.hpp"

namespace tocsin::app {

class Host {
 public:
  // Opens everything, serves nothing yet. kInvalid: the configuration is wrong (every fault in `fields`).
  // Else what could not be opened and why.
  static Result<std::unique_ptr<Host>> open(const config::Config& config, const Clock& clock);
  ~Host();

  // kInvalid: a channel's type is unknown. One that refuses a channel's settings keeps only that channel from
  // delivering. After a failure only the destructor is of use.
  Result<void> start();
  // "127.0.0.1:8080", with the real ports.
  [[nodiscard]] std::vector<std::string> addresses() const;

  // Checks all of it first; on failure nothing has changed and the error says why. Events keep being
  // accepted.
  Result<void> reload(const config::Config& config);

  // Stops intake, finishes or releases what is in flight within `grace_ms`, writes, closes. Loses and doubles
  // nothing.
  void stop(std::int64_t grace_ms);

  // True once the store can no longer promise durability; `on_failure` was called then. The process must exit
  // non-zero.
  [[nodiscard]] bool failed() const;

 private:
  class Impl;
  explicit Host(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::app
