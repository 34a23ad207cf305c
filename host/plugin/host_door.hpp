// What a plugin has for a host. It is never freed, so that a thread of the plugin's that outlives destroy()
// finds a closed door and not an instance's memory: the call does nothing, and the first one is logged.
//
// It costs a few hundred bytes for each time that a channel is made, for the life of the process. What it
// does not do: carry out a call; that is the instance's.
#pragma once

#include <tocsin/plugin.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace tocsin::plugin {

class Instance;

class HostDoor {
 public:
  using Log = std::function<void(int level, const std::string& channel, const std::string& text)>;

  // `log` is kept for the life of the process, too.
  static HostDoor& make(std::string type, std::string team, std::string channel, Log log);
  HostDoor(const HostDoor&) = delete;
  HostDoor& operator=(const HostDoor&) = delete;

  // Before the plugin has the host; an instance does not know its own shared_ptr while it is being built.
  void lead_to(std::weak_ptr<Instance> instance) { instance_ = std::move(instance); }
  [[nodiscard]] const tocsin_host& host() const { return host_; }

  // The plugin has no business here any more: `ended` says since when, as in "destroy() had returned".
  void close(const char* ended) { ended_ = ended; }

  // [any] Who answers the plugin's call, for as long as that takes. Null: it came after the end, or while an
  // instance that nobody stopped is going away.
  static std::shared_ptr<Instance> enter(const tocsin_host* host);

 private:
  HostDoor(std::string type, std::string team, std::string channel, Log log);
  ~HostDoor() = default;
  void blame(const char* ended);

  const std::string type_, team_, channel_;
  const Log log_;
  tocsin_host host_;
  std::weak_ptr<Instance> instance_;
  std::atomic<const char*> ended_{nullptr};
  std::atomic<bool> is_blamed_{false};
  HostDoor* older_ = nullptr;
};

}  // namespace tocsin::plugin
