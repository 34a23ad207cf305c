// The [store] thread over the real engine, with real threads and no sleeping: a test waits for the answer it
// asked for.
#include "store/writer.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <map>
#include <thread>

#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::store {
namespace {

using testing::Each;
using testing::HasSubstr;

// The real engine, told what to answer instead at given points.
class FaultyStore final : public Store {
 public:
  explicit FaultyStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}
  std::function<std::optional<Error>(std::size_t events, std::size_t finishes)> fault;

  Result<WriteResult> write(std::span<const NewEvent> events, std::span<const Finish> finishes,
                            std::int64_t now_ms) override {
    if (fault) {
      if (auto error = fault(events.size(), finishes.size())) return *error;
    }
    return store_->write(events, finishes, now_ms);
  }
  Result<std::vector<TeamId>> resolve_teams(std::span<const std::string> names) override {
    return store_->resolve_teams(names);
  }
  Result<std::vector<ChannelId>> resolve_channels(std::span<const ChannelKey> keys) override {
    return store_->resolve_channels(keys);
  }
  Result<std::int64_t> put_generation(TeamId team, const std::string& definition) override {
    return store_->put_generation(team, definition);
  }
  Result<std::vector<Claimed>> claim(ChannelId channel, std::int64_t now_ms, std::size_t limit) override {
    return store_->claim(channel, now_ms, limit);
  }
  Result<void> release(std::span<const DeliveryId> deliveries, std::int64_t now_ms) override {
    return store_->release(deliveries, now_ms);
  }
  Result<std::size_t> cancel_channel(ChannelId channel, const std::string& reason,
                                     std::int64_t now_ms) override {
    return store_->cancel_channel(channel, reason, now_ms);
  }
  Result<std::vector<ChannelBacklog>> list_backlogs() override { return store_->list_backlogs(); }
  Result<std::vector<std::pair<ChannelId, ChannelKey>>> list_channels() override {
    return store_->list_channels();
  }
  Result<std::size_t> delete_expired(std::int64_t before_ms, std::size_t limit) override {
    return store_->delete_expired(before_ms, limit);
  }
  Result<void> checkpoint() override { return store_->checkpoint(); }
  std::int64_t log_bytes() const override { return store_->log_bytes(); }
  std::int64_t epoch() const override { return store_->epoch(); }
  std::int64_t last_number() const override { return store_->last_number(); }
  Result<std::unique_ptr<Reader>> open_reader() override { return store_->open_reader(); }

 private:
  std::unique_ptr<Store> store_;
};

class WriterTest : public testing::Test {
 protected:
  void SetUp() override { make({}); }

  void make(WriterOptions options) {
    writer.reset();
    auto sqlite = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
    const std::vector<std::string> names = {"platform"};
    team = must(sqlite->resolve_teams(names)).front();
    const std::vector<ChannelKey> keys = {{team, "ops", "webhook"}};
    channel = must(sqlite->resolve_channels(keys)).front();
    auto wrapped = std::make_unique<FaultyStore>(std::move(sqlite));
    store = wrapped.get();
    writer = std::make_unique<Writer>(std::move(wrapped), clock, options);
  }

