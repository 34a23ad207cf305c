// Counts the jobs that ended, and waits for them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "plugin/channel_instance.hpp"

namespace tocsin::bench {

class CountingSink final : public plugin::JobSink {
 public:
  void job_done(plugin::JobResult) override {
    const std::lock_guard lock(mutex_);
    if (++done_ >= wanted_) changed_.notify_all();
  }
  void wait(std::size_t wanted) {
    std::unique_lock lock(mutex_);
    wanted_ = wanted;
    changed_.wait(lock, [&] { return done_ >= wanted_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0, wanted_ = SIZE_MAX;
};

}  // namespace tocsin::bench
