// The [store] thread: takes whatever waits, writes it as one transaction, answers. It batches by itself:
// while one commit runs the next batch gathers, so under load no timer is needed and requests share their
// fsync.
//
// Answers run on the store thread; what they touch must be handed on (a post a batch, not a post an answer):
// `on_batch_done` runs after the answers of a batch, so that collected hand-overs can be sent with one
// wake-up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/clock.hpp"
#include "store/store.hpp"

namespace tocsin::store {

struct WriterOptions {
  std::size_t max_queued_events =
      20'000;  // above: accept() is refused with kUnavailable (memory stays bounded)
  std::size_t max_queued_inbox = 5'000;  // inbox writes; above: refused likewise
  std::size_t max_batch = 512;           // events or finishes in one transaction
  std::int64_t checkpoint_bytes =
      16 << 20;  // WAL size at which a checkpoint is due (run between commits, when idle first)
  std::int64_t retention_ms = 30LL * 24 * 3600 * 1000;
  std::int64_t audit_retention_ms = 365LL * 24 * 3600 * 1000;
  std::int64_t low_space_bytes = 0;  // free bytes of the file system below which space is low
};

struct WriterHealth {
  bool storage_full = false;  // last write found no room
  bool failed = false;        // durability lost: the process must exit
  std::string reason;
  std::int64_t last_commit_ms = 0;
  std::int64_t free_bytes = -1;  // of the file system, some seconds old; -1: not known
  std::size_t queued_events = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
};

using AcceptDone =
    std::function<void(std::vector<Result<Accepted>>)>;               // [store] the k-th belongs to events[k]
using FinishDone = std::function<void(Result<bool>)>;                 // [store] false: fenced off
using InboxDone = std::function<void(Result<InboxWritten>)>;          // [store]
using ClaimDone = std::function<void(Result<std::vector<Claimed>>)>;  // [store]

class Writer {
 public:
  Writer(std::unique_ptr<Store> store, const Clock& clock, WriterOptions options);
  ~Writer();  // stops if still running

  // Wiring, before start(). `on_accepted` gets every batch of accepts with its results, the refused ones
  // too, before the answers are given, so that hot deliveries go to their queues from memory; `on_batch_done`
  // runs after the answers. [store]
  using AcceptedHook = std::function<void(std::span<NewEvent>, std::span<const Result<Accepted>>)>;
  void on_accepted(AcceptedHook hook);
  void on_batch_done(std::function<void()> hook);
  // What the inbox writes of a batch changed, after its commit and before its answers, in the order of each
  // team's sequence. [store]
  void on_inbox_changes(std::function<void(std::vector<InboxChange>)> hook);
  // Space became low; again only after it was not for a while. [store]
  void on_low_space(std::function<void(std::int64_t free_bytes)> hook);
  // Durability lost: called once, on the store thread.
  void on_failure(std::function<void(const Error&)> hook);

  void start();
  // Refuses new accepts, writes everything queued, checkpoints, closes the store. Returns when done.
  void stop();

  // [any] Events of one request are one submission but not one transaction with each other's fate: each has
  // its own answer.
  void accept(std::vector<NewEvent> events, AcceptDone done);
  // [any] Never refused, never dropped: on a full disk finishes are kept and tried again until they are
  // written.
  void finish(Finish finish, FinishDone done);
  // [any] An item or marks; shares its transaction with whatever else waits. Refused like events: where too
  // many wait, and where the disk is full.
  void write_inbox(InboxWrite write, InboxDone done);
  void claim(ChannelId channel, const ClaimWish& wish, ClaimDone done);
  void release(std::vector<DeliveryId> deliveries);
  // [any] Runs on the store thread between batches; for rare work (reload, retention, cancel).
  void run(std::function<void(Store&)> work);

  [[nodiscard]] WriterHealth health() const;  // [any]
  // [any] What it wrote in the last hour; before that, what a Reader counts into it.
  [[nodiscard]] ActivityBook& activity() const;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

// The [read] threads' pool: read-only work off the API thread. `work` runs on a reading thread.
class ReaderPool {
 public:
  ReaderPool(std::vector<std::unique_ptr<Reader>> readers);
  ~ReaderPool();
  void run(std::function<void(Reader&)> work);  // [any]
  void stop();

 private:
  class Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace tocsin::store
