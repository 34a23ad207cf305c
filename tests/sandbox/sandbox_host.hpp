// A sandboxed plugin's channel with everything it needs around it, for real.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/channel_host.hpp"
#include "sandbox/sandboxes.hpp"

namespace tocsin::sandbox::tests {

[[nodiscard]] inline std::string faulty(const std::string& name) {
  return TOCSIN_BINARY_DIR "/tests/faulty/" + name + ".so";
}
inline const std::string kHostile = TOCSIN_BINARY_DIR "/tests/hostile/hostile.so";

// Looks again until it holds; false after a generous deadline.
[[nodiscard]] bool comes_true(const std::function<bool()>& condition);

class SandboxHost {
 public:
  explicit SandboxHost(const std::string& file, bool requires_full = false);
  ~SandboxHost();

  // The channel of its first type; `settings` checked as at saving.
  Result<std::shared_ptr<plugin::ChannelInstance>> make(const std::string& settings = "{}");
  [[nodiscard]] SandboxStatus status() const { return *sandboxes.status(path); }
  [[nodiscard]] bool comes_to(const std::function<bool(const SandboxStatus&)>& condition) const;

  std::string path;
  std::atomic<int> quarantines{0};
  Sandboxes sandboxes{[this] { ++quarantines; }};
  plugin::PluginSet set;
  plugin::tests::ChannelHost host;

 private:
  std::vector<std::shared_ptr<plugin::ChannelInstance>> made_;
};

}  // namespace tocsin::sandbox::tests
