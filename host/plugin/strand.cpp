// See strand.hpp. The three kinds share nothing but the interface: each is short, and a common base would
// hide what differs, which is when a thread is woken and who may run beside whom.
#include "plugin/strand.hpp"

#include <tocsin/plugin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "ops/mailbox.hpp"

namespace tocsin::plugin {
namespace {

class SerialStrand final : public Strand, public Runnable {
 public:
  SerialStrand(std::shared_ptr<PluginPool::Impl> pool, TaskRunner& runner)
      : pool_(std::move(pool)), runner_(runner) {}

  void post(const Task& task, Wake wake) override {
    if (box_.push(task)) schedule(wake);
  }
  void post_all(std::vector<Task>& tasks) override {
    if (box_.push_all(tasks)) schedule(Wake::kNow);
  }

  void run() override {
    box_.take_all(batch_);
    for (const Task& task : batch_) runner_.run_task(task);
    // Whoever pushes from here on finds either the flag down, or us looking into the box once more.
    scheduled_.store(false);
    if (!box_.empty()) schedule(Wake::kNow);
  }

 private:
  void schedule(Wake wake) {
    if (scheduled_.exchange(true)) return;
    if (auto keep = runner_.keep_alive()) pool_->post({std::move(keep), this}, wake);
  }

  std::shared_ptr<PluginPool::Impl> pool_;
  TaskRunner& runner_;
  ops::Mailbox<Task> box_;
  std::vector<Task> batch_;  // of the running thread
  std::atomic<bool> scheduled_{false};
};

class ConcurrentStrand final : public Strand, public Runnable {
 public:
  ConcurrentStrand(std::shared_ptr<PluginPool::Impl> pool, TaskRunner& runner)
      : pool_(std::move(pool)), runner_(runner) {}

  void post(const Task& task, Wake wake) override {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(task);
      if (active_ >= pool_->threads()) return;
      ++active_;
    }
    schedule(wake);
  }
  void post_all(std::vector<Task>& tasks) override {
    for (const Task& task : tasks) post(task, Wake::kNow);
    tasks.clear();
  }

  void run() override {
    std::unique_lock lock(mutex_);
    while (!tasks_.empty()) {
      const Task task = tasks_.front();
      if (task.kind == Task::Kind::kDestroy && active_ > 1) break;  // the last one out does it
      tasks_.pop_front();
      lock.unlock();
      runner_.run_task(task);
      lock.lock();
    }
    --active_;
  }

 private:
  void schedule(Wake wake) {
    if (auto keep = runner_.keep_alive()) pool_->post({std::move(keep), this}, wake);
  }

  std::shared_ptr<PluginPool::Impl> pool_;
  TaskRunner& runner_;
  std::mutex mutex_;
  std::deque<Task> tasks_;
  unsigned active_ = 0;  // runs queued or running
};

class ThreadStrand final : public Strand {
 public:
  explicit ThreadStrand(TaskRunner& runner) : runner_(runner) {}

  void post(const Task& task, Wake) override {
    if (box_.push(task)) wake();
  }
  void post_all(std::vector<Task>& tasks) override {
    if (box_.push_all(tasks)) wake();
  }

 private:
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      pending_ = true;
      if (!started_) {
        started_ = true;
        // Detached: a plugin that blocks for ever must not block the end of the daemon. It keeps the instance
        // alive, and with it this strand.
        if (auto keep = runner_.keep_alive()) {
          std::thread([this, kept = std::move(keep)] { loop(); }).detach();
        }
      }
    }
    wake_.notify_one();
  }
  void loop() {
    std::vector<Task> batch;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return pending_; });
        pending_ = false;
      }
      box_.take_all(batch);
      for (const Task& task : batch) {
        runner_.run_task(task);
        if (task.kind == Task::Kind::kDestroy) return;
      }
    }
  }

  TaskRunner& runner_;
  ops::Mailbox<Task> box_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool pending_ = false;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Strand> Strand::make(std::uint32_t threading, std::shared_ptr<PluginPool::Impl> pool,
                                     TaskRunner& runner) {
  if (threading == TOCSIN_BLOCKING) return std::make_unique<ThreadStrand>(runner);
  if (threading == TOCSIN_CONCURRENT) return std::make_unique<ConcurrentStrand>(std::move(pool), runner);
  return std::make_unique<SerialStrand>(std::move(pool), runner);
}

}  // namespace tocsin::plugin
