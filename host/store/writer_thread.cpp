// The loop of the [store] thread. See writer_thread.hpp.
#include "store/writer_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ops/log.hpp"

namespace tocsin::store {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kRetryWait = 250ms;  // for a disk that is full
constexpr auto kIdleWait = 10s;
constexpr std::size_t kExpireStep = 100;                      // events deleted in one transaction: 1–2 ms
constexpr std::int64_t kKeptChangesMs = 24LL * 3600 * 1000;   // of inboxes, for streams that come back
constexpr std::int64_t kRetentionEveryUs = 60LL * 1'000'000;  // between sweeps
constexpr std::int64_t kRetentionLateUs = 300LL * 1'000'000;  // overdue: a step between commits, busy or not
constexpr std::int64_t kSpaceEveryUs = 10LL * 1'000'000;
constexpr std::int64_t kForcedCheckpoint = 4;  // times checkpoint_bytes: not waiting for idle
constexpr std::size_t kCompactAbove = 4096;    // answered entries kept before a queue is shifted

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty()) {
    to.swap(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

template <class T>
void drop_front(std::vector<T>& row, std::size_t count) {
  row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

void Writer::Thread::loop() {
  ::pthread_setname_np(::pthread_self(), "store");
  while (gather()) {
    write_batch();
    serve_rest();
    checkpoint_above(kForcedCheckpoint * options_.checkpoint_bytes);
    if (answered_ && on_batch_done) on_batch_done();
    answered_ = false;
  }
  close();
}

// ---- gathering

bool Writer::Thread::has_work() const {
  return next_submission_ < queue_.submissions.size() ||
         (next_finish_ < queue_.finishes.size() && !finishes_blocked_) ||
         next_inbox_ < queue_.inbox_writes.size();
}

void Writer::Thread::take_over() {
  append(queue_.events, inbox_.events);
  append(queue_.submissions, inbox_.submissions);
  append(queue_.finishes, inbox_.finishes);
  append(queue_.finish_dones, inbox_.finish_dones);
  append(queue_.inbox_writes, inbox_.inbox_writes);
  append(queue_.inbox_dones, inbox_.inbox_dones);
  append(queue_.claims, inbox_.claims);
  append(queue_.releases, inbox_.releases);
  append(queue_.works, inbox_.works);
}

// Waits for something to do; between two looks at an empty inbox it does the housekeeping, step by step.
// False: stopped and everything is answered.
bool Writer::Thread::gather() {
  for (bool more_upkeep = true;;) {
    std::unique_lock lock(mutex_);
    const auto is_called = [this] { return stopping_ || !inbox_.empty(); };
    if (!has_work() && (finishes_blocked_ || !queue_.releases.empty() || !more_upkeep)) {
      const bool must_retry = finishes_blocked_ || storage_full_ || !queue_.releases.empty();
      wake_.wait_for(lock, must_retry ? std::chrono::milliseconds(kRetryWait) : kIdleWait, is_called);
    }
    if (stopping_ && inbox_.empty() && !has_work() &&
        ((!finishes_blocked_ && queue_.releases.empty()) || std::exchange(last_try_, true))) {
      closed_ = true;
      return false;
    }
    if (has_work() || !inbox_.empty() || finishes_blocked_ || (!queue_.releases.empty() && !failed_)) {
      take_over();
      return true;
    }
    lock.unlock();
    more_upkeep = maintain();
  }
}

// Whole submissions up to the batch's size; at least one.
Writer::Thread::Batch Writer::Thread::next_batch() {
  Batch batch;
  std::size_t events = 0;
  for (auto at = next_submission_; at < queue_.submissions.size(); ++at) {
    const std::size_t more = queue_.submissions[at].events;
    if (batch.submissions > 0 && events + more > options_.max_batch) break;
    events += more;
    ++batch.submissions;
  }
  batch.events = std::span(queue_.events).subspan(next_event_, events);
  const std::size_t finishes = std::min(queue_.finishes.size() - next_finish_, options_.max_batch);
  batch.finishes = std::span(queue_.finishes).subspan(next_finish_, finishes);
  const std::size_t inbox = std::min(queue_.inbox_writes.size() - next_inbox_, options_.max_batch);
  batch.inbox = std::span(queue_.inbox_writes).subspan(next_inbox_, inbox);
  return batch;
}

// Answered entries leave the queues when these are empty, or long.
void Writer::Thread::drop_done() {
  if (next_submission_ == queue_.submissions.size()) {
    queue_.events.clear();
    queue_.submissions.clear();
    next_submission_ = next_event_ = 0;
  } else if (next_event_ > kCompactAbove) {
    drop_front(queue_.events, std::exchange(next_event_, 0));
    drop_front(queue_.submissions, std::exchange(next_submission_, 0));
  }
  if (next_finish_ == queue_.finishes.size()) {
    queue_.finishes.clear();
    queue_.finish_dones.clear();
    next_finish_ = 0;
  } else if (next_finish_ > kCompactAbove) {
    drop_front(queue_.finishes, next_finish_);
    drop_front(queue_.finish_dones, std::exchange(next_finish_, 0));
  }
  if (next_inbox_ == queue_.inbox_writes.size()) {
    queue_.inbox_writes.clear();
    queue_.inbox_dones.clear();
    next_inbox_ = 0;
  } else if (next_inbox_ > kCompactAbove) {
    drop_front(queue_.inbox_writes, next_inbox_);
    drop_front(queue_.inbox_dones, std::exchange(next_inbox_, 0));
  }
}

// ---- writing

Result<Store::WriteResult> Writer::Thread::commit(std::span<const NewEvent> events,
                                                  std::span<const Finish> finishes,
                                                  std::span<const InboxWrite> inbox) {
  if (failed_) return *failed_;
  const std::int64_t now_ms = clock_.unix_ms();
  auto result = store_->write(events, finishes, inbox, now_ms);
  if (!result) {
    note(result.error());
    return result;
  }
  if ((!events.empty() || !inbox.empty() || finishes.empty()) && std::exchange(storage_full_, false)) {
    ops::log_info("store", "writes succeed again");
  }
  activity_.note(events, result->accepted, finishes, result->applied, now_ms);
  const std::scoped_lock lock(mutex_);
  health_.storage_full = storage_full_;
  if (!storage_full_) health_.reason.clear();
  health_.last_commit_ms = clock_.unix_ms();
  health_.commits += events.empty() && finishes.empty() && inbox.empty() ? 0 : 1;
  health_.events += events.size();
  return result;
}

void Writer::Thread::write_batch() {
  const Batch batch = next_batch();
  if (batch.empty()) return;
  bool finished = batch.finishes.empty();
  if (!batch.events.empty() || !finished || !batch.inbox.empty()) {
    auto result = commit(batch.events, batch.finishes, batch.inbox);
    std::vector<Result<Accepted>> accepted;
    if (result) {
      accepted.assign(std::make_move_iterator(result->accepted.begin()),
                      std::make_move_iterator(result->accepted.end()));
    } else {
      accepted = refuse_events(batch, result.error());
    }
    answer_events(batch, std::move(accepted));
    if (result) {
      answer_inbox(batch.inbox.size(), std::move(result->inbox), std::move(result->changes));
      if (!finished) answer_finishes(batch.finishes.size(), result);
    } else {
      refuse_inbox(batch.inbox, result.error());
    }
    finished = finished || result.has_value();
  } else {
    answer_events(batch, {});
  }
  if (!finished) settle_finishes(batch);
  drop_done();
}

// One bad event hurts only itself: where the transaction failed for what was in it, each gets its own.
std::vector<Result<Accepted>> Writer::Thread::refuse_events(const Batch& batch, const Error& error) {
  std::vector<Result<Accepted>> results;
  results.reserve(batch.events.size());
  for (const auto& event : batch.events) {
    if (error.code != Errc::kInternal || batch.events.size() == 1) {
      results.emplace_back(error);
      continue;
    }
    auto alone = commit(std::span(&event, 1), {}, {});
    if (alone) {
      results.emplace_back(std::move(alone->accepted.front()));
    } else {
      results.emplace_back(alone.error());
    }
  }
  return results;
}

// The same for what the inbox was asked to keep.
void Writer::Thread::refuse_inbox(std::span<const InboxWrite> writes, const Error& error) {
  for (const auto& write : writes) {
    Result<Store::WriteResult> alone = error;
    if (error.code == Errc::kInternal && writes.size() > 1) alone = commit({}, {}, std::span(&write, 1));
    if (alone) {
      answer_inbox(1, std::move(alone->inbox), std::move(alone->changes));
      continue;
    }
    if (const auto done = take_inbox_done()) done(alone.error());
  }
}

// Outcomes are never dropped: alone, with what the store kept aside, now or later.
void Writer::Thread::settle_finishes(const Batch& batch) {
  const auto result = commit({}, batch.finishes, {});
  finishes_blocked_ = !result && !failed_;
  if (!finishes_blocked_) answer_finishes(batch.finishes.size(), result);
}

// ---- answering

void Writer::Thread::answer_events(const Batch& batch, std::vector<Result<Accepted>> results) {
  if (on_accepted && !batch.events.empty()) on_accepted(batch.events, results);
  {
    const std::scoped_lock lock(mutex_);
    queued_events_ -= batch.events.size();
  }
  auto from = results.begin();
  for (std::size_t i = 0; i < batch.submissions; ++i) {
    auto& submission = queue_.submissions[next_submission_ + i];
    std::vector<Result<Accepted>> own;
    if (!submission.refused.empty()) {
      own.assign(submission.refused.size(),
                 make_error(Errc::kUnavailable, "too many events wait to be stored: send again later"));
      if (on_accepted) on_accepted(submission.refused, own);
    } else {
      const auto to = from + static_cast<std::ptrdiff_t>(submission.events);
      own.assign(std::make_move_iterator(from), std::make_move_iterator(to));
      from = to;
    }
    if (submission.done) submission.done(std::move(own));
    submission.done = nullptr;
    answered_ = true;
  }
  next_submission_ += batch.submissions;
  next_event_ += batch.events.size();
}

void Writer::Thread::answer_inbox(std::size_t count, std::vector<InboxWritten> written,
                                  std::vector<InboxChange> changes) {
  if (on_inbox_changes && !changes.empty()) on_inbox_changes(std::move(changes));
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto done = take_inbox_done()) done(std::move(written[i]));
  }
}

InboxDone Writer::Thread::take_inbox_done() {
  {
    const std::scoped_lock lock(mutex_);
    --queued_inbox_;
  }
  answered_ = true;
  return std::move(queue_.inbox_dones[next_inbox_++]);
}

void Writer::Thread::answer_finishes(std::size_t count, const Result<Store::WriteResult>& result) {
  for (std::size_t i = 0; i < count; ++i) {
    FinishDone done = std::move(queue_.finish_dones[next_finish_ + i]);
    if (!done) continue;
    result ? done(static_cast<bool>(result->applied[i])) : done(result.error());
    answered_ = true;
  }
  next_finish_ += count;
  finishes_blocked_ = false;
}

void Writer::Thread::serve_rest() {
  if (const auto releases = std::exchange(queue_.releases, {}); !releases.empty()) {
    const auto released = store_->release(releases, clock_.unix_ms());
    if (!released) {  // kept: nobody else would ever give these back
      note(released.error());
      queue_.releases = releases;
    }
  }
  for (auto& claim : std::exchange(queue_.claims, {})) {
    auto claimed = store_->claim(claim.channel, clock_.unix_ms(), claim.wish);
    if (!claimed) note(claimed.error());
    if (claim.done) claim.done(std::move(claimed));
    answered_ = true;
  }
  for (auto& work : std::exchange(queue_.works, {})) {
    work(*store_);
    answered_ = true;
  }
  if (retention_behind_ || clock_.steady_us() > retention_due_us_ + kRetentionLateUs) expire();
  look_at_space();
}

// ---- upkeep

void Writer::Thread::note(const Error& error) {
  const bool is_failure = error.code == Errc::kStorageFailed;
  if (is_failure && failed_) return;
  if (error.code != Errc::kStorageFull && error.code != Errc::kIo && !is_failure) return;
  if (!storage_full_ && !is_failure) {
    ops::log_error("store", "writes fail; events are refused until one succeeds", {{"reason", error.detail}});
  }
  storage_full_ = storage_full_ || !is_failure;
  if (is_failure) failed_ = error;
  {
    const std::scoped_lock lock(mutex_);
    health_.storage_full = storage_full_;
    health_.failed = failed_.has_value();
    health_.reason = error.detail;
  }
  if (is_failure && on_failure) on_failure(error);
}

// One short step of housekeeping while nothing waits. True: there is more of it.
bool Writer::Thread::maintain() {
  if (failed_) return false;
  look_at_space();
  if (storage_full_) static_cast<void>(commit({}, {}, {}));  // asks whether there is room again
  checkpoint_above(options_.checkpoint_bytes);
  if (clock_.steady_us() < retention_due_us_) return false;
  expire();
  return clock_.steady_us() >= retention_due_us_;
}

// It is low until a fifth more is free, so that it is not told of again at each step across the line.
void Writer::Thread::look_at_space() {
  if (clock_.steady_us() < space_due_us_) return;
  space_due_us_ = clock_.steady_us() + kSpaceEveryUs;
  const std::int64_t free = store_->free_bytes();
  {
    const std::scoped_lock lock(mutex_);
    health_.free_bytes = free;
  }
  if (free < 0 || options_.low_space_bytes == 0) return;
  if (free > options_.low_space_bytes / 5 * 6) space_low_ = false;
  if (free >= options_.low_space_bytes || std::exchange(space_low_, true)) return;
  ops::log_warn("store", "the disk has little room left; when it is full events are refused",
                {{"free_bytes", free}, {"low_space", options_.low_space_bytes}});
  if (on_low_space) on_low_space(free);
}

void Writer::Thread::expire() {
  if (failed_) return;
  const std::int64_t now_us = clock_.steady_us();
  const std::int64_t now_ms = clock_.unix_ms();
  const auto deleted = store_->delete_expired(now_ms - options_.retention_ms, kExpireStep);
  const auto trimmed =
      store_->trim_inbox(now_ms - options_.retention_ms, now_ms - kKeptChangesMs, kExpireStep);
  const auto forgotten = store_->trim_audit(now_ms - options_.audit_retention_ms, kExpireStep);
  if (!deleted) note(deleted.error());
  if (!trimmed) note(trimmed.error());
  if (!forgotten) note(forgotten.error());
  const bool is_over = !deleted || !trimmed || !forgotten || *deleted + *trimmed + *forgotten == 0;
  retention_behind_ = !is_over && now_us > retention_due_us_ + kRetentionLateUs;
  if (is_over) retention_due_us_ = now_us + kRetentionEveryUs;
}

// A log that a reader keeps from starting anew is not moved again before it has grown by as much again.
void Writer::Thread::checkpoint_above(std::int64_t bytes) {
  if (failed_) return;
  const std::int64_t log = store_->log_bytes();
  if (log < checkpoint_mark_) checkpoint_mark_ = 0;
  if (log - checkpoint_mark_ < bytes || log == 0) return;
  const auto moved = store_->checkpoint();
  if (!moved) note(moved.error());
  checkpoint_mark_ = log;
}

// What could not be written until now is left to the next start, which finds it unfinished.
void Writer::Thread::close() {
  const std::size_t left = queue_.finishes.size() - next_finish_;
  if (left > 0) {
    answer_finishes(left, make_error(Errc::kStorageFull, "no room was left to record the outcome"));
  }
  if (answered_ && on_batch_done) on_batch_done();
  store_.reset();
}

}  // namespace tocsin::store
