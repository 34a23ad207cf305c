// See pool.hpp. Waits are against the system clock's condition variable only, since the sanitizers cannot
// follow the steady one; a wait that ends early or late costs one look at the queue.
#include "plugin/pool.hpp"

#include <algorithm>

#include "net/exchange.hpp"

namespace tocsin::plugin {

namespace {
constexpr auto kGraceOfThreads = std::chrono::seconds(2);
}

void PluginPool::Impl::start(unsigned threads) {
  count_ = std::max(threads, 1U);
  const std::lock_guard lock(mutex_);
  running_ = count_;
  for (unsigned i = 0; i < count_; ++i) {
    threads_.emplace_back([self = shared_from_this()] { self->work(); });
  }
}

void PluginPool::Impl::post(Ready ready, Wake wake) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ && running_ == 0) return;  // nobody will ever run it
    ready_.push_back(std::move(ready));
    if (wake == Wake::kWithBatch && batched_) {
      ++unannounced_;
      return;
    }
  }
  wake_.notify_one();
}

void PluginPool::Impl::announce() {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::exchange(unannounced_, 0);
    if (ready_.empty()) return;
  }
  if (waiting == 1) wake_.notify_one();
  if (waiting > 1) wake_.notify_all();
}

void PluginPool::Impl::wait(std::unique_lock<std::mutex>& lock) {
  if (timers_.empty()) {
    wake_.wait(lock);
    return;
  }
  const auto left = timers_.begin()->first.first - std::chrono::steady_clock::now();
  wake_.wait_until(lock, std::chrono::system_clock::now() +
                             std::chrono::ceil<std::chrono::milliseconds>(std::max(left, left.zero())));
}

std::vector<std::function<void()>> PluginPool::Impl::take_due() {
  std::vector<std::function<void()>> due;
  if (timers_.empty()) return due;
  const auto now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    due.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
  return due;
}

void PluginPool::Impl::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (auto due = take_due(); !due.empty()) {
      lock.unlock();
      for (const auto& run : due) run();
      due.clear();
      lock.lock();
      continue;
    }
    if (!ready_.empty()) {
      Ready ready = std::move(ready_.front());
      ready_.pop_front();
      lock.unlock();
      ready.work->run();
      ready.keep.reset();
      lock.lock();
      continue;
    }
    if (stopping_) break;
    wait(lock);
  }
  --running_;
  ended_.notify_all();
}

void PluginPool::Impl::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  timers_.clear();
  wake_.notify_all();
  ended_.wait_until(lock, std::chrono::system_clock::now() + kGraceOfThreads,
                    [this] { return running_ == 0; });
  const bool all_ended = running_ == 0;
  std::vector<std::thread> threads = std::move(threads_);
  threads_.clear();
  lock.unlock();
  for (auto& thread : threads) {
    if (all_ended) {
      thread.join();
    } else {
      thread.detach();  // a plugin did not return; its instance said so when it was stopped
    }
  }
}

PluginPool::Impl::TimerKey PluginPool::Impl::start_timer(std::int64_t delay_ms, std::function<void()> due) {
  const auto at = std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms);
  TimerKey key;
  {
    const std::lock_guard lock(mutex_);
    key = {at, ++last_timer_};
    timers_.emplace(key, std::move(due));
  }
  wake_.notify_one();
  return key;
}

void PluginPool::Impl::cancel_timer(const TimerKey& key) {
  const std::lock_guard lock(mutex_);
  timers_.erase(key);
}

PluginPool::PluginPool(unsigned threads) : impl_(std::make_shared<Impl>()) {
  impl_->start(threads);
}
PluginPool::~PluginPool() {
  stop();
}
void PluginPool::stop() {
  impl_->stop();
}

void PluginPool::wake_with(net::ExchangeEngine& exchanges) {
  impl_->batch_answers();
  exchanges.on_batch_done([pool = impl_] { pool->announce(); });
}

}  // namespace tocsin::plugin