  NewEvent plan(const std::string& key = "", bool hot = true) {
    const std::scoped_lock lock(mutex);
    NewEvent event = make_new_event(ids.reserve(kStartMs, 2), team, {{channel, hot}});
    if (!key.empty()) event.keys = {key};
    return event;
  }
  std::future<std::vector<Result<Accepted>>> accept(std::vector<NewEvent> events) {
    auto promise = std::make_shared<std::promise<std::vector<Result<Accepted>>>>();
    writer->accept(std::move(events), [promise](auto answers) { promise->set_value(std::move(answers)); });
    return promise->get_future();
  }
  std::future<std::vector<Result<Accepted>>> accept_one(const std::string& key = "") {
    std::vector<NewEvent> events;
    events.push_back(plan(key));
    return accept(std::move(events));
  }
  std::future<Result<bool>> finish(Finish finish) {
    auto promise = std::make_shared<std::promise<Result<bool>>>();
    writer->finish(std::move(finish), [promise](auto answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  std::vector<Claimed> claim(std::size_t limit) {
    std::promise<Result<std::vector<Claimed>>> promise;
    writer->claim(channel, limit, [&](auto answer) { promise.set_value(std::move(answer)); });
    return must(promise.get_future().get());
  }
  // Holds the store thread, so that what is asked meanwhile lies there together. set_value() lets it go.
  std::shared_ptr<std::promise<void>> hold() {
    auto go = std::make_shared<std::promise<void>>();
    auto held = std::make_shared<std::promise<void>>();
    writer->run([go, held, wait = go->get_future().share()](Store&) {
      held->set_value();
      wait.get();
    });
    held->get_future().get();
    return go;
  }
  // Runs `work` on the store thread and waits for it.
  void on_store(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    writer->run([&](Store& given) {
      work(given);
      done.set_value();
    });
    done.get_future().get();
  }

  TempDirectory directory;
  ManualClock clock{kStartMs};
  std::mutex mutex;
  IdSource ids{0};
  TeamId team = 0;
  ChannelId channel = 0;
  FaultyStore* store = nullptr;
  std::unique_ptr<Writer> writer;
};

TEST_F(WriterTest, AnswersEachEventOfASubmission) {
  writer->start();
  std::vector<NewEvent> events;
  events.push_back(plan("id:a"));
  events.push_back(plan("id:a"));
  events.push_back(plan());
  const auto answers = accept(std::move(events)).get();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0]->kind, Accepted::Kind::kStored);
  EXPECT_EQ(answers[1]->kind, Accepted::Kind::kDuplicate);
  EXPECT_EQ(answers[2]->kind, Accepted::Kind::kStored);
  EXPECT_EQ(writer->health().last_commit_ms, kStartMs);
}

TEST_F(WriterTest, AnswersASubmissionOfNothing) {
  writer->start();
  EXPECT_TRUE(accept({}).get().empty());
}

TEST_F(WriterTest, StoresOneEventOutOfManyEqualKeysAtOnce) {
  writer->start();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers(64);
  {
    std::vector<std::jthread> threads;
    for (auto& answer : answers) {
      threads.emplace_back([&] { answer = accept_one("id:same"); });
    }
  }
  std::map<Accepted::Kind, int> kinds;
  std::vector<EventSeq> seqs;
  for (auto& answer : answers) {
    const auto accepted = must(answer.get().front());
    ++kinds[accepted.kind];
    seqs.push_back(accepted.seq);
  }
  EXPECT_EQ(kinds[Accepted::Kind::kStored], 1);
  EXPECT_EQ(kinds[Accepted::Kind::kDuplicate], 63);
  EXPECT_THAT(seqs, Each(seqs.front()));
}

TEST_F(WriterTest, SharesOneCommitBetweenWhatWaits) {
  writer->start();
  const auto go = hold();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(accept_one());
  const auto before = writer->health().commits;
  go->set_value();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().front());
  EXPECT_EQ(writer->health().commits, before + 1);
  EXPECT_EQ(writer->health().events, 200u);
}

TEST_F(WriterTest, KeepsABatchWithinItsLimit) {
  make({.max_batch = 10});
  std::atomic<std::size_t> largest = 0;
  store->fault = [&](std::size_t events, std::size_t) -> std::optional<Error> {
    largest = std::max(largest.load(), events);
    return std::nullopt;
  };
  writer->start();
  const auto go = hold();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers;
  for (int i = 0; i < 95; ++i) answers.push_back(accept_one());
  go->set_value();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().front());
  EXPECT_LE(largest.load(), 10u);
}

TEST_F(WriterTest, RefusesMoreEventsThanItMayHold) {
  make({.max_queued_events = 5});
  writer->start();
  const auto go = hold();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers;
  for (int i = 0; i < 6; ++i) answers.push_back(accept_one());
  EXPECT_EQ(writer->health().queued_events, 5u);
  go->set_value();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(answers[static_cast<std::size_t>(i)].get().front());
  EXPECT_EQ(answers[5].get().front().error().code, Errc::kUnavailable);
  EXPECT_EQ(writer->health().queued_events, 0u);
}

TEST_F(WriterTest, TakesASubmissionLargerThanTheLimitWhenNothingWaits) {
  make({.max_queued_events = 5, .max_batch = 4});
  writer->start();
  std::vector<NewEvent> events;
  for (int i = 0; i < 20; ++i) events.push_back(plan());
  for (const auto& answer : accept(std::move(events)).get()) EXPECT_TRUE(answer);
}

