// tocsin/testing/host_door.hpp - what a channel under test has for a host, and what becomes of its calls that
// come too late.
//
// Why: a thread of the channel's that outlives destroy() calls a host which a test has long left behind; that
// shall be counted, and touch nobody's memory. A door is therefore never freed, and is another channel's only
// after thousands of others were made, so that a fuzzer may run for days. What it does not do: keep a host
// alive; a call from a second thread while destroy() returns is as unsafe as any other call from one.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <tocsin/plugin.hpp>

namespace tocsin::testing {

class fake_host;

class host_door {
 public:
  // An open one. `host` lends its functions and texts.
  static host_door& make(fake_host& to, const tocsin_host& host);
  host_door() = default;
  host_door(const host_door&) = delete;
  host_door& operator=(const host_door&) = delete;

  void close() noexcept { to_ = nullptr; }
  const tocsin_host& host() const noexcept { return host_; }

  // Null, and counted: the channel has been destroyed.
  static fake_host* enter(const tocsin_host* host) noexcept {
    fake_host* const to = static_cast<host_door*>(host->ctx)->to_;
    if (to == nullptr) ++late;
    return to;
  }

  static std::size_t late_calls() noexcept { return late; }
  static std::size_t kept_bytes();

 private:
  struct slab;
  static host_door* find_closed();
  static constexpr std::size_t most = 4096;

  tocsin_host host_{};
  std::atomic<fake_host*> to_{nullptr};

  static inline std::mutex mutex;
  static inline slab* newest = nullptr;
  static inline std::size_t made = 0;
  static inline slab* looked_at = nullptr;  // where find_closed() goes on
  static inline std::size_t looked_to = 0;
  static inline std::atomic<std::size_t> late{0};
};

// Many at a time, so that kept_bytes() is about what an allocator would say.
struct host_door::slab {
  explicit slab(slab* before) : older(before) {}
  slab* const older;
  std::size_t used = 0;
  std::array<host_door, 64> doors;
};

inline host_door& host_door::make(fake_host& to, const tocsin_host& host) {
  const std::lock_guard lock(mutex);
  host_door* door = made < most ? nullptr : find_closed();
  if (door == nullptr) {
    if (newest == nullptr || newest->used == newest->doors.size()) newest = new slab(newest);
    door = &newest->doors[newest->used++];
    ++made;
  }
  door->host_ = host;
  door->host_.ctx = door;
  door->to_ = &to;
  return *door;
}

// The one that has been closed the longest, nearly: they are gone through in turn.
inline host_door* host_door::find_closed() {
  for (std::size_t i = 0; i < made; ++i) {
    if (looked_at == nullptr || looked_to == looked_at->used) {
      looked_at = looked_at == nullptr || looked_at->older == nullptr ? newest : looked_at->older;
      looked_to = 0;
    }
    host_door& door = looked_at->doors[looked_to++];
    if (door.to_ == nullptr) return &door;
  }
  return nullptr;
}

inline std::size_t host_door::kept_bytes() {
  const std::lock_guard lock(mutex);
  std::size_t bytes = 0;
  for (const slab* one = newest; one != nullptr; one = one->older) bytes += sizeof *one;
  return bytes;
}

// [any] How many calls came to any fake host of this process after its channel's destroy() had returned. Each
// is a fault of the channel's: it has to join in destroy() every thread that may still call the host.
inline std::size_t late_calls() noexcept {
  return host_door::late_calls();
}

// [any] The memory of all doors, for who measures a channel's: it grows by the kit's doing.
inline std::size_t door_bytes() {
  return host_door::kept_bytes();
}

}  // namespace tocsin::testing
