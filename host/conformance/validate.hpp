// Every check of a plugin, each in a child process: what `tocsin plugin validate` shows. A crash or a hang is
// a result like any other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/run_check.hpp"

namespace tocsin::conformance {

enum class Verdict { kPassed, kAdvised, kFailed, kSkipped };

struct CheckResult {
  std::string name;
  std::string says;
  Verdict verdict = Verdict::kPassed;
  bool broke = false;  // it crashed, hung or ended its process
  std::int64_t took_ms = 0;
  std::string sandbox;  // how strong it was: "full"; "": the check ran in none
  std::vector<Finding> findings;
};

struct ValidateOptions {
  CheckInput input;
  std::string settings_file;  // as the child is told
  std::string program;        // that runs `plugin check`: /proc/self/exe of tocsin
  std::int64_t limit_ms = 60'000;
};

// In order; `done` is told each as it ends.
std::vector<CheckResult> validate_plugin(const ValidateOptions& options,
                                         const std::function<void(const CheckResult&)>& done);

}  // namespace tocsin::conformance
