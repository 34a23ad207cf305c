// The inbox's writes on the [store] thread: what shares a commit, what is told before what is answered, and
// who is refused.
#include <gmock/gmock.h>

#include "store/writer_fixture.hpp"

namespace tocsin::store {
namespace {

TEST_F(WriterTest, WritesItemsMarksAndEventsInOneCommit) {
  std::vector<InboxChange> changes;
  writer->on_inbox_changes([&](std::vector<InboxChange> batch) {
    for (auto& change : batch) changes.push_back(std::move(change));
  });
  writer->start();
  const auto go = hold();
  auto event = accept_one();
  std::vector<std::future<Result<InboxWritten>>> answers;
  for (int i = 0; i < 50; ++i) answers.push_back(put_item("k" + std::to_string(i)));
  answers.push_back(write_inbox(InboxMarking{team, "alice", InboxAction::kRead, {1, 2}, 0}));
  const auto before = writer->health().commits;
  go->set_value();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(must(answers[static_cast<std::size_t>(i)].get()).item, i + 1);
  EXPECT_EQ(must(answers.back().get()).changed, 2);
  EXPECT_TRUE(event.get().front());
  EXPECT_EQ(writer->health().commits, before + 1);
  ASSERT_EQ(changes.size(), 51u);
  EXPECT_EQ(changes.back().seq, 51);
}

TEST_F(WriterTest, TellsOfAChangeBeforeItsAnswerAndNotOfADuplicate) {
  std::vector<std::string> order;
  writer->on_inbox_changes(
      [&](std::vector<InboxChange> batch) { order.push_back("changes " + std::to_string(batch.size())); });
  writer->start();
  for (int i = 0; i < 2; ++i) {
    std::promise<void> done;
    writer->write_inbox(new_item("same"), [&](Result<InboxWritten> written) {
      order.emplace_back(must(std::move(written)).duplicate ? "duplicate" : "stored");
      done.set_value();
    });
    done.get_future().get();
  }
  EXPECT_THAT(order, testing::ElementsAre("changes 1", "stored", "duplicate"));
}

TEST_F(WriterTest, RefusesOneBadItemAndKeepsItsNeighbours) {
  writer->start();
  const auto go = hold();
  std::vector<std::future<Result<InboxWritten>>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(put_item("k" + std::to_string(i)));
  int call = 0;  // all three, then each alone: the second is bad
  store->inbox_fault = [&](std::size_t) -> std::optional<Error> {
    ++call;
    if (call == 1 || call == 3) return make_error(Errc::kInternal, "bad");
    return std::nullopt;
  };
  go->set_value();
  EXPECT_TRUE(answers[0].get());
  EXPECT_EQ(answers[1].get().error().code, Errc::kInternal);
  EXPECT_TRUE(answers[2].get());
}

TEST_F(WriterTest, RefusesItemsOnAFullDiskAndStillRecordsOutcomes) {
  writer->start();
  std::vector<NewEvent> events;
  events.push_back(plan());
  const DeliveryId delivery = events.front().event->seq + 1;
  EXPECT_TRUE(accept(std::move(events)).get().front());
  store->inbox_fault = [](std::size_t) { return make_error(Errc::kStorageFull, "full"); };
  const auto go = hold();
  auto item = put_item("a");
  auto outcome = finish(make_finish(delivery, 0, DeliveryState::kDelivered));
  go->set_value();
  EXPECT_EQ(item.get().error().code, Errc::kStorageFull);
  EXPECT_TRUE(must(outcome.get()));
}

TEST_F(WriterTest, RefusesMoreInboxWritesThanItMayHoldAndAllOnceItStopped) {
  make({.max_queued_inbox = 2});
  writer->start();
  const auto go = hold();
  auto first = put_item("a");
  auto second = put_item("b");
  EXPECT_EQ(put_item("c").get().error().code, Errc::kUnavailable);
  go->set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_TRUE(put_item("c").get());
  writer->stop();
  EXPECT_EQ(put_item("d").get().error().code, Errc::kUnavailable);
}

TEST_F(WriterTest, ForgetsItemsWithTheRetention) {
  make({.retention_ms = 1'000});
  writer->start();
  EXPECT_TRUE(put_item("a").get());
  clock.advance_ms(400'000);  // overdue: between two commits
  const auto count = [&] {
    InboxCounts counts;
    on_store([&](Store& given) { counts = must(must(given.open_reader())->count_inbox(team, "alice")); });
    return counts.total;
  };
  while (count() != 0) EXPECT_TRUE(accept_one().get().front());
}

}  // namespace
}  // namespace tocsin::store
