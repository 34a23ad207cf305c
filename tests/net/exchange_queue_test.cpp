#include "net/exchange_queue.hpp"

#include <gtest/gtest.h>

namespace tocsin::net {
namespace {

PendingExchange pending(std::uint64_t pool, std::int64_t deadline_us = 1'000) {
  PendingExchange made;
  made.request.pool = pool;
  made.deadline_us = deadline_us;
  return made;
}

TEST(ExchangeQueue, HoldsAPoolToItsBoundAndKeepsTheRestInOrder) {
  ExchangeQueue queue;
  queue.set_limits(100, 2);
  EXPECT_TRUE(queue.start_or_wait(pending(1)));
  EXPECT_TRUE(queue.start_or_wait(pending(1)));
  EXPECT_FALSE(queue.start_or_wait(pending(1, 11)));
  EXPECT_FALSE(queue.start_or_wait(pending(1, 12)));
  EXPECT_TRUE(queue.start_or_wait(pending(2)));
  EXPECT_FALSE(queue.next());
  queue.finish(1);
  EXPECT_EQ(queue.next()->deadline_us, 11);
  EXPECT_FALSE(queue.next());
  queue.finish(1);
  queue.finish(1);
  EXPECT_EQ(queue.next()->deadline_us, 12);
  EXPECT_EQ(queue.in_flight(), 2U);
}

TEST(ExchangeQueue, KeepsTheLastQuarterForPoolsWithNothingInFlight) {
  ExchangeQueue queue;
  queue.set_limits(8, 8);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(queue.start_or_wait(pending(1)));
  }
  EXPECT_FALSE(queue.start_or_wait(pending(1)));  // hung, for all we know
  EXPECT_TRUE(queue.start_or_wait(pending(2)));
  EXPECT_TRUE(queue.start_or_wait(pending(3)));
  EXPECT_FALSE(queue.start_or_wait(pending(4)));
  EXPECT_FALSE(queue.next());
  queue.finish(2);
  EXPECT_EQ(queue.next()->request.pool, 4U);  // before pool 1, which waited longer but has six
  EXPECT_FALSE(queue.next());
}

TEST(ExchangeQueue, TakesPoolsInTurn) {
  ExchangeQueue queue;
  queue.set_limits(1, 8);
  EXPECT_TRUE(queue.start_or_wait(pending(9)));
  for (const std::uint64_t pool : {1, 1, 1, 2, 3}) {
    EXPECT_FALSE(queue.start_or_wait(pending(pool)));
  }
  std::vector<std::uint64_t> order;
  for (std::uint64_t last = 9; order.size() < 5;) {
    queue.finish(last);
    last = queue.next()->request.pool;
    order.push_back(last);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 1, 1}));
}

TEST(ExchangeQueue, GivesUpOnWhatWaitedBeyondItsDeadline) {
  ExchangeQueue queue;
  queue.set_limits(1, 1);
  EXPECT_EQ(queue.next_deadline_us(), -1);
  EXPECT_TRUE(queue.start_or_wait(pending(1, 5)));
  EXPECT_FALSE(queue.start_or_wait(pending(1, 30)));
  EXPECT_FALSE(queue.start_or_wait(pending(1, 20)));
  EXPECT_EQ(queue.next_deadline_us(), 20);
  EXPECT_FALSE(queue.expire(19));
  EXPECT_EQ(queue.expire(20)->deadline_us, 20);
  EXPECT_FALSE(queue.expire(20));
  EXPECT_EQ(queue.take_waiting().size(), 1U);
  EXPECT_EQ(queue.next_deadline_us(), -1);
  queue.finish(1);
  EXPECT_FALSE(queue.next());
}

TEST(ExchangeQueue, ForgetsIdlePoolsAndNothingElse) {
  ExchangeQueue queue;
  queue.set_limits(2, 1);
  EXPECT_TRUE(queue.start_or_wait(pending(0)));
  EXPECT_FALSE(queue.start_or_wait(pending(0)));
  for (std::uint64_t pool = 1; pool < 20'000; ++pool) {
    ASSERT_TRUE(queue.start_or_wait(pending(pool)));
    queue.finish(pool);
  }
  queue.finish(0);
  EXPECT_EQ(queue.next()->request.pool, 0U);
}

}  // namespace
}  // namespace tocsin::net
