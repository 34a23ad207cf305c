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

TEST(HostilePlugin, LeavesNothingBehind) {
  struct stat state {};
  EXPECT_NE(::stat("/tmp/tocsin-hostile", &state), 0);
}

}  // namespace
}  // namespace tocsin::sandbox::tests
