// Every sandboxed plugin of this daemon: loads them for the plugin set, tells how they do, ends their
// quarantine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/plugin_set.hpp"
#include "sandbox/status.hpp"

namespace tocsin::sandbox {

class Supervisor;

class Sandboxes {
 public:
  // `quarantined` is told on a thread of ours when a plugin must not be given anything more; must not block.
  explicit Sandboxes(std::function<void()> quarantined = {});
  ~Sandboxes();

  // For PluginSet: what stands behind a source with Isolation::kSandbox. It is this path's once it takes
  // over, which waits for nothing: then the one before makes no instance any more, and its process ends with
  // its last one.
  [[nodiscard]] Result<plugin::Library> load(const plugin::PluginSource& source);
  [[nodiscard]] std::optional<SandboxStatus> status(const std::string& path) const;
  // Why nothing can be given to it now; empty where it can, or is none of ours.
  [[nodiscard]] std::string blocked(const std::string& path) const;
  // kNotFound: no sandboxed plugin of that path.
  Result<void> reset(const std::string& path);
  // Behind the end of every instance.
  void stop();

 private:
  void take_over(const std::string& path, const std::shared_ptr<Supervisor>& supervisor);
  void retire(const std::shared_ptr<Supervisor>& supervisor);
  void free_retired();

  const std::function<void()> quarantined_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Supervisor>> by_path_;
  // Their tables are known to instances that end. Freed when another one is loaded, and nobody knows them any
  // more.
  std::vector<std::shared_ptr<Supervisor>> retired_;
};

}  // namespace tocsin::sandbox
