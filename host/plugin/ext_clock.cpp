// tocsin.clock/1: the host's time, and one-shot timers that fire on the strand. Timers run on the machine's
// steady clock, whatever clock the host tells the time by.
#include <tocsin/ext/clock.h>

#include "plugin/extensions.hpp"
#include "plugin/guard.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::int64_t kLongest = 7LL * 24 * 3600 * 1000;
constexpr std::size_t kMostTimers = 64;

std::int64_t unix_ms(const tocsin_host* host) {
  const auto instance = host == nullptr ? nullptr : Instance::of(host);
  const Services* const services = instance == nullptr ? nullptr : instance->services();
  return services == nullptr ? 0 : services->clock.unix_ms();
}

std::int64_t steady_ms(const tocsin_host* host) {
  const auto instance = host == nullptr ? nullptr : Instance::of(host);
  const Services* const services = instance == nullptr ? nullptr : instance->services();
  return services == nullptr ? 0 : services->clock.steady_us() / 1000;
}

tocsin_status start_timer(const tocsin_host* host, std::int64_t delay_ms, tocsin_timer_fn callback,
                          void* user, std::uint64_t* timer) {
  if (host == nullptr || callback == nullptr || timer == nullptr) return TOCSIN_E_INVALID;
  if (delay_ms < 0 || delay_ms > kLongest) return TOCSIN_E_INVALID;
  const auto instance = Instance::of(host);
  return instance == nullptr ? TOCSIN_E_CLOSING : instance->start_timer(delay_ms, callback, user, timer);
}

tocsin_status cancel_timer(const tocsin_host* host, std::uint64_t timer) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  const auto instance = Instance::of(host);
  return instance == nullptr ? TOCSIN_E_CLOSING : instance->cancel_timer(timer);
}

constexpr tocsin_clock kTable{&unix_ms, &steady_ms, &start_timer, &cancel_timer};

}  // namespace

const tocsin_clock& clock_extension() {
  return kTable;
}

tocsin_status Instance::start_timer(std::int64_t delay_ms, tocsin_timer_fn callback, void* user,
                                    std::uint64_t* timer) {
  const std::lock_guard lock(mutex_);
  if (closing_) return TOCSIN_E_CLOSING;
  if (timers_.size() >= kMostTimers) return TOCSIN_E_BUSY;
  const std::uint64_t id = ++last_timer_;
  const auto due = [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->strand_->post({Task::Kind::kTimer, id, nullptr});
  };
  timers_[id] = {callback, user, services_.pool.impl()->start_timer(delay_ms, due)};
  *timer = id;
  return TOCSIN_OK;
}

tocsin_status Instance::cancel_timer(std::uint64_t timer) {
  const std::lock_guard lock(mutex_);
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return TOCSIN_E_STALE;
  if (!gone_) services_.pool.impl()->cancel_timer(found->second.key);
  timers_.erase(found);
  return TOCSIN_OK;
}

void Instance::fire_timer(std::uint64_t timer) {
  Timer due;
  {
    const std::lock_guard lock(mutex_);
    const auto found = timers_.find(timer);
    if (found == timers_.end()) return;
    due = found->second;
    timers_.erase(found);
  }
  if (plugin_ == nullptr) return;  // create() refused, or has not come back: there is nobody to tell
  const auto thrown = guard([&] { due.callback(plugin_, due.user); });
  if (thrown) note_fault("threw from a timer: " + *thrown);
}

}  // namespace tocsin::plugin
