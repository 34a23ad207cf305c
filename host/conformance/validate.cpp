// See validate.hpp.
#include "conformance/validate.hpp"

#include <algorithm>
#include <cstring>

#include "conformance/checks.hpp"
#include "conformance/child.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::conformance {
namespace {

constexpr std::size_t kShownSaid = 200;

std::string at(const Written& written) {
  return written.last_step.empty() ? "" : ", at " + written.last_step;
}

std::string one_line(std::string text) {
  plugin::replace_all(text, "\n", " ");
  return plugin::repair_text(text, kShownSaid);
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

// What the process itself says about the plugin, beside what the check wrote.
void add_end(const ChildEnd& end, const Written& written, std::int64_t limit_ms, CheckResult& result) {
  const auto find = [&](const std::string& what, const char* fix) {
    result.findings.push_back({"", what, fix, false, 0});
  };
  const std::string said = end.said.empty() ? "" : "; it said \"" + one_line(end.said) + '"';
  result.broke = !written.ended || written.broke;
  if (end.timed_out) {
    find("did not come to its end within " + std::to_string(limit_ms / 1000) + " s" + at(written) + said,
         "look for a loop or a wait there: deliver() returns at once, and waits by callback");
  } else if (end.signal != 0) {
    find("crashed with " + signal_name(end.signal) + at(written) + said,
         "run the channel's own test of that message under -fsanitize=address,undefined");
  } else if (!written.ended && end.status == kStatusOfClosed) {
    find("closed descriptors that are not its own" + at(written) + said,
         "close what you have opened and nothing else: the others are the host's");
  } else if (!written.ended) {
    find("ended the process with status " + std::to_string(end.status) + at(written) + said,
         "never call exit() or exec(): the daemon would end with it");
  } else if (!end.said.empty() && result.name == "quiet") {
    find("wrote to stdout or stderr: \"" + one_line(end.said) + '"', kQuietFix);
  }
}

Verdict judge(const std::vector<Finding>& findings) {
  if (findings.empty()) return Verdict::kPassed;
  return std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.advice; })
             ? Verdict::kAdvised
             : Verdict::kFailed;
}

void run(const Check& check, const ValidateOptions& options, CheckResult& result) {
  std::vector<std::string> command{options.program,
                                   "plugin",
                                   "check",
                                   std::string(check.name),
                                   options.input.file,
                                   "--seed",
                                   std::to_string(options.input.seed)};
  if (options.input.sandboxed) command.emplace_back("--sandbox");
  if (!options.settings_file.empty()) command.insert(command.end(), {"--settings", options.settings_file});
  const SystemClock clock;
  const auto end = run_child(command, options.limit_ms, clock);
  if (!end) {
    result.findings.push_back({"", end.error().detail, "start tocsin from where it is installed", false, 0});
  } else {
    Written written = read_written(end->written);
    result.took_ms = end->took_ms;
    result.sandbox = written.sandbox;
    result.findings = std::move(written.findings);
    add_end(*end, written, options.limit_ms, result);
  }
  result.verdict = judge(result.findings);
}

}  // namespace

std::vector<CheckResult> validate_plugin(const ValidateOptions& options,
                                         const std::function<void(const CheckResult&)>& done) {
  std::vector<CheckResult> results;
  for (const Check& check : all_checks()) {
    if (!belongs(check, options.input)) continue;
    CheckResult result{std::string(check.name), std::string(check.says), Verdict::kPassed, false, 0, {}, {}};
    // After a crash or a hang the others would do no better, and a hang costs its whole time limit.
    const bool blocked = std::any_of(results.begin(), results.end(), [&](const CheckResult& earlier) {
      return earlier.broke || (earlier.name == check.needs &&
                               (earlier.verdict == Verdict::kFailed || earlier.verdict == Verdict::kSkipped));
    });
    if (blocked) {
      result.verdict = Verdict::kSkipped;
    } else {
      run(check, options, result);
    }
    done(result);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tocsin::conformance
