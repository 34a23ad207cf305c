// The inside of Writer: the queue that any thread fills and the loop that empties it a batch at a time. It
// decides what shares a transaction and what happens when one fails; SQL is the store's.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "store/writer.hpp"

namespace tocsin::store {

class Writer::Thread {
 public:
  Thread(std::unique_ptr<Store> store, const Clock& clock, WriterOptions options);
  ~Thread();

  AcceptedHook on_accepted;
  std::function<void()> on_batch_done;
  std::function<void(std::vector<InboxChange>)> on_inbox_changes;
  std::function<void(std::int64_t)> on_low_space;
  std::function<void(const Error&)> on_failure;

  void start();
  void stop();
  void accept(std::vector<NewEvent> events, AcceptDone done);
  void finish(Finish finish, FinishDone done);
  void write_inbox(InboxWrite write, InboxDone done);
  void claim(ChannelId channel, const ClaimWish& wish, ClaimDone done);
  void release(std::vector<DeliveryId> deliveries);
  void run(std::function<void(Store&)> work);
  [[nodiscard]] WriterHealth health() const;
  [[nodiscard]] ActivityBook& activity() { return activity_; }

 private:
  // One accept(): how many of the queue's events are its own, or those it was refused, which the hook is
  // given too: their hot deliveries hold places.
  struct Submission {
    std::size_t events = 0;
    std::vector<NewEvent> refused;
    AcceptDone done;
  };
  struct Claim {
    ChannelId channel = 0;
    ClaimWish wish;
    ClaimDone done;
  };
  // Events and finishes lie in rows, so that a batch is a span of them and nothing is copied for it.
  struct Queue {
    std::vector<NewEvent> events;
    std::vector<Submission> submissions;
    std::vector<Finish> finishes;
    std::vector<FinishDone> finish_dones;
    std::vector<InboxWrite> inbox_writes;
    std::vector<InboxDone> inbox_dones;
    std::vector<Claim> claims;
    std::vector<DeliveryId> releases;
    std::vector<std::function<void(Store&)>> works;
    [[nodiscard]] bool empty() const {
      return submissions.empty() && finishes.empty() && inbox_writes.empty() && claims.empty() &&
             releases.empty() && works.empty();
    }
  };
  struct Batch {
    std::size_t submissions = 0;
    std::span<NewEvent> events;
    std::span<const Finish> finishes;
    std::span<const InboxWrite> inbox;
    [[nodiscard]] bool empty() const { return submissions == 0 && finishes.empty() && inbox.empty(); }
  };

  template <class Fill>
  bool put(Fill&& fill);

  void loop();
  [[nodiscard]] bool gather();
  void take_over();
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] Batch next_batch();
  void write_batch();
  [[nodiscard]] Result<Store::WriteResult> commit(std::span<const NewEvent> events,
                                                  std::span<const Finish> finishes,
                                                  std::span<const InboxWrite> inbox);
  [[nodiscard]] std::vector<Result<Accepted>> refuse_events(const Batch& batch, const Error& error);
  void answer_events(const Batch& batch, std::vector<Result<Accepted>> results);
  void answer_inbox(std::size_t count, std::vector<InboxWritten> written, std::vector<InboxChange> changes);
  void refuse_inbox(std::span<const InboxWrite> writes, const Error& error);
  [[nodiscard]] InboxDone take_inbox_done();
  void answer_finishes(std::size_t count, const Result<Store::WriteResult>& result);
  void settle_finishes(const Batch& batch);
  void serve_rest();
  [[nodiscard]] bool maintain();
  void expire();
  void look_at_space();
  void checkpoint_above(std::int64_t bytes);
  void note(const Error& error);
  void drop_done();
  void close();

  const Clock& clock_;
  const WriterOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Queue inbox_;
  std::size_t queued_events_ = 0;
  std::size_t queued_inbox_ = 0;
  bool stopping_ = false;
  bool closed_ = true;  // no thread: answers come from the caller's
  WriterHealth health_;
  ActivityBook activity_;  // has a lock of its own

  // [store]
  std::unique_ptr<Store> store_;
  Queue queue_;
  std::size_t next_submission_ = 0;
  std::size_t next_event_ = 0;
  std::size_t next_finish_ = 0;
  std::size_t next_inbox_ = 0;
  bool finishes_blocked_ = false;  // they could not be written: again with the next batch or after a while
  bool last_try_ = false;          // stopping: blocked finishes were tried once more
  bool storage_full_ = false;
  bool answered_ = false;  // something was answered since on_batch_done ran
  std::optional<Error> failed_;
  std::int64_t checkpoint_mark_ = 0;  // length of the log when it was last moved and could not start anew
  std::int64_t retention_due_us_ = 0;
  std::int64_t space_due_us_ = 0;  // when the free space is looked at next
  bool space_low_ = false;
  bool retention_behind_ = false;

  std::thread thread_;
};

}  // namespace tocsin::store
