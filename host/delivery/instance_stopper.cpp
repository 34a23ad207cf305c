// See instance_stopper.hpp.
#include "delivery/instance_stopper.hpp"

#include <utility>

namespace tocsin::delivery {

InstanceStopper::~InstanceStopper() {
  finish();
}

void InstanceStopper::stop(std::shared_ptr<plugin::ChannelInstance> instance, std::int64_t grace_ms,
                           std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(instance), grace_ms, std::move(done)});
    if (tasks_.size() > idle_ && threads_.size() < kMaxThreads) {
      threads_.emplace_back([this] { run(); });
    }
  }
  condition_.notify_one();
}

void InstanceStopper::finish() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    threads.swap(threads_);
  }
  condition_.notify_all();
  for (auto& thread : threads) thread.join();
  const std::lock_guard lock(mutex_);
  finishing_ = false;
}

void InstanceStopper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    condition_.wait(lock, [this] { return finishing_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task.instance->stop(task.grace_ms);
    if (task.done) task.done();
    task = {};  // the instance may be destroyed here, too
    lock.lock();
  }
}

}  // namespace tocsin::delivery
