// Today's channels on a host that serves ABI 1.0 and nothing newer, and the kept plugin on it as well: each
// is made, delivers one message and completes once, without a look at anything that 1.0 has not. That the
// kept plugin runs on today's host is shown by tests/conformance and tests/e2e.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host_1_0.h"

namespace {

struct Channel {
  const char* file;  // below the build folder
  const char* type;
  const char* answer;
  std::vector<const char*> scalars;
};
void PrintTo(const Channel& channel, std::ostream* out) {
  *out << channel.type;
}

constexpr const char* kToken = "tsec_0123456789abcdefghijklmnopqrstuv";

class OldHost : public ::testing::TestWithParam<Channel> {};

TEST_P(OldHost, RunsTodaysChannel) {
  const std::string file = std::string(TOCSIN_BINARY_DIR) + '/' + GetParam().file;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  void* entry = dlsym(library, "tocsin_plugin_v1");
  ASSERT_NE(entry, nullptr);
  std::vector<const char*> scalars = GetParam().scalars;
  scalars.push_back(nullptr);
  old_run run{};
  run.type = GetParam().type;
  run.settings = "{}";
  run.scalars = scalars.data();
  run.answer = GetParam().answer;
  old_host_run(entry, &run);
  EXPECT_EQ(run.created, 1) << run.said;
  EXPECT_EQ(run.completed, 1) << run.said;
  EXPECT_TRUE(run.status == 1 || run.status == 2) << run.status << ' ' << run.said;  // delivered or accepted
  EXPECT_GE(run.exchanges, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Each, OldHost,
    ::testing::Values(
        Channel{"plugins/slack.so", "slack", "ok", {"/url", kToken}},
        Channel{"plugins/teams.so", "teams", "", {"/url", kToken}},
        Channel{"plugins/webhook.so", "webhook", "", {"/url", "https://example.com/hook"}},
        Channel{"plugins/smtp.so",
                "smtp",
                "",
                {"/server", "mail.example.com", "/security", "starttls", "/username", "alerts@example.com",
                 "/password", kToken, "/to/0", "ops@example.com", "/timeout_seconds", "60"}},
        Channel{"plugins/in_app.so", "in_app", "", {}},
        Channel{"tests/channels/ntfy.so", "sh.ntfy", "", {"/topic_url", "https://ntfy.example/t"}},
        Channel{"tests/abi/plugin_1_0.so",
                "org.example.first",
                "",
                {"/url", "https://example.com", "/key", kToken}}),
    [](const auto& one) {
      std::string name = one.param.type;
      for (char& c : name) c = c == '.' ? '_' : c;
      return name;
    });

}  // namespace
