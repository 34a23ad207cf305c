// The threads that run plugin code, and the timers that plugins start. A fixed number of threads takes
// strands from one queue; a strand is in that queue at most once. It knows no plugin and no delivery.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "plugin/channel_instance.hpp"

namespace tocsin::plugin {

// Something with work to do, and what keeps it alive until it has run.
class Runnable {
 public:
  virtual ~Runnable() = default;
  virtual void run() = 0;  // [pool]
};
struct Ready {
  std::shared_ptr<void> keep;
  Runnable* work = nullptr;
};

enum class Wake : std::uint8_t {
  kNow,
  kWithBatch,  // on the egress thread: one wake-up follows for all answers of a batch
};

// Shared by the pool, its threads and its strands, because a plugin that never returns must not hold up the
// end of the daemon: its thread is then left behind with its share.
class PluginPool::Impl : public std::enable_shared_from_this<PluginPool::Impl> {
 public:
  using TimerKey = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;

  void start(unsigned threads);
  void stop();                        // runs what is ready, then ends the threads
  void post(Ready ready, Wake wake);  // [any]
  void announce();                    // [any] wakes threads for what was posted kWithBatch
  void batch_answers() { batched_ = true; }
  [[nodiscard]] unsigned threads() const { return count_; }

  // [any] `due` runs once on a pool thread, and must only post.
  TimerKey start_timer(std::int64_t delay_ms, std::function<void()> due);
  void cancel_timer(const TimerKey& key);

 private:
  void work();
  void wait(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::vector<std::function<void()>> take_due();

  std::mutex mutex_;
  std::condition_variable wake_, ended_;
  std::deque<Ready> ready_;
  std::size_t unannounced_ = 0;
  std::map<TimerKey, std::function<void()>> timers_;
  std::uint64_t last_timer_ = 0;
  unsigned count_ = 0;
  unsigned running_ = 0;
  bool stopping_ = false;
  bool batched_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tocsin::plugin
