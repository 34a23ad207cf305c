// In which order and on which thread an instance's calls run. Tasks are small values, posted from any thread
// and taken in batches; what a task means is the instance's business.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plugin/pool.hpp"

namespace tocsin::plugin {

struct Exchange;

struct Task {
  enum class Kind : std::uint8_t {
    kCreate,
    kDeliver,  // handle
    kNext,     // a waiting delivery of a BLOCKING type may start
    kCancel,   // handle
    kAnswer,   // exchange
    kStored,   // handle is the put's number
    kTimer,    // handle is the timer's id
    kDestroy,  // the last one
  };
  Kind kind = Kind::kCreate;
  std::uint64_t handle = 0;
  Exchange* exchange = nullptr;
};

class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  virtual void run_task(const Task& task) = 0;  // [strand]
  // Keeps the runner alive while it is queued; null where it is going away already.
  virtual std::shared_ptr<void> keep_alive() = 0;
};

class Strand {
 public:
  // `threading` is TOCSIN_SERIAL (pool, one task at a time), TOCSIN_BLOCKING (an own thread, from the first
  // task to kDestroy) or TOCSIN_CONCURRENT (pool, many at once, kDestroy alone).
  static std::unique_ptr<Strand> make(std::uint32_t threading, std::shared_ptr<PluginPool::Impl> pool,
                                      TaskRunner& runner);
  virtual ~Strand() = default;
  virtual void post(const Task& task, Wake wake = Wake::kNow) = 0;  // [any]
  virtual void post_all(std::vector<Task>& tasks) = 0;              // [any] one wake-up; leaves it empty
};

}  // namespace tocsin::plugin
