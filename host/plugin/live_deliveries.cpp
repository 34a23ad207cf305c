// See live_deliveries.hpp.
#include "plugin/live_deliveries.hpp"

#include <algorithm>

namespace tocsin::plugin {

namespace {
constexpr std::size_t kMostAbandoned = 256;
}

Handle LiveDeliveries::add(Job job) {
  if (free_.empty()) {
    slots_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  LiveDelivery& slot = slots_[index];
  ++slot.generation;
  slot.state = LiveDelivery::State::kQueued;
  slot.job = std::move(job);
  slot.exchanges = 0;
  slot.started_ms = 0;
  slot.started_us = 0;
  slot.facts = {};
  return handle_of(index);
}

LiveDelivery* LiveDeliveries::find(Handle handle) {
  const std::uint64_t index = (handle & 0xFFFFFFFF) - 1;
  if (handle == 0 || index >= slots_.size()) return nullptr;
  LiveDelivery& slot = slots_[index];
  const bool live = slot.state != LiveDelivery::State::kFree && slot.generation == handle >> 32;
  return live ? &slot : nullptr;
}

Handle LiveDeliveries::find_delivery(DeliveryId delivery) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto state = slots_[i].state;
    const bool going = state == LiveDelivery::State::kQueued || state == LiveDelivery::State::kRunning;
    if (going && slots_[i].job.delivery == delivery) return handle_of(i);
  }
  return 0;
}

Job LiveDeliveries::release(Handle handle, bool by_host) {
  LiveDelivery& slot = *find(handle);
  past_[next_past_++ % past_.size()] = {handle, slot.job.delivery, by_host};
  Job job = std::move(slot.job);
  slot.job = {};
  slot.state = LiveDelivery::State::kFree;
  slot.view.clear();
  free_.push_back(static_cast<std::uint32_t>((handle & 0xFFFFFFFF) - 1));
  return job;
}

void LiveDeliveries::abandon(Handle handle) {
  find(handle)->state = LiveDelivery::State::kAbandoned;
  abandoned_.push_back(handle);
  while (abandoned_.size() > kMostAbandoned) {
    const auto* oldest = find(abandoned_.front());
    if (oldest != nullptr && oldest->state == LiveDelivery::State::kAbandoned) {
      release(abandoned_.front(), true);
    }
    abandoned_.pop_front();
  }
}

void LiveDeliveries::release_abandoned() {
  for (const Handle handle : abandoned_) {
    if (find(handle) != nullptr) release(handle, true);
  }
  abandoned_.clear();
}

PastDelivery LiveDeliveries::find_past(Handle handle) const {
  const auto found = std::find_if(past_.begin(), past_.end(),
                                  [&](const PastDelivery& past) { return past.handle == handle; });
  return found == past_.end() || handle == 0 ? PastDelivery{} : *found;
}

}  // namespace tocsin::plugin