TEST_F(WriterTest, HandsOnTheBatchBeforeTheAnswersAndEndsItAfter) {
  std::vector<std::string> order;
  writer->on_accepted([&](std::span<NewEvent> events, std::span<const Result<Accepted>> results) {
    EXPECT_EQ(events.size(), results.size());
    order.emplace_back("hook");
  });
  std::promise<void> done;
  writer->on_batch_done([&] {
    order.emplace_back("done");
    done.set_value();
  });
  writer->start();
  std::vector<NewEvent> events;
  events.push_back(plan());
  writer->accept(std::move(events), [&](auto) { order.emplace_back("answer"); });
  done.get_future().get();
  EXPECT_THAT(order, testing::ElementsAre("hook", "answer", "done"));
}

TEST_F(WriterTest, RecordsAFinishAndSaysWhenItIsFenced) {
  writer->start();
  const auto seq = must(accept_one().get().front()).seq;
  EXPECT_TRUE(must(finish(make_finish(seq + 1, 0, DeliveryState::kDelivered)).get()));
  EXPECT_FALSE(must(finish(make_finish(seq + 1, 0, DeliveryState::kDelivered)).get()));
}

TEST_F(WriterTest, ClaimsWhatWasReleased) {
  writer->start();
  const auto seq = must(accept_one().get().front()).seq;
  EXPECT_TRUE(claim(10).empty());
  writer->release({seq + 1});
  const auto claimed = claim(10);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].delivery, seq + 1);
}

TEST_F(WriterTest, WritesEverythingQueuedBeforeItStops) {
  writer->start();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers;
  for (int i = 0; i < 500; ++i) answers.push_back(accept_one());
  writer->stop();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().front());
  EXPECT_EQ(accept_one().get().front().error().code, Errc::kUnavailable);
  EXPECT_EQ(finish(make_finish(1, 0, DeliveryState::kDelivered)).get().error().code, Errc::kUnavailable);
  const auto again = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
  EXPECT_EQ(must(again->list_backlogs()).front().unfinished, 500);
}

TEST_F(WriterTest, RefusesEventsAndStillRecordsOutcomesOnAFullDisk) {
  std::atomic<bool> full = false;
  store->fault = [&](std::size_t events, std::size_t) -> std::optional<Error> {
    if (full && events > 0) return make_error(Errc::kStorageFull, "no room");
    return std::nullopt;
  };
  writer->start();
  const auto seq = must(accept_one().get().front()).seq;
  const auto go = hold();
  full = true;
  auto refused = accept_one();
  auto finished = finish(make_finish(seq + 1, 0, DeliveryState::kDelivered));
  go->set_value();
  EXPECT_EQ(refused.get().front().error().code, Errc::kStorageFull);
  EXPECT_TRUE(must(finished.get()));
  full = false;
  EXPECT_TRUE(accept_one().get().front());
  EXPECT_FALSE(writer->health().storage_full);
}

TEST_F(WriterTest, KeepsOutcomesUntilTheyCanBeWritten) {
  std::atomic<int> refusals = 0;
  store->fault = [&](std::size_t, std::size_t finishes) -> std::optional<Error> {
    if (finishes == 0 || ++refusals > 4) return std::nullopt;
    return make_error(Errc::kStorageFull, "no room");
  };
  writer->start();
  const auto seq = must(accept_one().get().front()).seq;
  EXPECT_TRUE(must(finish(make_finish(seq + 1, 0, DeliveryState::kDelivered)).get()));
  EXPECT_EQ(refusals, 5);
}

TEST_F(WriterTest, StopsThoughOutcomesCannotBeWritten) {
  store->fault = [&](std::size_t, std::size_t finishes) -> std::optional<Error> {
    if (finishes == 0) return std::nullopt;
    return make_error(Errc::kStorageFull, "no room");
  };
  writer->start();
  auto answer = finish(make_finish(1, 0, DeliveryState::kDelivered));
  writer->stop();
  EXPECT_EQ(answer.get().error().code, Errc::kStorageFull);
}

