// A plugin that means harm, against the real kernel: each attempt is refused and told, and the host goes on.
#include <sys/stat.h>

#include "sandbox/sandbox_host.hpp"

namespace tocsin::sandbox::tests {
namespace {

struct Attempt {
  const char* act;
  const char* call;  // that is refused and named; "": a limit does it, or there is nothing to name
};

class Hostile : public ::testing::TestWithParam<Attempt> {};

TEST_P(Hostile, IsRefusedAndTold) {
  SandboxHost host(kHostile);
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  ASSERT_EQ(host.status().level, "full") << "these tests need a kernel with Landlock and seccomp";
  (*channel)->deliver({plugin::tests::make_job(1, GetParam().act)});
  const auto results = host.host.sink.wait(1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].attempt.outcome.code, "hostile.refused") << results[0].attempt.outcome.detail;
  EXPECT_EQ(host.status().restarts, 0U) << host.status().last_fault;
  if (*GetParam().call != '\0') {
    EXPECT_TRUE(host.comes_to([](const SandboxStatus& now) { return now.denied > 0; }));
    EXPECT_EQ(host.status().last_denied, GetParam().call);
  }
}

INSTANTIATE_TEST_SUITE_P(Acts, Hostile,
                         ::testing::Values(Attempt{"read_passwd", "openat"}, Attempt{"read_parent", "openat"},
                                           Attempt{"connect", "connect"}, Attempt{"exec", "execveat"},
                                           Attempt{"ptrace", "process_vm_readv"},
                                           Attempt{"kill_parent", "tgkill"}, Attempt{"fill_memory", ""},
                                           Attempt{"fill_disk", "memfd_create"},
                                           Attempt{"fork_bomb", "clone"}, Attempt{"map_code", "mmap of code"},
                                           Attempt{"drop_handler", "rt_sigaction of SIGSYS"}),
                         [](const auto& one) { return std::string(one.param.act); });

// It speaks the protocol itself, on the socket that it has.
class HostileFrames : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto made = host_.make();
    ASSERT_TRUE(made) << made.error().detail;
    channel_ = *made;
  }
  std::string outcome_of(std::int64_t number, const char* act) {
    channel_->deliver({plugin::tests::make_job(number, act)});
    const auto results = host_.host.sink.wait(static_cast<std::size_t>(number));
    return results.size() == static_cast<std::size_t>(number) ? results.back().attempt.outcome.code : "lost";
  }
  SandboxHost host_{kHostile};
  std::shared_ptr<plugin::ChannelInstance> channel_;
};

TEST_F(HostileFrames, CannotSayAnewWhatItsJailIs) {
  const auto before = host_.status();
  EXPECT_EQ(outcome_of(1, "say_jail_anew"), "hostile.refused");
  EXPECT_EQ(host_.status().level, before.level);
  EXPECT_EQ(host_.status().missing, before.missing);
}

TEST_F(HostileFrames, CompletesNothingThatItWasNotGiven) {
  for (std::int64_t number = 1; number <= 20; ++number) {
    ASSERT_EQ(outcome_of(number, number % 2 == 1 ? "forge_completions" : "say_jail_anew"), "hostile.refused")
        << number;
  }
  EXPECT_EQ(host_.status().restarts, 0U) << host_.status().last_fault;
}

TEST_F(HostileFrames, IsEndedWhereItDescribesItselfAgain) {
  EXPECT_EQ(outcome_of(1, "describe_anew"), "plugin.poison");
  EXPECT_EQ(host_.status().last_fault, "described itself again");
  EXPECT_EQ(outcome_of(2, "read_passwd"), "hostile.refused") << "the next process serves";
}

TEST_F(HostileFrames, IsEndedWhereItSaysThatItDoesNotLoad) {
  EXPECT_EQ(outcome_of(1, "say_not_loaded"), "plugin.poison");
  EXPECT_EQ(host_.status().last_fault, "said while it runs that it does not load");
}

TEST_F(HostileFrames, ClosesItsOutputAndGoesOn) {
  EXPECT_EQ(outcome_of(1, "close_output"), "hostile.refused");
  EXPECT_EQ(outcome_of(2, "read_passwd"), "hostile.refused");
  EXPECT_EQ(host_.status().restarts, 0U) << host_.status().last_fault;
}

TEST(HostilePlugin, LeavesNothingBehind) {
  struct stat state {};
  EXPECT_NE(::stat("/tmp/tocsin-hostile", &state), 0);
}

}  // namespace
}  // namespace tocsin::sandbox::tests
