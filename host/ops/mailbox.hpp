// How a value crosses from any thread to the one that owns the work: pushed one by one, taken as a batch.
// Only the push that finds the box empty asks for a wake-up, so under load a hop costs a fraction of one. It
// neither blocks nor bounds: whoever pushes has been counted elsewhere.
#pragma once

#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace tocsin::ops {

template <class T>
class Mailbox {
 public:
  // [any] True where the box was empty: the caller wakes the taker (once a batch).
  [[nodiscard]] bool push(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    return values_.size() == 1;
  }

  // [any] The same for many at once; `values` is left empty.
  [[nodiscard]] bool push_all(std::vector<T>& values) {
    if (values.empty()) return false;
    const std::lock_guard lock(mutex_);
    const bool was_empty = values_.empty();
    if (was_empty) {
      values_.swap(values);
    } else {
      values_.insert(values_.end(), std::make_move_iterator(values.begin()),
                     std::make_move_iterator(values.end()));
    }
    values.clear();
    return was_empty;
  }

  // [the taker] Everything pushed so far, in order; what `batch` held is dropped and its capacity reused.
  void take_all(std::vector<T>& batch) {
    batch.clear();
    const std::lock_guard lock(mutex_);
    values_.swap(batch);
  }

  [[nodiscard]] bool empty() const {
    const std::lock_guard lock(mutex_);
    return values_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<T> values_;
};

}  // namespace tocsin::ops
