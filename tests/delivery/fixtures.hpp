// What the engine's tests share: the real store and writer in a directory that goes away, a clock that moves
// when told, and channel instances that answer by a script.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delivery/engine.hpp"
#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::delivery {

inline constexpr auto kPatience = std::chrono::seconds(60);

inline Outcome outcome(OutcomeStatus status, std::int64_t retry_after_ms = -1) {
  return {status, retry_after_ms, "test." + std::string(to_string(status)), "It went so.", ""};
}

// An instance whose script answers each job at once, or leaves it open (nullopt) for complete().
class ScriptedInstance final : public plugin::ChannelInstance {
 public:
  using Script = std::function<std::optional<Outcome>(const plugin::Job&)>;
  explicit ScriptedInstance(plugin::JobSink& sink, Script script = {})
      : sink_(sink), script_(std::move(script)) {}

  void deliver(std::vector<plugin::Job> jobs) override {
    for (auto& job : jobs) {
      const auto answer = script_ ? script_(job) : std::nullopt;
      {
        const std::lock_guard lock(mutex_);
        seen_.push_back(job);
        seen_.back().event.reset();
        live_[job.delivery] = job.deadline_unix_ms;
        most_live_ = std::max(most_live_, live_.size());
      }
      changed_.notify_all();
      if (answer) complete(job.delivery, *answer);
    }
  }
  void cancel(DeliveryId delivery) override { complete(delivery, outcome(OutcomeStatus::kInterrupted)); }
  void verify(std::int64_t, plugin::VerifyDone done) override {
    const std::lock_guard lock(mutex_);
    verifications_.push_back(std::move(done));
    changed_.notify_all();
  }
  // The next verification that was asked for.
  [[nodiscard]] plugin::VerifyDone wait_for_verification() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return !verifications_.empty(); })) return {};
    auto first = std::move(verifications_.front());
    verifications_.erase(verifications_.begin());
    return first;
  }
  void expire(std::int64_t now_unix_ms) override {
    for (const auto& [delivery, deadline] : live()) {
      if (deadline <= now_unix_ms) complete(delivery, outcome(OutcomeStatus::kTimedOut));
    }
  }
  void stop(std::int64_t) override {
    if (!deaf) {
      for (const auto& [delivery, deadline] : live())
        complete(delivery, outcome(OutcomeStatus::kInterrupted));
    }
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  std::string fault() const override { return ""; }
  const plugin::ChannelType& type() const override { return type_; }

  // Ends an open job; false: it is not open.
  bool complete(DeliveryId delivery, Outcome how) {
    {
      const std::lock_guard lock(mutex_);
      if (live_.erase(delivery) == 0) return false;
    }
    plugin::JobResult result;
    result.delivery = delivery;
    result.attempt.outcome = std::move(how);
    sink_.job_done(std::move(result));
    return true;
  }
  // The test itself will report it. False: it is not open.
  bool forget(DeliveryId delivery) {
    const std::lock_guard lock(mutex_);
    return live_.erase(delivery) == 1;
  }
  void complete_all(const Outcome& how) {
    for (const auto& [delivery, deadline] : live()) complete(delivery, how);
  }

  [[nodiscard]] std::map<DeliveryId, std::int64_t> live() const {
    const std::lock_guard lock(mutex_);
    return live_;
  }
  [[nodiscard]] std::vector<plugin::Job> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  [[nodiscard]] std::size_t seen_count() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }
  [[nodiscard]] std::size_t most_live() const {
    const std::lock_guard lock(mutex_);
    return most_live_;
  }
  [[nodiscard]] bool wait_for_jobs(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; });
  }
  [[nodiscard]] bool wait_until_stopped() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return stopped_; });
  }

  bool deaf = false;  // stop() returns without ending its jobs

 private:
  plugin::JobSink& sink_;
  const Script script_;
  const plugin::ChannelType type_ = [] {
    plugin::ChannelType type;
    type.verifies = true;
    return type;
  }();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<plugin::Job> seen_;
  std::vector<plugin::VerifyDone> verifications_;
  std::map<DeliveryId, std::int64_t> live_;
  std::size_t most_live_ = 0;
  bool stopped_ = false;
};

class EngineTest : public testing::Test {
 protected:
  static constexpr int kChannels = 20;

  void SetUp() override { open(); }
  void TearDown() override { close(); }

  // Opens the store as a new boot would, and an engine that is not started yet.
  void open() {
    auto sqlite = store::must(store::open_sqlite({.directory = directory_->path(), .ballast_bytes = 0}));
    const std::vector<std::string> names = {"platform"};
    team_ = store::must(sqlite->resolve_teams(names)).front();
    std::vector<store::ChannelKey> keys;
    for (int i = 0; i < kChannels; ++i) keys.push_back({team_, "c" + std::to_string(i), "test"});
    ids = store::must(sqlite->resolve_channels(keys));
    backlogs = store::must(sqlite->list_backlogs());
    reader_ = store::must(sqlite->open_reader());
    next_seq_ = std::max(next_seq_, sqlite->last_number() + 1);
    writer_ = std::make_unique<store::Writer>(std::move(sqlite), clock, store::WriterOptions{});
    engine = std::make_unique<Engine>(*writer_, clock, options);
    writer_->on_accepted([this](auto events, auto results) { engine->offer(events, results); });
    writer_->start();
  }
  void close() {
    if (engine) engine->drain(0);
    if (writer_) writer_->stop();
    reader_.reset();
    writer_.reset();
    engine.reset();
  }

