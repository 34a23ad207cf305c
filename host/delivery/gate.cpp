// See gate.hpp.
#include "delivery/gate.hpp"

namespace tocsin::delivery {
namespace {

std::size_t spread(ChannelId channel) {
  auto bits = static_cast<std::uint64_t>(channel) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(bits ^ (bits >> 32));
}

}  // namespace

GateTable::Slots::Slots(std::size_t count) : mask(count - 1), gates(new std::atomic<Gate*>[count]) {
  for (std::size_t i = 0; i < count; ++i) gates[i].store(nullptr, std::memory_order_relaxed);
}

GateTable::GateTable(std::int64_t per_channel, std::int64_t in_all)
    : per_channel_(per_channel), in_all_(in_all) {
  tables_.push_back(std::make_unique<Slots>(64));
  slots_.store(tables_.back().get());
}

bool GateTable::admit(ChannelId channel) {
  Gate* gate = find(channel);
  if (gate == nullptr || !gate->open.load(std::memory_order_relaxed)) return false;
  const std::int64_t before = gate->taken.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t before_in_all = taken_.fetch_add(1, std::memory_order_relaxed);
  if (before < per_channel_ && (before < kAlways || before_in_all < in_all_)) return true;
  give_back(*gate, 1);
  return false;
}

void GateTable::give_back(ChannelId channel, std::int64_t places) {
  if (Gate* gate = find(channel)) give_back(*gate, places);
}

void GateTable::give_back(Gate& gate, std::int64_t places) {
  gate.taken.fetch_sub(places, std::memory_order_relaxed);
  taken_.fetch_sub(places, std::memory_order_relaxed);
}

void GateTable::take(Gate& gate, std::int64_t places) {
  give_back(gate, -places);
}

Gate* GateTable::find(ChannelId channel) const {
  const Slots& slots = *slots_.load(std::memory_order_acquire);
  for (std::size_t at = spread(channel);; ++at) {
    Gate* gate = slots.gates[at & slots.mask].load(std::memory_order_acquire);
    if (gate == nullptr || gate->id == channel) return gate;
  }
}

void GateTable::insert(Slots& slots, Gate& gate) {
  std::size_t at = spread(gate.id);
  while (slots.gates[at & slots.mask].load(std::memory_order_relaxed) != nullptr) ++at;
  slots.gates[at & slots.mask].store(&gate, std::memory_order_release);
}

Gate& GateTable::find_or_add(ChannelId channel) {
  if (Gate* gate = find(channel)) return *gate;
  Gate& gate = gates_.emplace_back(channel);
  Slots& slots = *tables_.back();
  if (gates_.size() * 2 <= slots.mask + 1) {
    insert(slots, gate);
    return gate;
  }
  tables_.push_back(std::make_unique<Slots>((slots.mask + 1) * 2));
  for (Gate& known : gates_) insert(*tables_.back(), known);
  slots_.store(tables_.back().get(), std::memory_order_release);
  return gate;
}

}  // namespace tocsin::delivery
