// The same checks with the plugin in the daemon's own sandbox: what is sound passes strictly there, too, and
// a sin is named, by the check that it belongs to or by how the process ended.
#include "conformance/validation.hpp"

namespace tocsin::conformance {
namespace {

using tests::kSanitized;
using tests::Sin;
using tests::text_of;

std::vector<CheckResult> validate(const std::string& file) {
  return tests::validate(file, true, 240'000);
}

class SandboxedPlugin : public ::testing::TestWithParam<const char*> {};

TEST_P(SandboxedPlugin, PassesEveryCheckStrictly) {
  std::string level;
  for (const CheckResult& result : validate(GetParam())) {
    EXPECT_EQ(result.verdict, Verdict::kPassed) << text_of(result);
    if (!result.sandbox.empty()) level = result.sandbox;
  }
  EXPECT_FALSE(level.empty()) << "it says how strong the sandbox was";
}

INSTANTIATE_TEST_SUITE_P(Shipped, SandboxedPlugin,
                         ::testing::Values("plugins/slack.so", "plugins/teams.so", "plugins/webhook.so",
                                           "plugins/smtp.so", "plugins/in_app.so", "tests/faulty/valid.so",
                                           "tests/abi/plugin_1_0.so"));

class SandboxedSin : public ::testing::TestWithParam<Sin> {};

TEST_P(SandboxedSin, IsNamedByItsCheck) {
  const Sin& sin = GetParam();
  if (kSanitized && std::string_view(sin.plugin) == "leaks")
    GTEST_SKIP() << "the sanitizer keeps what is freed";
  const auto results = validate("tests/faulty/" + std::string(sin.plugin) + ".so");
  CheckResult found;
  tests::expect_named(sin, results, found);
}

INSTANTIATE_TEST_SUITE_P(
    EachSin, SandboxedSin,
    ::testing::Values(
        Sin{"no_entry", "loads", "tocsin_plugin_v1"}, Sin{"null_api", "descriptor", "api"},
        Sin{"create_fails", "schema", "never accepts its settings"},
        Sin{"throws", "render", "threw from deliver() with \"severity:info\": thrown from deliver"},
        Sin{"double_complete", "render", "completed \"severity:info\" 2 times"},
        Sin{"never_complete", "render", "never completed"},
        Sin{"zero_outcome", "render", "with the outcome 0, which is none"},
        Sin{"aborts", "render", "its process ended with SIGABRT, at deliver() with \"severity:info\""},
        Sin{"exits", "render", "its process ended with status 0, at deliver()"},
        Sin{"spins", "render", "did not answer for 5 s, at deliver() with \"severity:info\""},
        Sin{"prints", "quiet", "delivering deliver"},
        Sin{"leaves_file", "refused",
            "made a call that a sandbox refuses, openat, at \"an ordinary message\""},
        Sin{"leaks", "lifecycle", "keeps about 10"},
        Sin{"floods_log", "render", "writes 1000 lines into the log for \"severity:info\""},
        Sin{"asks_undeclared", "render", "asks for the extension tocsin.http/1"},
        Sin{"trusts_all", "failures", "takes a failure for success: 301"},
        Sin{"calls_home", "render", "E_DENIED"}, Sin{"counts", "repeats", "sends other bytes"},
        Sin{"sends_token", "secrets", "would be sent as its token"},
        Sin{"tells_token", "secrets", "the token of /token stands in the outcome"}),
    [](const auto& sin) { return std::string(sin.param.plugin); });

TEST(SandboxedValidation, LooksNoFurtherAfterItsProcessEnded) {
  const auto results = validate("tests/faulty/aborts.so");
  EXPECT_EQ(results.back().verdict, Verdict::kSkipped);
}

}  // namespace
}  // namespace tocsin::conformance
