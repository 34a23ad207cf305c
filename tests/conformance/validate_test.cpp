// The whole validator with real children: what is sound passes strictly, and each sin has its own diagnostic
// from the check that it belongs to.
#include "conformance/validation.hpp"

namespace tocsin::conformance {
namespace {

using tests::kSanitized;
using tests::Sin;
using tests::text_of;

std::vector<CheckResult> validate(const std::string& file, std::int64_t limit_ms = 120'000) {
  return tests::validate(file, false, limit_ms);
}

class SoundPlugin : public ::testing::TestWithParam<const char*> {};

TEST_P(SoundPlugin, PassesEveryCheckStrictly) {
  for (const CheckResult& result : validate(GetParam())) {
    EXPECT_EQ(result.verdict, Verdict::kPassed) << text_of(result);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, SoundPlugin,
                         ::testing::Values("plugins/slack.so", "plugins/teams.so", "plugins/webhook.so",
                                           "plugins/smtp.so", "plugins/in_app.so", "tests/faulty/valid.so",
                                           "tests/abi/plugin_1_0.so"));

class FaultyPlugin : public ::testing::TestWithParam<Sin> {};

TEST_P(FaultyPlugin, IsNamedByItsCheck) {
  const Sin& sin = GetParam();
  const bool leaks = std::string_view(sin.plugin).starts_with("lea");
  if (kSanitized && leaks) GTEST_SKIP() << "the sanitizer finds it first, in its own words";
  const bool hangs =
      std::string_view(sin.plugin) == "spins" || std::string_view(sin.plugin) == "hangs_in_create";
  const auto results = validate("tests/faulty/" + std::string(sin.plugin) + ".so",
                                hangs ? (kSanitized ? 10'000 : 2000) : 100'000);
  CheckResult found;
  tests::expect_named(sin, results, found);
  for (const Finding& one : found.findings) {
    EXPECT_FALSE(one.fix.empty());
    EXPECT_EQ(one.fix.find('\n'), std::string::npos) << "one line";
  }
}

INSTANTIATE_TEST_SUITE_P(
    EachSin, FaultyPlugin,
    ::testing::Values(
        Sin{"text", "loads", "is not a shared library"},
        Sin{"missing_symbol", "loads", "tocsin_test_no_such_function"},
        Sin{"no_entry", "loads", "tocsin_plugin_v1"}, Sin{"null_return", "descriptor", "NULL"},
        Sin{"wrong_size", "descriptor", "a size of 12"}, Sin{"wrong_abi", "descriptor", "size 0"},
        Sin{"null_api", "descriptor", "api"}, Sin{"bad_type_id", "descriptor", "malformed id"},
        Sin{"bad_schema", "descriptor", "settings schema"},
        Sin{"unknown_extension", "descriptor", "acme.teleport/1"},
        Sin{"create_fails", "schema", "never accepts its settings"},
        Sin{"throws", "render", "threw from deliver() with \"severity:info\": thrown from deliver"},
        Sin{"double_complete", "render", "completed \"severity:info\" 2 times"},
        Sin{"never_complete", "render", "never completed"},
        Sin{"zero_outcome", "render", "with the outcome 0, which is none"},
        Sin{"aborts", "render", "crashed with SIGABRT, at deliver() with \"severity:info\""},
        Sin{"exits", "render", "ended the process with status 0"},
        Sin{"spins", "render", "did not come to its end within"},
        Sin{"prints", "quiet", "wrote to stdout or stderr: \"delivering"},
        Sin{"takes_signal", "process", "changed the handler of signal 15"},
        Sin{"changes_locale", "process", "changed the locale"},
        Sin{"leaves_file", "process", "left a descriptor open"},
        Sin{"leaves_thread", "process", "left a thread running"}, Sin{"leaks", "lifecycle", "keeps about 10"},
        Sin{"asks_undeclared", "render", "asks for the extension tocsin.http/1"},
        Sin{"trusts_all", "failures", "takes a failure for success: 301"},
        Sin{"gives_up", "failures", "gives up on what passes by itself: 429"},
        Sin{"bad_json", "render", "does not parse"}, Sin{"calls_home", "render", "E_DENIED"},
        Sin{"counts", "repeats", "sends other bytes"},
        Sin{"shows_secret", "secrets", "/api_token sounds like a secret"},
        Sin{"sends_token", "secrets", "would be sent as its token"},
        Sin{"tells_token", "secrets", "the token of /token stands in the outcome"},
        Sin{"logs_token", "secrets", "the token of /token stands in its log"},
        Sin{"aborts_at_load", "loads", "crashed with SIGABRT, at loading"},
        Sin{"null_create", "schema", "create() returned NULL without saying why"},
        Sin{"throws_in_create", "schema", "create() threw: thrown from create"},
        Sin{"hangs_in_create", "schema", "did not come to its end within"},
        Sin{"reads_null", "render", "crashed with SIGSEGV, at deliver()"},
        Sin{"jumps_out", "render", "crashed with SIGSEGV, at deliver()"},
        Sin{"recurses", "render", "crashed with SIGSEGV, at deliver()"},
        Sin{"writes_const", "render", "crashed with SIGSEGV, at deliver()"},
        Sin{"writes_host", "render", "crashed with SIGSEGV, at deliver()"},
        Sin{"frees_twice", "render", "double free"},
        Sin{"closes_descriptors", "render", "closed descriptors that are not its own"},
        Sin{"completes_other", "render", "completed another delivery than \"severity:info\""},
        Sin{"completes_in_destroy", "render", "completed a delivery from destroy()"},
        Sin{"completes_after_destroy", "process", "called its host after destroy() had returned"},
        Sin{"big_body", "render", "E_TOO_LARGE"},
        Sin{"big_outcome", "render", "tells 8000000 bytes about \"severity:info\""},
        Sin{"big_note", "render", "leaves a note of 5000 bytes behind \"severity:info\""},
        Sin{"bad_utf8", "render", "the outcome of \"severity:info\" is not UTF-8"},
        Sin{"floods_log", "render", "writes 1000 lines into the log for \"severity:info\""},
        Sin{"leaves_pipes", "process", "left a descriptor open"},
        Sin{"changes_directory", "process", "changed the working directory"},
        Sin{"forks", "process", "started a process"}, Sin{"runs_command", "process", "started a process"}),
    [](const auto& sin) { return std::string(sin.param.plugin); });

TEST(Validate, LooksNoFurtherAfterACrash) {
  const auto results = validate("tests/faulty/aborts.so");
  EXPECT_EQ(results.back().verdict, Verdict::kSkipped);
}

TEST(Validate, SkipsWhatCannotBeCheckedAfterAFailure) {
  const auto results = validate("tests/faulty/no_entry.so");
  EXPECT_EQ(std::count_if(results.begin(), results.end(),
                          [](const CheckResult& result) { return result.verdict == Verdict::kSkipped; }),
            static_cast<std::ptrdiff_t>(results.size()) - 1);
}

}  // namespace
}  // namespace tocsin::conformance