  // As a kill -9 leaves it: the next open() finds what was on disk at this moment, whatever the engine and
  // the writer still do.
  void crash() {
    auto copy = std::make_unique<store::TempDirectory>();
    with_store([&](store::Store&) {
      for (const char* file : {"/tocsin.db", "/tocsin.db-wal"}) {
        std::filesystem::copy_file(directory_->path() + file, copy->path() + file);
      }
    });
    close();
    directory_ = std::move(copy);
  }

  std::shared_ptr<ScriptedInstance> instance(ScriptedInstance::Script script = {}) {
    return std::make_shared<ScriptedInstance>(engine->sink(), std::move(script));
  }
  static ScriptedInstance::Script always(OutcomeStatus status) {
    return [status](const plugin::Job&) { return outcome(status); };
  }
  ChannelSetup setup(ChannelId id, std::shared_ptr<plugin::ChannelInstance> instance) {
    ChannelSetup setup;
    setup.id = id;
    setup.team = "platform";
    setup.name = "c";
    setup.type = "test";
    setup.instance = std::move(instance);
    setup.retries = {{10'000, 20'000, 40'000}};
    return setup;
  }
  ChannelSetup digesting(ChannelId id, std::shared_ptr<plugin::ChannelInstance> instance) {
    ChannelSetup made = setup(id, std::move(instance));
    made.takes_digests = true;
    return made;
  }
  // The deliveries of a job's message, in order: the test's events are numbered right before them.
  static std::vector<DeliveryId> members(const plugin::Job& job) {
    std::vector<DeliveryId> found = {job.delivery};
    for (const auto& event : job.more) found.push_back(event->seq + 1);
    return found;
  }
  // One channel with this instance, started.
  void serve(std::shared_ptr<plugin::ChannelInstance> instance) {
    engine->configure({setup(ids[0], std::move(instance))}, backlogs);
    engine->start();
  }

  // Accepts events with one delivery each, hot where the engine has room; returns the deliveries' ids.
  std::vector<DeliveryId> push(ChannelId channel, std::size_t count = 1) { return accept(channel, count, 0); }
  // The same for a window that ends at `due_ms`.
  std::vector<DeliveryId> push_in_window(ChannelId channel, std::int64_t due_ms, std::size_t count = 1) {
    return accept(channel, count, due_ms);
  }
  std::vector<DeliveryId> accept(ChannelId channel, std::size_t count, std::int64_t due_ms) {
    std::vector<store::NewEvent> events;
    std::vector<DeliveryId> deliveries;
    for (std::size_t i = 0; i < count; ++i) {
      const bool hot = due_ms == 0 && engine->admit(channel);
      events.push_back(store::make_new_event(next_seq_, team_, {{channel, hot, due_ms}}, clock.unix_ms()));
      deliveries.push_back(next_seq_ + 1);
      next_seq_ += 2;
    }
    std::promise<void> done;
    writer_->accept(std::move(events), [&](const auto&) { done.set_value(); });
    done.get_future().wait();
    return deliveries;
  }
  // The store itself, on its thread.
  void with_store(const std::function<void(store::Store&)>& work) {
    std::promise<void> done;
    writer_->run([&](store::Store& store) {
      work(store);
      done.set_value();
    });
    done.get_future().wait();
  }
  // Lets everything that follows from what was done so far happen: each round is one turn of the core and one
  // of the writer.
  void settle(int rounds = 8) {
    for (int i = 0; i < rounds; ++i) {
      static_cast<void>(engine->statuses());
      with_store([](store::Store&) {});
    }
  }
  void advance(std::int64_t ms) {
    clock.advance_ms(ms);
    engine->wake();
    settle();
  }

  store::DeliveryRecord record(DeliveryId delivery) {
    return store::must(reader_->find_delivery(delivery, {})).value();
  }
  std::vector<Attempt> attempts(DeliveryId delivery) { return store::must(reader_->list_attempts(delivery)); }
  ChannelStatus status(ChannelId id) {
    for (auto& status : engine->statuses()) {
      if (status.id == id) return status;
    }
    ADD_FAILURE() << "no channel " << id;
    return {};
  }
  std::size_t count_in(DeliveryState state, const std::vector<DeliveryId>& deliveries) {
    return static_cast<std::size_t>(
        std::ranges::count_if(deliveries, [&](DeliveryId id) { return record(id).state == state; }));
  }

  ManualClock clock;
  EngineOptions options{.seed = 7};
  std::vector<ChannelId> ids;
  std::vector<store::ChannelBacklog> backlogs;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<store::Writer> writer_;

 private:
  std::unique_ptr<store::TempDirectory> directory_ = std::make_unique<store::TempDirectory>();
  std::unique_ptr<store::Reader> reader_;
  TeamId team_ = 0;
  EventSeq next_seq_ = 1000;

 protected:
  [[nodiscard]] TeamId team() const { return team_; }
  EventSeq take_seqs(std::int64_t count) { return std::exchange(next_seq_, next_seq_ + count); }
};

}  // namespace tocsin::delivery