TEST_F(WriterTest, NoticesThatThereIsRoomAgain) {
  std::atomic<bool> full = true;
  std::promise<void> asked;
  store->fault = [&](std::size_t events, std::size_t finishes) -> std::optional<Error> {
    if (full) return make_error(Errc::kStorageFull, "no room");
    if (events + finishes == 0) asked.set_value();
    return std::nullopt;
  };
  writer->start();
  EXPECT_FALSE(accept_one().get().front());
  EXPECT_TRUE(writer->health().storage_full);
  full = false;
  asked.get_future().get();
  on_store([](Store&) {});  // after the look
  EXPECT_FALSE(writer->health().storage_full);
}

TEST_F(WriterTest, StopsWritingWhenDurabilityIsLost) {
  std::atomic<int> writes = 0;
  store->fault = [&](std::size_t, std::size_t) -> std::optional<Error> {
    ++writes;
    return make_error(Errc::kStorageFailed, "the sync failed");
  };
  std::atomic<int> failures = 0;
  writer->on_failure([&](const Error& error) {
    EXPECT_THAT(error.detail, HasSubstr("sync"));
    ++failures;
  });
  writer->start();
  EXPECT_EQ(accept_one().get().front().error().code, Errc::kStorageFailed);
  EXPECT_EQ(accept_one().get().front().error().code, Errc::kStorageFailed);
  EXPECT_EQ(finish(make_finish(1, 0, DeliveryState::kDelivered)).get().error().code, Errc::kStorageFailed);
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(failures, 1);
  EXPECT_TRUE(writer->health().failed);
  EXPECT_THAT(writer->health().reason, HasSubstr("sync"));
}

TEST_F(WriterTest, LetsOneBadEventHurtOnlyItself) {
  writer->start();
  std::vector<NewEvent> events;
  events.push_back(plan());
  events.push_back(events.front());  // the same number again
  events.push_back(plan());
  const auto answers = accept(std::move(events)).get();
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(answers[1].error().code, Errc::kInternal);
  EXPECT_TRUE(answers[2]);
}

TEST_F(WriterTest, DeletesWhatIsOlderThanTheRetention) {
  make({.retention_ms = 1000});
  writer->start();
  std::vector<NewEvent> events;
  for (int i = 0; i < 250; ++i) {
    events.push_back(make_new_event(ids.reserve(kStartMs, 1), team, {}));
  }
  const std::string first = events.front().event->id;
  const std::string last = events.back().event->id;
  accept(std::move(events)).get();
  const auto has = [&](const std::string& id) {
    bool found = false;
    on_store([&](Store& given) { found = must(must(given.open_reader())->find_event(id, {})).has_value(); });
    return found;
  };
  EXPECT_TRUE(has(first));
  clock.advance_ms(120'000);
  // Each look lets the thread go idle again, where it takes its next step.
  while (has(last)) std::this_thread::yield();
  EXPECT_FALSE(has(first));
}

TEST_F(WriterTest, MovesTheLogIntoTheFileWhenItIsIdle) {
  make({.checkpoint_bytes = 64 << 10});
  writer->start();
  for (int i = 0; i < 40; ++i) accept_one().get();
  const auto log = [&] {
    std::int64_t bytes = 0;
    on_store([&](Store& given) { bytes = given.log_bytes(); });
    return bytes;
  };
  while (log() >= 64 << 10) std::this_thread::yield();
}

TEST_F(WriterTest, MovesTheLogIntoTheFileWhenItIsLongAndNeverIdle) {
  make({.max_batch = 8, .checkpoint_bytes = 64 << 10});
  writer->start();
  const auto go = hold();
  std::vector<std::future<std::vector<Result<Accepted>>>> answers;
  for (int i = 0; i < 1000; ++i) answers.push_back(accept_one());
  go->set_value();
  for (auto& answer : answers) answer.get();
  std::int64_t bytes = 0;
  on_store([&](Store& given) { bytes = given.log_bytes(); });
  EXPECT_LT(bytes, 512 << 10);
}

TEST(ReaderPool, AnswersFromSeveralThreadsAndFinishesWhatWasAskedBeforeItStops) {
  const TempDirectory directory;
  const auto store = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 2; ++i) readers.push_back(must(store->open_reader()));
  ReaderPool pool(std::move(readers));
  std::atomic<int> answered = 0;
  for (int i = 0; i < 100; ++i) {
    pool.run([&](Reader& reader) {
      EXPECT_TRUE(reader.find_event("nothing", {}));
      ++answered;
    });
  }
  pool.stop();
  EXPECT_EQ(answered, 100);
}

}  // namespace
}  // namespace tocsin::store
