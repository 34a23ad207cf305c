// The plugin that is looked at, in a process of its own: started, jailed and watched by the very code that
// does so in the daemon. What it does not do: load it here.
#pragma once

#include <tocsin/plugin.h>

#include <memory>
#include <mutex>
#include <string>

#include "plugin/library.hpp"
#include "sandbox/remote_table.hpp"
#include "sandbox/sandboxes.hpp"

namespace tocsin::conformance {

class Sandboxed {
 public:
  explicit Sandboxed(std::string file) : file_(std::move(file)), mine_(turn_) {}
  // kUnavailable, as the daemon says it.
  [[nodiscard]] Result<plugin::Library> load();
  [[nodiscard]] sandbox::SandboxStatus status() const;
  // Set where its process has ended, by its own fault: how. Nothing more can be asked of it.
  [[nodiscard]] std::string ended() const;

  // Whose turn it is to touch a fake host: that of the one thread of the check, save during wait().
  [[nodiscard]] std::mutex& turn() { return turn_; }
  template <class Call>
  auto wait(const Call& call) {
    struct Given {
      std::unique_lock<std::mutex>& lock;
      explicit Given(std::unique_lock<std::mutex>& mine) : lock(mine) { lock.unlock(); }
      Given(const Given&) = delete;
      Given& operator=(const Given&) = delete;
      ~Given() { lock.lock(); }
    };
    const Given given(mine_);
    return call();
  }

 private:
  const std::string file_;
  std::mutex turn_;
  sandbox::Sandboxes sandboxes_;
  std::unique_lock<std::mutex> mine_;  // let go first: a supervisor that ends may wait for it
};

}  // namespace tocsin::conformance
