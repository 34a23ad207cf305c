// Which delivery is in the process, and which waits to be given to it. See supervisor.hpp.
#include <algorithm>

#include "sandbox/supervisor.hpp"

namespace tocsin::sandbox {

using wire::Kind;

void Supervisor::deliver(Remote& remote, const tocsin_message& message, Handle handle) {
  RemoteDelivery delivery;
  delivery.key.assign(message.id.ptr, message.id.len);
  wire::Writer write(delivery.payload);
  tocsin_message copy = message;
  pass(write, copy);
  const Lock lock(mutex_);
  const auto crashes = crashes_of_.empty() ? crashes_of_.end() : crashes_of_.find(delivery.key);
  delivery.is_alone = crashes != crashes_of_.end() && crashes->second >= kCrashesUntilAlone;
  enter(remote, handle, std::move(delivery));
}

void Supervisor::verify(Remote& remote, Handle handle) {
  RemoteDelivery delivery;
  delivery.is_verification = true;
  const Lock lock(mutex_);
  enter(remote, handle, std::move(delivery));
}

void Supervisor::enter(Remote& remote, Handle handle, RemoteDelivery delivery) {
  RemoteDelivery& entered = remote.deliveries[handle] = std::move(delivery);
  const bool at_once = state_ == State::kRunning && remote.state == Remote::State::kReady &&
                       !entered.is_alone && waiting_alone_.empty() && !alone_;
  if (at_once) return give(remote, handle, entered);
  if (entered.is_alone) {
    waiting_alone_.emplace_back(remote.number, handle);
  } else {
    waiting_.emplace_back(remote.number, handle);
  }
  give_waiting();
}

void Supervisor::give(Remote& remote, Handle handle, RemoteDelivery& delivery) {
  delivery.is_given = true;
  ++given_;
  push({delivery.is_verification ? Kind::kVerify : Kind::kDeliver, remote.number, 0, handle,
        delivery.payload});
}

void Supervisor::give_waiting() {
  if (state_ != State::kRunning || alone_) return;
  while (!waiting_alone_.empty()) {
    const auto [number, handle] = waiting_alone_.front();
    Remote* const remote = find(number);
    const bool is_there = remote != nullptr && remote->deliveries.contains(handle);
    // The others are let out first, and none is let in.
    if (is_there && (given_ > 0 || remote->state != Remote::State::kReady)) return;
    waiting_alone_.pop_front();
    if (!is_there) continue;
    alone_.emplace(number, handle);
    return give(*remote, handle, remote->deliveries.at(handle));
  }
  std::vector<std::pair<std::uint32_t, Handle>> still;
  for (const auto& [number, handle] : waiting_) {
    Remote* const remote = find(number);
    if (remote == nullptr) continue;
    const auto found = remote->deliveries.find(handle);
    if (found == remote->deliveries.end() || found->second.is_given) continue;
    if (remote->state == Remote::State::kReady) {
      give(*remote, handle, found->second);
    } else {
      still.emplace_back(number, handle);
    }
  }
  waiting_ = std::move(still);
}

// It has ended, for the host or by the plugin's word.
void Supervisor::leave(Remote& remote, Handle handle) {
  const auto found = remote.deliveries.find(handle);
  if (found == remote.deliveries.end()) return;
  if (found->second.is_given) --given_;
  if (alone_ && *alone_ == std::pair(remote.number, handle)) alone_.reset();
  remote.deliveries.erase(found);
}

void Supervisor::cancel(Remote& remote, Handle handle) {
  const Lock lock(mutex_);
  const auto found = remote.deliveries.find(handle);
  if (found == remote.deliveries.end()) return;
  if (found->second.is_given) push({Kind::kCancel, remote.number, 0, handle, {}});
  leave(remote, handle);  // the host has ended it
  give_waiting();
}

// ---- what the host has carried out

template <class Answer>
void Supervisor::answered(Remote& remote, Handle handle, const Answer& answer, std::uint64_t exchange,
                          Kind kind, bool may_have_left) {
  wire::Message message{kind, remote.number, 0, handle, std::string(sizeof(std::uint64_t), '\0')};
  wire::Writer write(message.payload);
  Answer copy = answer;
  pass(write, copy);
  Verdicts verdicts;
  {
    const Lock lock(mutex_);
    const auto known = remote.exchanges.find(exchange);
    if (known == remote.exchanges.end()) return;
    const RemoteExchange asked = known->second;
    remote.exchanges.erase(known);
    const auto found = remote.deliveries.find(handle);
    if (found != remote.deliveries.end()) {
      --found->second.exchanges;
      if (may_have_left) found->second.may_have_left = true;
    }
    if (asked.generation == generation_ && state_ == State::kRunning) {
      message.payload.replace(0, sizeof asked.number, reinterpret_cast<const char*>(&asked.number),
                              sizeof asked.number);
      push(std::move(message));
    } else if (found != remote.deliveries.end() && found->second.is_orphan) {
      const auto kept = remotes_.find(remote.number);
      if (kept != remotes_.end()) orphan_ended(kept->second, handle, verdicts);
    }
  }
  tell(verdicts);
}

void Supervisor::http_done(Remote& remote, Handle handle, const tocsin_http_response& answer,
                           std::uint64_t exchange) {
  answered(remote, handle, answer, exchange, Kind::kHttpDone, answer.request_sent != 0);
}
void Supervisor::mail_done(Remote& remote, Handle handle, const tocsin_smtp_reply& answer,
                           std::uint64_t exchange) {
  answered(remote, handle, answer, exchange, Kind::kMailDone, answer.request_sent != 0);
}
// An item that is put again is no second one.
void Supervisor::put_done(Remote& remote, Handle handle, const tocsin_inbox_result& answer,
                          std::uint64_t exchange) {
  answered(remote, handle, answer, exchange, Kind::kPutDone, false);
}

void Supervisor::timer_due(Remote& remote, std::uint64_t timer) {
  const Lock lock(mutex_);
  const auto found = remote.timers.find(timer);
  if (found == remote.timers.end()) return;
  push({Kind::kTimerDue, remote.number, 0, found->second.number, {}});
  remote.timers.erase(found);
}

}  // namespace tocsin::sandbox
