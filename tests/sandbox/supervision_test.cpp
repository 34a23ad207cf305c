// Crashes and hangs of a plugin's process: nothing is lost, nothing goes on for ever.
#include <csignal>

#include "sandbox/sandbox_host.hpp"

namespace tocsin::sandbox::tests {
namespace {

using ::testing::HasSubstr;

std::vector<plugin::Job> jobs(DeliveryId from, DeliveryId to) {
  std::vector<plugin::Job> out;
  for (; from < to; ++from) out.push_back(plugin::tests::make_job(from));
  return out;
}

TEST(Supervision, AProcessThatIsKilledIsFollowedByTheNextAndNothingIsLost) {
  SandboxHost host(faulty("valid"));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  DeliveryId next = 1;
  for (int round = 0; round < 3; ++round) {
    const int before = host.status().pid;
    (*channel)->deliver(jobs(next, next + 20));
    ::kill(before, SIGKILL);
    (*channel)->deliver(jobs(next + 20, next + 40));
    next += 40;
    for (const auto& result : host.host.sink.wait(static_cast<std::size_t>(next - 1))) {
      EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kDelivered);
    }
    EXPECT_TRUE(host.comes_to([&](const SandboxStatus& now) { return now.pid != 0 && now.pid != before; }));
    host.sandboxes.reset(host.path).value();
  }
  EXPECT_EQ(host.status().restarts, 3U);
  EXPECT_THAT(host.status().last_fault, HasSubstr("SIGKILL"));
  EXPECT_EQ(host.quarantines, 0);
}

TEST(Supervision, ADeliveryThatCrashesEveryProcessFailsAsPoisonAndTheOthersArrive) {
  SandboxHost host(kHostile);
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  auto all = jobs(2, 10);
  all.insert(all.begin() + 4, plugin::tests::make_job(1, "crash"));
  (*channel)->deliver(std::move(all));
  for (const auto& result : host.host.sink.wait(9)) {
    const Outcome& outcome = result.attempt.outcome;
    if (result.delivery == 1) {
      EXPECT_EQ(outcome.status, OutcomeStatus::kRejected);
      EXPECT_EQ(outcome.code, "plugin.poison");
      EXPECT_THAT(outcome.detail, HasSubstr("3 times"));
      EXPECT_THAT(outcome.detail, HasSubstr("SIGABRT"));
    } else {
      EXPECT_EQ(outcome.status, OutcomeStatus::kDelivered) << result.delivery;
    }
  }
  EXPECT_EQ(host.quarantines, 0) << "three crashes are not five";
}

TEST(Supervision, FiveCrashesInTenMinutesEndInQuarantineUntilReset) {
  SandboxHost host(faulty("valid"));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.state == "running"; }));
    ::kill(host.status().pid, SIGKILL);
    ASSERT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.pid == 0; }));
  }
  ASSERT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.state == "quarantined"; }));
  EXPECT_EQ(host.quarantines, 1);
  EXPECT_THAT(host.sandboxes.blocked(host.path), HasSubstr("tocsin plugin reset"));
  (*channel)->deliver(jobs(1, 5));
  EXPECT_EQ(host.host.sink.count(), 0U) << "they wait";
  ASSERT_TRUE(host.sandboxes.reset(host.path));
  EXPECT_EQ(host.host.sink.wait(4).size(), 4U);
  EXPECT_EQ(host.sandboxes.blocked(host.path), "");
  EXPECT_FALSE(host.sandboxes.reset("/no/such.so"));
}

// The daemon may notice the end while it writes: what came before counts all the same.
TEST(Supervision, WhatItSaidBeforeItsEndIsHeard) {
  constexpr int kRounds = 30;
  SandboxHost host(kHostile);
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  DeliveryId next = 1;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<plugin::Job> all;
    all.push_back(plugin::tests::make_job(next++, "complete_and_leave"));
    (*channel)->deliver(std::move(all));
    for (int i = 0; i < 20; ++i) (*channel)->deliver(jobs(next + i, next + i + 1));
    next += 20;
    EXPECT_EQ(host.host.sink.wait(static_cast<std::size_t>(next - 1)).size(),
              static_cast<std::size_t>(next - 1));
    EXPECT_TRUE(
        host.comes_to([&](const SandboxStatus& now) { return now.restarts > static_cast<unsigned>(round); }));
    host.sandboxes.reset(host.path).value();
    EXPECT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.state == "running"; }));
  }
  EXPECT_EQ(host.status().restarts, static_cast<unsigned>(kRounds)) << "none was given twice";
}

TEST(Supervision, APluginThatHangsIsEndedAndTheOthersGoOn) {
  SandboxHost host(kHostile);
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  (*channel)->deliver({plugin::tests::make_job(1, "hang")});
  EXPECT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.restarts == 1; }));
  EXPECT_THAT(host.status().last_fault, HasSubstr("did not answer for 5 s"));
}

TEST(Supervision, TheProcessEndsWithItsHost) {
  int pid = 0;
  {
    SandboxHost host(faulty("valid"));
    ASSERT_TRUE(host.make());
    pid = host.status().pid;
    ASSERT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Supervision, AFullSandboxIsGivenWhereItIsAskedFor) {
  const SandboxHost host(faulty("valid"), true);
  // Where the kernel has it all it loads; where not, the sentence says what is missing.
  if (host.set.states()[0].loaded) {
    EXPECT_EQ(host.status().level, "full");
  } else {
    EXPECT_THAT(host.set.states()[0].problem, HasSubstr("this kernel has no"));
  }
}

}  // namespace
}  // namespace tocsin::sandbox::tests
