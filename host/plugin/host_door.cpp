// See host_door.hpp.
#include "plugin/host_door.hpp"

#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {

// Through it every door can be reached, for those who look for lost memory.
std::atomic<HostDoor*> newest{nullptr};

}  // namespace

HostDoor::HostDoor(std::string type, std::string team, std::string channel, Log log)
    : type_(std::move(type)),
      team_(std::move(team)),
      channel_(std::move(channel)),
      log_(std::move(log)),
      host_(host_table()) {
  host_.ctx = this;
  host_.team = c_view(team_);
  host_.channel = c_view(channel_);
}

HostDoor& HostDoor::make(std::string type, std::string team, std::string channel, Log log) {
  auto* const door = new HostDoor(std::move(type), std::move(team), std::move(channel), std::move(log));
  door->older_ = newest.load();
  while (!newest.compare_exchange_weak(door->older_, door)) {
  }
  return *door;
}

std::shared_ptr<Instance> HostDoor::enter(const tocsin_host* host) {
  auto& door = *static_cast<HostDoor*>(host->ctx);
  if (const char* const ended = door.ended_) {
    door.blame(ended);
    return nullptr;
  }
  return door.instance_.lock();
}

void HostDoor::blame(const char* ended) {
  if (is_blamed_.exchange(true) || !log_) return;
  log_(TOCSIN_LOG_ERROR, team_ + '/' + channel_,
       "plugin " + type_ + " called its host after " + ended + ": a thread of its own goes on");
}

}  // namespace tocsin::plugin
