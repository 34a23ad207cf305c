// See guest_door.hpp.
#include "plugin_host/guest_door.hpp"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "plugin_host/guest.hpp"

namespace tocsin::plugin_host {

namespace {

// Through it every door can be reached, for those who look for lost memory.
std::atomic<GuestDoor*> newest{nullptr};
std::atomic<std::size_t> kept{0};

// With what the allocator writes in front of it.
std::size_t bytes_of(void* block) {
  return ::malloc_usable_size(block) + sizeof(std::size_t);
}

}  // namespace

GuestDoor::GuestDoor(Link& link, std::shared_ptr<Guest> guest, const tocsin_host& host,
                     const std::string& version, const std::string& team, const std::string& channel)
    : link_(link),
      texts_(std::make_unique<char[]>(version.size() + team.size() + channel.size() + 1)),
      host_(host),
      guest_(std::move(guest)) {
  char* at = texts_.get();
  const auto keep = [&](const std::string& text) {
    const char* const from = at;
    at = std::copy(text.begin(), text.end(), at);
    return tocsin_str{from, text.size()};
  };
  host_.ctx = this;
  host_.version = keep(version);
  host_.team = keep(team);
  host_.channel = keep(channel);
}

GuestDoor& GuestDoor::make(Link& link, std::shared_ptr<Guest> guest, const tocsin_host& host,
                           const std::string& version, const std::string& team, const std::string& channel) {
  auto* const door = new GuestDoor(link, std::move(guest), host, version, team, channel);
  kept += bytes_of(door) + bytes_of(door->texts_.get());
  door->older_ = newest.load();
  while (!newest.compare_exchange_weak(door->older_, door)) {
  }
  return *door;
}

void GuestDoor::close() {
  std::shared_ptr<Guest> guest;  // outlives the lock
  const std::lock_guard lock(mutex_);
  guest = std::move(guest_);
}

std::shared_ptr<Guest> GuestDoor::enter(const tocsin_host* host) {
  auto& door = *static_cast<GuestDoor*>(host->ctx);
  {
    const std::lock_guard lock(door.mutex_);
    if (door.guest_ != nullptr) return door.guest_;
  }
  door.blame();
  return nullptr;
}

void GuestDoor::blame() {
  if (is_blamed_.exchange(true)) return;
  link_.send({wire::Kind::kNoticed, 0, 0, 0,
              "called its host after destroy() had returned: a thread of its own goes on"});
}

std::size_t GuestDoor::kept_bytes() {
  return kept;
}

}  // namespace tocsin::plugin_host
