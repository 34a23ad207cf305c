// See ReaderPool in writer.hpp: one thread a reader, one queue for all.
#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "store/writer.hpp"

namespace tocsin::store {

class ReaderPool::Threads {
 public:
  explicit Threads(std::vector<std::unique_ptr<Reader>> readers) : readers_(std::move(readers)) {
    threads_.reserve(readers_.size());
    for (auto& reader : readers_) threads_.emplace_back([this, &reader] { loop(*reader); });
  }
  ~Threads() { stop(); }

  void put(std::function<void(Reader&)> work) {
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      works_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

  // What was asked before is still answered.
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    readers_.clear();
  }

 private:
  void loop(Reader& reader) {
    ::pthread_setname_np(::pthread_self(), "read");
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !works_.empty(); });
      if (works_.empty()) return;
      auto work = std::move(works_.front());
      works_.pop_front();
      lock.unlock();
      // A view that cannot begin leaves each read to itself; the read then says what is wrong.
      static_cast<void>(reader.begin_view());
      work(reader);
      reader.end_view();
    }
  }

  std::vector<std::unique_ptr<Reader>> readers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void(Reader&)>> works_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

ReaderPool::ReaderPool(std::vector<std::unique_ptr<Reader>> readers)
    : threads_(std::make_unique<Threads>(std::move(readers))) {}
ReaderPool::~ReaderPool() = default;

void ReaderPool::run(std::function<void(Reader&)> work) {
  threads_->put(std::move(work));
}
void ReaderPool::stop() {
  threads_->stop();
}

}  // namespace tocsin::store
