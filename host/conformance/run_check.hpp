// One check, run here and now: what the child process does.
#pragma once

#include <span>
#include <string_view>

#include "conformance/subject.hpp"

namespace tocsin::conformance {

struct Check {
  std::string_view name;
  std::string_view says;  // what holds where it passes
  void (*run)(const CheckInput&, Scribe&);
  std::string_view needs;  // the check that must not have failed; "": none
  enum class Where { kBoth, kHere, kSandbox } where = Where::kBoth;
};

[[nodiscard]] std::span<const Check> all_checks();
// Whether it means something where the plugin runs.
[[nodiscard]] bool belongs(const Check& check, const CheckInput& input);

// False: there is no check of that name. Ends with scribe.end() where the plugin lets it.
[[nodiscard]] bool run_check(std::string_view name, const CheckInput& input, Scribe& scribe);

}  // namespace tocsin::conformance
