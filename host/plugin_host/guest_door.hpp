// What the plugin in this process has for a host. It is never freed: a thread of the plugin's that outlives
// destroy() finds a closed door and not an instance's memory. Such a call does nothing, and the daemon is
// told of the first one. host/plugin/host_door.hpp is the same in the daemon's own process.
#pragma once

#include <tocsin/plugin.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "plugin_host/link.hpp"

namespace tocsin::plugin_host {

class Guest;

class GuestDoor {
 public:
  // Open, to `guest`, which lives at least until it is closed. `host` lends its functions.
  static GuestDoor& make(Link& link, std::shared_ptr<Guest> guest, const tocsin_host& host,
                         const std::string& version, const std::string& team, const std::string& channel);
  GuestDoor(const GuestDoor&) = delete;
  GuestDoor& operator=(const GuestDoor&) = delete;

  [[nodiscard]] const tocsin_host& host() const { return host_; }
  void close();  // destroy() has returned

  // [any] Null: the plugin calls too late.
  static std::shared_ptr<Guest> enter(const tocsin_host* host);
  // Memory of all doors: ours, and no leak of the plugin's.
  [[nodiscard]] static std::size_t kept_bytes();

 private:
  GuestDoor(Link& link, std::shared_ptr<Guest> guest, const tocsin_host& host, const std::string& version,
            const std::string& team, const std::string& channel);
  ~GuestDoor() = default;
  void blame();

  Link& link_;
  const std::unique_ptr<char[]> texts_;  // version, team and channel
  tocsin_host host_;
  std::mutex mutex_;
  std::shared_ptr<Guest> guest_;
  std::atomic<bool> is_blamed_{false};
  GuestDoor* older_ = nullptr;
};

}  // namespace tocsin::plugin_host
