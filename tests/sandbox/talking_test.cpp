// That a plugin cannot tell where it runs: what it says, asks and is told in a sandbox is what it would in
// process.
#include <filesystem>
#include <mutex>

#include "ops/log.hpp"
#include "sandbox/sandbox_host.hpp"

namespace tocsin::sandbox::tests {
namespace {

using ::testing::HasSubstr;

TEST(Sandboxed, APluginLoadsAndDelivers) {
  SandboxHost host(faulty("valid"));
  ASSERT_TRUE(host.set.states()[0].loaded) << host.set.states()[0].problem;
  EXPECT_EQ(host.set.states()[0].isolation, plugin::Isolation::kSandbox);
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  std::vector<plugin::Job> jobs;
  for (DeliveryId i = 1; i <= 100; ++i) jobs.push_back(plugin::tests::make_job(i));
  (*channel)->deliver(std::move(jobs));
  for (const auto& result : host.host.sink.wait(100)) {
    EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kDelivered);
  }
  EXPECT_EQ((*channel)->fault(), "");
  EXPECT_EQ(host.status().state, "running");
  EXPECT_GT(host.status().pid, 0);
}

// Loaded here and loaded there: one sentence.
class Refused : public ::testing::TestWithParam<const char*> {};

TEST_P(Refused, WithTheSentenceOfAPluginInProcess) {
  const std::string path = faulty(GetParam());
  const auto in_process = plugin::PluginSet::load({{path, ""}});
  const SandboxHost host(path);
  EXPECT_FALSE(host.set.states()[0].loaded);
  EXPECT_NE(host.set.states()[0].problem, "");
  EXPECT_EQ(host.set.states()[0].problem, in_process.states()[0].problem);
  EXPECT_FALSE(host.sandboxes.status(path)) << "what is refused needs no process";
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST(Sandboxed, KeepsNothingOfWhatIsRefusedAtEachReload) {
  Sandboxes sandboxes;
  for (const char* refused : {"no_entry", "null_return", "bad_schema"}) {
    const auto before = open_descriptors();
    for (int reload = 0; reload < 3; ++reload) {
      // Refused here, or, by what its table says, dropped before it is in use.
      const auto library = sandboxes.load({faulty(refused), "", plugin::Isolation::kSandbox, false});
      EXPECT_EQ(library.has_value(), std::string_view(refused) != "no_entry");
    }
    EXPECT_EQ(open_descriptors(), before) << refused;
  }
}

TEST(Sandboxed, ACallAfterDestroyIsNamedAndCostsTheProcessNothing) {
  struct Lines {
    Lines() {
      ops::LogOptions options;
      options.capture = [this](std::string_view line) {
        const std::lock_guard lock(mutex);
        is_there = is_there || line.find("called its host after destroy() had returned") != line.npos;
      };
      ops::configure_log(std::move(options));
    }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    ~Lines() { ops::configure_log({}); }
    bool have_it() {
      const std::lock_guard lock(mutex);
      return is_there;
    }
    std::mutex mutex;
    bool is_there = false;
  } lines;
  SandboxHost host(faulty("completes_after_destroy"));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  (*channel)->deliver({plugin::tests::make_job(1)});
  host.host.sink.wait(1);
  (*channel)->stop(5'000);
  EXPECT_TRUE(comes_true([&] { return lines.have_it(); }));
  const auto next = host.make();
  ASSERT_TRUE(next) << next.error().detail;
  (*next)->deliver({plugin::tests::make_job(2)});
  EXPECT_EQ(host.host.sink.wait(2)[1].attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ((*next)->fault(), "");
  EXPECT_EQ(host.status().restarts, 0U) << host.status().last_fault;
}

TEST(Sandboxed, KeepsNothingOfWhatWasReplaced) {
  constexpr std::ptrdiff_t kOfThePrevious = 2;  // until the next one comes: its eventfd and its library
  Sandboxes sandboxes;
  std::ptrdiff_t first = 0;
  for (int version = 1; version <= 5; ++version) {
    const auto library = sandboxes.load({faulty("valid"), "", plugin::Isolation::kSandbox, false});
    ASSERT_TRUE(library) << library.error().detail;
    library->take_over();
    if (version == 1) first = open_descriptors();
    EXPECT_TRUE(comes_true([&] { return open_descriptors() <= first + kOfThePrevious; }))
        << version << ": " << open_descriptors() << " are open";
  }
  EXPECT_EQ(sandboxes.status(faulty("valid"))->state, "running");
}

INSTANTIATE_TEST_SUITE_P(Faults, Refused,
                         ::testing::Values("wrong_size", "wrong_abi", "null_api", "bad_type_id", "bad_schema",
                                           "missing_symbol", "no_entry", "null_return", "unknown_extension",
                                           "text"),
                         [](const auto& one) { return std::string(one.param); });

// Faults at work: outcome, code and blame as in process.
struct Fault {
  const char* name;
  OutcomeStatus status;
  const char* blame;
};
class AtWork : public ::testing::TestWithParam<Fault> {};

TEST_P(AtWork, IsBlamedAsInProcess) {
  SandboxHost host(faulty(GetParam().name));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  (*channel)->deliver({plugin::tests::make_job(1)});
  const auto results = host.host.sink.wait(1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].attempt.outcome.status, GetParam().status);
  (*channel)->stop(5'000);  // whatever else it had to say is said
  EXPECT_THAT((*channel)->fault(), HasSubstr(GetParam().blame));
}

INSTANTIATE_TEST_SUITE_P(Faults, AtWork,
                         ::testing::Values(Fault{"throws", OutcomeStatus::kPluginFault,
                                                 "threw from deliver(): "},
                                           Fault{"zero_outcome", OutcomeStatus::kPluginFault,
                                                 "completed a delivery with an outcome of size 0"},
                                           Fault{"double_complete", OutcomeStatus::kDelivered, "twice"}),
                         [](const auto& one) { return std::string(one.param.name); });

// What is too much is counted where it is written, and told as if it had come.
TEST(Sandboxed, AFloodOfLinesIsCountedAndNotCarried) {
  SandboxHost host(faulty("floods_log"));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  for (const DeliveryId delivery : {1, 2}) {
    (*channel)->deliver({plugin::tests::make_job(delivery)});
    host.host.sink.wait(static_cast<std::size_t>(delivery));
    host.host.clock.advance_ms(1'000);
  }
  const auto log = host.host.log();
  EXPECT_EQ(std::count_if(log.begin(), log.end(),
                          [](const std::string& line) { return line.find("I am still here") != line.npos; }),
            200);
  EXPECT_THAT(log, ::testing::Contains(HasSubstr("wrote too much; 900 lines were left out")));
}

TEST(Sandboxed, RefusedSettingsHaveTheirPointer) {
  SandboxHost host(faulty("create_fails"));
  const auto channel = host.make();
  ASSERT_FALSE(channel);
  EXPECT_EQ(channel.error().code, Errc::kInvalid);
}

TEST(Sandboxed, ADeliveryThatIsNeverCompletedEndsAtItsDeadline) {
  SandboxHost host(faulty("never_complete"));
  const auto channel = host.make();
  ASSERT_TRUE(channel) << channel.error().detail;
  auto job = plugin::tests::make_job(1);
  job.deadline_unix_ms = host.host.clock.unix_ms() + 1'000;
  (*channel)->deliver({std::move(job)});
  host.host.clock.advance_ms(2'000);
  while (host.host.sink.count() == 0) (*channel)->expire(host.host.clock.unix_ms());
  EXPECT_EQ(host.host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kTimedOut);
}

}  // namespace
}  // namespace tocsin::sandbox::tests
