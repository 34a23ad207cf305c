// On which threads a plugin runs: serialised, on its own thread, or freely; and its timers.
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

std::vector<Job> make_jobs(int count) {
  std::vector<Job> jobs;
  for (int i = 1; i <= count; ++i) jobs.push_back(make_job(i));
  return jobs;
}

TEST(ChannelThreads, NeverRunTwoCallsOfASerialInstanceAtOnce) {
  ChannelHost host(4);
  Script script;
  std::atomic<int> inside{0};
  int order = 0;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    EXPECT_EQ(++inside, 1);
    ++order;  // no lock: the strand orders us
    script.complete(delivery);
    --inside;
  };
  const auto instance = host.make(script);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) (*instance)->deliver(make_jobs(5));
    });
  }
  for (auto& thread : threads) thread.join();
  host.sink.wait(1'000);
  (*instance)->stop(10'000);
  EXPECT_EQ(order, 1'000);
}

TEST(ChannelThreads, KeepTheOrderOfJobs) {
  ChannelHost host(4);
  Script script;
  const auto instance = host.make(script);
  (*instance)->deliver(make_jobs(100));
  const auto results = host.sink.wait(100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].delivery, i + 1);
  (*instance)->stop(10'000);
}

TEST(ChannelThreads, GiveABlockingTypeOneThreadAndOneDeliveryAtATime) {
  ChannelHost host(1);
  Script script;
  Table table;
  table.type.threading = TOCSIN_BLOCKING;
  std::set<std::thread::id> seen;
  tocsin_delivery* open = nullptr;
  Signal first;
  std::mutex mutex;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(open, nullptr) << "the one before is not completed";
    seen.insert(std::this_thread::get_id());
    open = delivery;
    first.set();
  };
  const auto instance = host.make(script, table);
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver(make_jobs(5));
  ASSERT_TRUE(first.wait());
  for (std::size_t done = 0; done < 5;) {
    tocsin_delivery* now = nullptr;
    {
      const std::lock_guard lock(mutex);
      now = std::exchange(open, nullptr);
    }
    if (now == nullptr) {
      std::this_thread::yield();
      continue;
    }
    script.complete(now);
    ++done;
  }
  host.sink.wait(5);
  (*instance)->stop(10'000);
  EXPECT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen.count(std::this_thread::get_id()), 0U);
}

TEST(ChannelThreads, LetABlockingTypeBlockWithoutHoldingUpOthers) {
  ChannelHost host(1);
  Script slow, quick;
  Table table;
  table.type.threading = TOCSIN_BLOCKING;
  Signal release;
  slow.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    EXPECT_TRUE(release.wait());
    slow.complete(delivery);
  };
  const auto blocking = host.make(slow, table);
  const auto serial = host.make(quick);
  (*blocking)->deliver(make_jobs(1));
  (*serial)->deliver(make_jobs(10));
  host.sink.wait(10);
  release.set();
  host.sink.wait(11);
  (*blocking)->stop(10'000);
  (*serial)->stop(10'000);
}

TEST(ChannelThreads, EndsWhatWaitsBehindABlockedDeliveryAtItsDeadline) {
  ChannelHost host(1);
  Script script;
  Table table;
  table.type.threading = TOCSIN_BLOCKING;
  Signal entered, release;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    entered.set();
    EXPECT_TRUE(release.wait());
    script.complete(delivery);
  };
  const auto instance = host.make(script, table);
  (*instance)->deliver(make_jobs(3));
  ASSERT_TRUE(entered.wait());
  (*instance)->expire(host.clock.unix_ms() + 600'000);
  for (const auto& result : host.sink.wait(3))
    EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kTimedOut);
  (*instance)->deliver({make_job(4)});
  release.set();
  EXPECT_EQ(host.sink.wait(4)[3].delivery, 4);
  (*instance)->stop(10'000);
}

TEST(ChannelThreads, RunAConcurrentTypeOnSeveralThreadsAtOnce) {
  ChannelHost host(3);
  Script script;
  Table table;
  table.type.threading = TOCSIN_CONCURRENT;
  std::atomic<int> inside{0};
  Signal all;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    if (++inside == 3) all.set();
    EXPECT_TRUE(all.wait());
    script.complete(delivery);
  };
  std::atomic<bool> destroyed{false};
  script.destroy = [&] { destroyed = true; };
  const auto instance = host.make(script, table);
  (*instance)->deliver(make_jobs(30));
  host.sink.wait(30);
  (*instance)->stop(10'000);
  EXPECT_TRUE(destroyed);
}

TEST(ChannelTimers, FireOnceInOrderAndNotWhenCancelled) {
  ChannelHost host;
  Script script;
  struct State {
    std::vector<int> fired;
    Signal done;
  } state;
  std::uint64_t first = 0, second = 0, third = 0;
  script.create = [&](const tocsin_doc&) {
    const tocsin_clock& clock = script.clock();
    const auto push = [](int n) {
      return n == 1 ? [](tocsin_instance*, void* user) { static_cast<State*>(user)->fired.push_back(1); }
                    : [](tocsin_instance*, void* user) {
                        static_cast<State*>(user)->fired.push_back(2);
                        static_cast<State*>(user)->done.set();
                      };
    };
    EXPECT_EQ(clock.start_timer(script.host, 20, push(2), &state, &second), TOCSIN_OK);
    EXPECT_EQ(clock.start_timer(script.host, 0, push(1), &state, &first), TOCSIN_OK);
    EXPECT_EQ(clock.start_timer(script.host, 0, push(1), &state, &third), TOCSIN_OK);
    EXPECT_EQ(clock.cancel_timer(script.host, third), TOCSIN_OK);
    EXPECT_EQ(clock.cancel_timer(script.host, third), TOCSIN_E_STALE);
    EXPECT_EQ(clock.start_timer(script.host, -1, push(1), &state, &third), TOCSIN_E_INVALID);
    EXPECT_EQ(clock.start_timer(script.host, 8LL * 86'400'000, push(1), &state, &third), TOCSIN_E_INVALID);
    EXPECT_EQ(clock.unix_ms(script.host), host.clock.unix_ms());
  };
  const auto instance = host.make(script);
  ASSERT_TRUE(instance);
  EXPECT_TRUE(state.done.wait());
  (*instance)->stop(10'000);
  EXPECT_EQ(state.fired, (std::vector<int>{1, 2}));
}

TEST(ChannelTimers, AreBoundedAndDieWithTheInstance) {
  ChannelHost host;
  Script script;
  script.create = [&](const tocsin_doc&) {
    std::uint64_t timer = 0;
    const auto never = [](tocsin_instance*, void*) { ADD_FAILURE() << "fired after destroy()"; };
    for (int i = 0; i < 64; ++i) {
      EXPECT_EQ(script.clock().start_timer(script.host, 3'600'000, never, nullptr, &timer), TOCSIN_OK);
    }
    EXPECT_EQ(script.clock().start_timer(script.host, 0, never, nullptr, &timer), TOCSIN_E_BUSY);
  };
  const auto instance = host.make(script);
  ASSERT_TRUE(instance);
  (*instance)->stop(10'000);
}

}  // namespace
}  // namespace tocsin::plugin::tests
