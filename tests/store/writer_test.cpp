// The [store] thread over the real engine, with real threads and no sleeping: a test waits for the answer it
// asked for.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "store/writer_fixture.hpp"

namespace tocsin::store {
namespace {

using testing::Each;
using testing::HasSubstr;

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

}  // namespace
}  // namespace tocsin::store
