// The attempts of one instance that are under way, and the handles the plugin holds instead of pointers: slot
// number and generation, so that a handle that is no longer live is recognised and never followed. Not
// thread-safe: its owner locks.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "plugin/message_view.hpp"

namespace tocsin::plugin {

// 0 is never a live one.
using Handle = std::uint64_t;

// What the last exchange of an attempt left for its record.
struct ExchangeFacts {
  int http_status = 0;
  std::string remote_address;
  std::string response;  // redacted
  std::string reason;    // why there was no answer
};

struct LiveDelivery {
  enum class State : std::uint8_t {
    kFree,
    kQueued,     // not given to the plugin yet
    kRunning,    // the plugin has it
    kEnding,     // a complete() is writing its record
    kAbandoned,  // ended by the host; the plugin may still read the message
  };
  State state = State::kFree;
  std::uint32_t generation = 0;
  std::uint32_t exchanges = 0;  // in flight
  Job job;
  std::int64_t started_ms = 0;
  std::int64_t started_us = 0;
  ExchangeFacts facts;
  MessageView view;
};

// A handle that was live once.
struct PastDelivery {
  Handle handle = 0;
  DeliveryId delivery = 0;
  bool by_host = false;  // timed out, or stopped
};

class LiveDeliveries {
 public:
  [[nodiscard]] Handle add(Job job);  // as kQueued
  // Any state but kFree; nullptr where the handle is not live. Addresses hold until release().
  [[nodiscard]] LiveDelivery* find(Handle handle);
  [[nodiscard]] Handle find_delivery(DeliveryId delivery) const;  // queued or running; 0: none
  // Frees the slot; returns the job so that its event dies outside the owner's lock.
  Job release(Handle handle, bool by_host);
  // Leaves it to the plugin's memory only; the oldest beyond 256 of these is released.
  void abandon(Handle handle);
  [[nodiscard]] PastDelivery find_past(Handle handle) const;
  void release_abandoned();

  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].state != LiveDelivery::State::kFree) visit(handle_of(i), slots_[i]);
    }
  }

 private:
  [[nodiscard]] Handle handle_of(std::size_t index) const {
    return static_cast<Handle>(slots_[index].generation) << 32 | (index + 1);
  }

  std::deque<LiveDelivery> slots_;  // addresses stay
  std::vector<std::uint32_t> free_;
  std::deque<Handle> abandoned_;
  std::array<PastDelivery, 64> past_{};
  std::size_t next_past_ = 0;
};

}  // namespace tocsin::plugin
