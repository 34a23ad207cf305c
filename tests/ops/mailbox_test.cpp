// The one hand-over between threads: order, wake-ups, and nothing lost under contention.
#include "ops/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace tocsin::ops {
namespace {

TEST(Mailbox, AsksForAWakeUpOnlyWhenItWasEmpty) {
  Mailbox<int> box;
  EXPECT_TRUE(box.push(1));
  EXPECT_FALSE(box.push(2));
  std::vector<int> batch;
  box.take_all(batch);
  EXPECT_THAT(batch, testing::ElementsAre(1, 2));
  EXPECT_TRUE(box.empty());
  EXPECT_TRUE(box.push(3));
}

TEST(Mailbox, DropsWhatTheBatchHeldBefore) {
  Mailbox<int> box;
  std::vector<int> batch = {7, 8};
  box.take_all(batch);
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(box.push(1));
}

TEST(Mailbox, CarriesMoveOnlyValues) {
  Mailbox<std::unique_ptr<int>> box;
  EXPECT_TRUE(box.push(std::make_unique<int>(5)));
  std::vector<std::unique_ptr<int>> batch;
  box.take_all(batch);
  ASSERT_EQ(batch.size(), 1u);
  EXPECT_EQ(*batch[0], 5);
}

TEST(Mailbox, TakesManyAtOnceInOrder) {
  Mailbox<int> box;
  std::vector<int> none;
  EXPECT_FALSE(box.push_all(none));
  std::vector<int> first = {1, 2};
  EXPECT_TRUE(box.push_all(first));
  std::vector<int> second = {3};
  EXPECT_FALSE(box.push_all(second));
  EXPECT_TRUE(first.empty());
  EXPECT_TRUE(second.empty());
  std::vector<int> batch;
  box.take_all(batch);
  EXPECT_THAT(batch, testing::ElementsAre(1, 2, 3));
}

TEST(Mailbox, LosesNothingWhenManyThreadsPushAndTheTakerOnlyWakesWhenAsked) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  Mailbox<int> box;
  std::counting_semaphore<> wake(0);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&box, &wake, t] {
      for (int i = 0; i < kEach; ++i) {
        if (box.push(t * kEach + i)) wake.release();
      }
    });
  }
  std::vector<int> next(kThreads, 0);
  std::vector<int> batch;
  for (int taken = 0; taken < kThreads * kEach;) {
    wake.acquire();
    box.take_all(batch);
    for (const int value : batch) {
      EXPECT_EQ(value % kEach, next[static_cast<std::size_t>(value / kEach)]++);
    }
    taken += static_cast<int>(batch.size());
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tocsin::ops
