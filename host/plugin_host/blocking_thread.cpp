// See blocking_thread.hpp.
#include "plugin_host/blocking_thread.hpp"

#include <thread>

#include "plugin_host/guest.hpp"

namespace tocsin::plugin_host {

void BlockingThread::push(wire::Message message) {
  const std::lock_guard lock(mutex_);
  line_.push_back(std::move(message));
  if (!started_) std::thread([this, kept = guest_.shared_from_this()] { run(); }).detach();
  started_ = true;
  changed_.notify_one();  // under the lock: behind the last message this is gone as soon as it is free
}

void BlockingThread::run() {
  while (true) {
    wire::Message message;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !line_.empty(); });
      message = std::move(line_.front());
      line_.pop_front();
    }
    const bool last = message.kind == wire::Kind::kDestroy;
    guest_.handle(std::move(message));
    if (last) return;
  }
}

}  // namespace tocsin::plugin_host
