// Stops plugin instances off the core's thread: stop() may block for as long as a plugin takes to let go. A
// few threads, made when needed, so that one instance that hangs does not hold up the others.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "plugin/channel_instance.hpp"

namespace tocsin::delivery {

class InstanceStopper {
 public:
  static constexpr std::size_t kMaxThreads = 16;

  ~InstanceStopper();
  // [any] `done` runs on a thread of the stopper's after stop() has returned.
  void stop(std::shared_ptr<plugin::ChannelInstance> instance, std::int64_t grace_ms,
            std::function<void()> done);
  // Returns when everything given has been stopped and the threads have ended. May be used again after.
  void finish();

 private:
  struct Task {
    std::shared_ptr<plugin::ChannelInstance> instance;
    std::int64_t grace_ms = 0;
    std::function<void()> done;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable condition_;
  std::deque<Task> tasks_;
  std::size_t idle_ = 0;
  bool finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tocsin::delivery
