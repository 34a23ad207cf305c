// Who may be accepted as hot: a place count per channel that any thread asks without a lock, so that the
// answer to a producer costs two atomic operations. A gate is made once per channel and never freed while the
// engine lives; whether it is open is the core's decision (channel_queue.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "model/ids.hpp"

namespace tocsin::delivery {

struct Gate {
  explicit Gate(ChannelId channel) : id(channel) {}
  const ChannelId id;
  std::atomic<bool> open{false};
  std::atomic<std::int64_t> taken{0};  // waiting in the queue or reserved
};

// Channel number -> gate: open addressing over atomic pointers. Adding is one thread's; finding is anyone's.
class GateTable {
 public:
  // `per_channel` places a channel; above kAlways of them only while all channels together hold fewer than
  // `in_all`, so that a thousand slow channels cannot fill the memory, nor take the places of a fast one.
  GateTable(std::int64_t per_channel, std::int64_t in_all);
  static constexpr std::int64_t kAlways = 16;

  // [any] True: one place is taken.
  [[nodiscard]] bool admit(ChannelId channel);
  // [any]
  void give_back(ChannelId channel, std::int64_t places);
  void give_back(Gate& gate, std::int64_t places);
  // [core] Takes places without asking: what was claimed from the store has to be somewhere.
  void take(Gate& gate, std::int64_t places);

  // [core]
  Gate& find_or_add(ChannelId channel);

 private:
  struct Slots {
    explicit Slots(std::size_t count);
    std::size_t mask;
    std::unique_ptr<std::atomic<Gate*>[]> gates;
  };
  [[nodiscard]] Gate* find(ChannelId channel) const;
  static void insert(Slots& slots, Gate& gate);

  const std::int64_t per_channel_;
  const std::int64_t in_all_;
  std::atomic<std::int64_t> taken_{0};
  std::atomic<Slots*> slots_;
  std::vector<std::unique_ptr<Slots>> tables_;  // outgrown ones stay: a reader may still walk them
  std::deque<Gate> gates_;
};

}  // namespace tocsin::delivery
