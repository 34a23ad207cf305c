// What the engine knows of a channel's rows on disk, and the gate that keeps memory bounded.
#include "delivery/backlog.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "delivery/gate.hpp"

namespace tocsin::delivery {
namespace {

constexpr std::uint32_t kWindow = 8;
constexpr std::size_t kMost = 128;

Instant at(std::int64_t ms) {
  return {1'000'000 + ms, ms};
}
std::int64_t due(std::int64_t ms) {
  return at(ms).unix_ms;
}

TEST(Backlog, ClaimsNothingWhereNothingWaits) {
  Backlog backlog;
  backlog.look(at(0));
  EXPECT_FALSE(backlog.wants_claim(at(0), 0, kWindow));
  EXPECT_TRUE(backlog.may_be_passed(at(0)));
  EXPECT_EQ(backlog.next_look(at(0)), std::nullopt);
}

TEST(Backlog, ClaimsARetryWhenItIsDue) {
  Backlog backlog;
  backlog.scheduled(due(5000), 1);
  backlog.look(at(4999));
  EXPECT_FALSE(backlog.wants_claim(at(4999), 0, kWindow));
  EXPECT_EQ(backlog.next_look(at(4999)), 5000);
  EXPECT_TRUE(backlog.may_be_passed(at(4999)));
  backlog.look(at(5000));
  EXPECT_TRUE(backlog.wants_claim(at(5000), 0, kWindow));
}

TEST(Backlog, KeepsTheOtherDueTimesWhenOneIsClaimed) {
  Backlog backlog;
  for (const std::int64_t ms : {9000, 5000, 7000}) backlog.scheduled(due(ms), 1);
  backlog.look(at(5000));
  const std::size_t asked = backlog.begin_claim(at(5000), 0, kWindow, kMost);
  EXPECT_EQ(asked, 16U);
  backlog.claimed(at(5001), asked, 1);
  backlog.look(at(5001));
  EXPECT_FALSE(backlog.wants_claim(at(5001), 0, kWindow));
  EXPECT_EQ(backlog.next_look(at(5001)), 7000);
  EXPECT_EQ(backlog.count(), 2);
}

TEST(Backlog, LetsNothingPassWhatWasAcceptedCold) {
  Backlog backlog;
  backlog.added(at(0), 3);
  backlog.look(at(0));
  EXPECT_FALSE(backlog.may_be_passed(at(0)));
  const std::size_t asked = backlog.begin_claim(at(0), 0, kWindow, kMost);
  backlog.claimed(at(1), asked, 3);
  EXPECT_TRUE(backlog.may_be_passed(at(1)));
}

TEST(Backlog, AsksAgainWhereRowsWereGivenBackWhileAClaimWasUnderWay) {
  Backlog backlog;
  backlog.added(at(0), 1);
  backlog.look(at(0));
  const std::size_t asked = backlog.begin_claim(at(0), 0, kWindow, kMost);
  EXPECT_FALSE(backlog.wants_claim(at(0), 0, kWindow)) << "one at a time";
  backlog.released(1);
  backlog.claimed(at(1), asked, 1);
  EXPECT_TRUE(backlog.wants_claim(at(1), 0, kWindow));
  EXPECT_FALSE(backlog.may_be_passed(at(1)));
}

TEST(Backlog, LeavesTheDiskUnderLoadThoughStragglersComeIn) {
  Backlog backlog;
  backlog.added(at(1000), 5);
  EXPECT_FALSE(backlog.may_be_passed(at(1000)));
  const std::size_t asked = backlog.begin_claim(at(1000), 0, kWindow, kMost);
  backlog.claimed(at(1001), asked, 5);
  EXPECT_TRUE(backlog.may_be_passed(at(1001)));
  backlog.added(at(1002), 3);  // accepted cold before the gate opened
  EXPECT_TRUE(backlog.may_be_passed(at(1002)));
  EXPECT_TRUE(backlog.wants_claim(at(1002), 0, kWindow));
  backlog.added(at(1252), 3);  // there is no room in memory, then
  EXPECT_FALSE(backlog.may_be_passed(at(1252)));
}

TEST(Backlog, WaitsForRoomBeforeItClaims) {
  Backlog backlog;
  backlog.added(at(0), 1000);
  backlog.look(at(0));
  EXPECT_FALSE(backlog.wants_claim(at(0), 9, kWindow));
  EXPECT_TRUE(backlog.wants_claim(at(0), 8, kWindow));
  EXPECT_EQ(backlog.begin_claim(at(0), 8, kWindow, kMost), 8U);
}

TEST(Backlog, ClaimsMoreAtATimeWhereTheChannelIsFast) {
  Backlog backlog;
  backlog.added(at(0), 100'000);
  std::size_t asked = 0;
  for (std::int64_t ms = 0; ms < 10; ++ms) {
    backlog.look(at(ms));
    asked = backlog.begin_claim(at(ms), 0, kWindow, kMost);
    backlog.claimed(at(ms), asked, asked);
  }
  EXPECT_EQ(asked, kMost);
  backlog.look(at(5000));
  EXPECT_EQ(backlog.begin_claim(at(5000), 0, kWindow, kMost), 16U) << "and fewer where it is slow";
}

TEST(Backlog, AsksForOneWhereTheTargetIsProbed) {
  Backlog backlog;
  backlog.added(at(0), 100);
  backlog.look(at(0));
  EXPECT_FALSE(backlog.wants_claim(at(0), 1, 0));
  EXPECT_TRUE(backlog.wants_claim(at(0), 0, 0));
  EXPECT_EQ(backlog.begin_claim(at(0), 0, 0, 1), 1U);
}

TEST(Backlog, LooksAgainNowAndThenForRowsOfAnEarlierRun) {
  Backlog backlog;
  backlog.found(3, due(2000));
  backlog.look(at(0));
  EXPECT_TRUE(backlog.may_be_passed(at(0))) << "nothing of it is due";
  EXPECT_EQ(backlog.next_look(at(0)), 2000);
  backlog.look(at(2000));
  ASSERT_TRUE(backlog.wants_claim(at(2000), 0, kWindow));
  const std::size_t asked = backlog.begin_claim(at(2000), 0, kWindow, kMost);
  backlog.claimed(at(2000), asked, 1);
  std::int64_t now = 2000;
  for (const std::int64_t wait : {15'000, 30'000, 60'000, 60'000}) {
    backlog.look(at(now));
    ASSERT_EQ(backlog.next_look(at(now)), now + wait);
    now += wait;
    backlog.look(at(now));
    ASSERT_TRUE(backlog.wants_claim(at(now), 0, kWindow));
    const std::size_t more = backlog.begin_claim(at(now), 0, kWindow, kMost);
    backlog.claimed(at(now), more, 0);
  }
}

TEST(Backlog, TriesAgainASecondAfterARefusedClaim) {
  Backlog backlog;
  backlog.added(at(0), 1);
  backlog.look(at(0));
  static_cast<void>(backlog.begin_claim(at(0), 0, kWindow, kMost));
  backlog.claim_failed(at(0));
  EXPECT_FALSE(backlog.wants_claim(at(999), 0, kWindow));
  EXPECT_EQ(backlog.next_look(at(0)), 1000);
  EXPECT_TRUE(backlog.wants_claim(at(1000), 0, kWindow));
}

TEST(Backlog, HoldsNewOnesBackWhereARetryHasWaitedTooLongBehindThem) {
  Backlog backlog;
  backlog.scheduled(due(0), 1);
  backlog.look(at(0));
  EXPECT_TRUE(backlog.may_be_passed(at(5000)));
  EXPECT_FALSE(backlog.may_be_passed(at(5001)));
}

TEST(Backlog, RemembersABoundedNumberOfDueTimesAndPollsForTheRest) {
  Backlog backlog;
  for (std::int64_t i = 0; i < 5000; ++i) backlog.scheduled(due(1'000'000 + i), 1);
  backlog.look(at(0));
  EXPECT_EQ(backlog.count(), 5000);
  EXPECT_EQ(backlog.next_look(at(0)), Backlog::kPollMs);
}

// ---- gate

TEST(GateTable, AdmitsOnlyThroughAnOpenGateAndOnlySoMany) {
  GateTable gates(3, 1000);
  EXPECT_FALSE(gates.admit(7)) << "no such channel";
  Gate& gate = gates.find_or_add(7);
  EXPECT_FALSE(gates.admit(7)) << "not open";
  gate.open = true;
  EXPECT_TRUE(gates.admit(7) && gates.admit(7) && gates.admit(7));
  EXPECT_FALSE(gates.admit(7));
  gates.give_back(7, 1);
  EXPECT_TRUE(gates.admit(7));
  EXPECT_EQ(gate.taken, 3);
}

TEST(GateTable, KeepsAFewPlacesForEveryChannelWhenTheOthersHaveTakenAll) {
  GateTable gates(256, 100);
  gates.find_or_add(1).open = true;
  gates.find_or_add(2).open = true;
  int first = 0;
  while (gates.admit(1)) ++first;
  EXPECT_EQ(first, 100);
  int second = 0;
  while (gates.admit(2)) ++second;
  EXPECT_EQ(second, GateTable::kAlways);
}

TEST(GateTable, FindsEveryChannelWhileItGrows) {
  GateTable gates(1, 1'000'000);
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      if (gates.admit(1)) gates.give_back(1, 1);
    }
  });
  for (ChannelId id = 1; id <= 5000; ++id) gates.find_or_add(id).open = true;
  stop = true;
  reader.join();
  for (ChannelId id = 1; id <= 5000; ++id) EXPECT_TRUE(gates.admit(id)) << id;
  EXPECT_FALSE(gates.admit(5001));
}

TEST(GateTable, NeverAdmitsMoreThanItsPlacesFromManyThreads) {
  GateTable gates(100, 1000);
  Gate& gate = gates.find_or_add(1);
  gate.open = true;
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) admitted += gates.admit(1) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(admitted, 100);
  EXPECT_EQ(gate.taken, admitted);
}

}  // namespace
}  // namespace tocsin::delivery
