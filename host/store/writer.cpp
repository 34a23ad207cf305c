// The calls any thread makes of the writer: each puts its wish into the inbox. The loop is writer_thread.cpp.
#include "store/writer.hpp"

#include <utility>

#include "store/writer_thread.hpp"

namespace tocsin::store {
namespace {

Error stopped_error() {
  return make_error(Errc::kUnavailable, "the host is stopping: send again when it is back");
}

}  // namespace

Writer::Thread::Thread(std::unique_ptr<Store> store, const Clock& clock, WriterOptions options)
    : clock_(clock), options_(options), store_(std::move(store)) {}

Writer::Thread::~Thread() {
  stop();
}

void Writer::Thread::start() {
  TOCSIN_EXPECT(!thread_.joinable() && store_ != nullptr);
  closed_ = false;
  thread_ = std::thread([this] { loop(); });
}

void Writer::Thread::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// False: there is no thread (any more) to do it.
template <class Fill>
bool Writer::Thread::put(Fill&& fill) {
  bool was_empty = false;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    was_empty = inbox_.empty();
    fill();
  }
  if (was_empty) wake_.notify_one();
  return true;
}

void Writer::Thread::accept(std::vector<NewEvent> events, AcceptDone done) {
  const std::size_t count = events.size();
  const bool taken = put([&] {
    const bool is_over = queued_events_ > 0 && queued_events_ + count > options_.max_queued_events;
    if (stopping_ || is_over) {
      inbox_.submissions.push_back({0, std::move(events), std::move(done)});
      return;
    }
    queued_events_ += count;
    inbox_.events.insert(inbox_.events.end(), std::make_move_iterator(events.begin()),
                         std::make_move_iterator(events.end()));
    inbox_.submissions.push_back({count, {}, std::move(done)});
  });
  if (!taken && done) done(std::vector<Result<Accepted>>(count, stopped_error()));
}

void Writer::Thread::finish(Finish finish, FinishDone done) {
  const bool taken = put([&] {
    inbox_.finishes.push_back(std::move(finish));
    inbox_.finish_dones.push_back(std::move(done));
  });
  if (!taken && done) done(stopped_error());
}

void Writer::Thread::write_inbox(InboxWrite write, InboxDone done) {
  bool is_refused = false;
  const bool taken = put([&] {
    is_refused = stopping_ || queued_inbox_ >= options_.max_queued_inbox;
    if (is_refused) return;
    ++queued_inbox_;
    inbox_.inbox_writes.push_back(std::move(write));
    inbox_.inbox_dones.push_back(std::move(done));
  });
  if (!taken && done) done(stopped_error());
  if (is_refused && done) {
    done(make_error(Errc::kUnavailable, "too many changes wait to be stored: send it again later"));
  }
}

void Writer::Thread::claim(ChannelId channel, const ClaimWish& wish, ClaimDone done) {
  const bool taken = put([&] { inbox_.claims.push_back({channel, wish, std::move(done)}); });
  if (!taken && done) done(stopped_error());
}

void Writer::Thread::release(std::vector<DeliveryId> deliveries) {
  put([&] { inbox_.releases.insert(inbox_.releases.end(), deliveries.begin(), deliveries.end()); });
}

void Writer::Thread::run(std::function<void(Store&)> work) {
  put([&] { inbox_.works.push_back(std::move(work)); });
}

WriterHealth Writer::Thread::health() const {
  const std::scoped_lock lock(mutex_);
  WriterHealth health = health_;
  health.queued_events = queued_events_;
  return health;
}

// ---- Writer

Writer::Writer(std::unique_ptr<Store> store, const Clock& clock, WriterOptions options)
    : thread_(std::make_unique<Thread>(std::move(store), clock, options)) {}
Writer::~Writer() = default;

void Writer::on_accepted(AcceptedHook hook) {
  thread_->on_accepted = std::move(hook);
}
void Writer::on_batch_done(std::function<void()> hook) {
  thread_->on_batch_done = std::move(hook);
}
void Writer::on_inbox_changes(std::function<void(std::vector<InboxChange>)> hook) {
  thread_->on_inbox_changes = std::move(hook);
}
void Writer::on_low_space(std::function<void(std::int64_t)> hook) {
  thread_->on_low_space = std::move(hook);
}
void Writer::on_failure(std::function<void(const Error&)> hook) {
  thread_->on_failure = std::move(hook);
}
void Writer::start() {
  thread_->start();
}
void Writer::stop() {
  thread_->stop();
}
void Writer::accept(std::vector<NewEvent> events, AcceptDone done) {
  thread_->accept(std::move(events), std::move(done));
}
void Writer::finish(Finish finish, FinishDone done) {
  thread_->finish(std::move(finish), std::move(done));
}
void Writer::write_inbox(InboxWrite write, InboxDone done) {
  thread_->write_inbox(std::move(write), std::move(done));
}
void Writer::claim(ChannelId channel, const ClaimWish& wish, ClaimDone done) {
  thread_->claim(channel, wish, std::move(done));
}
void Writer::release(std::vector<DeliveryId> deliveries) {
  thread_->release(std::move(deliveries));
}
void Writer::run(std::function<void(Store&)> work) {
  thread_->run(std::move(work));
}
WriterHealth Writer::health() const {
  return thread_->health();
}

ActivityBook& Writer::activity() const {
  return thread_->activity();
}

}  // namespace tocsin::store
