// See run_check.hpp.
#include "conformance/run_check.hpp"

#include "conformance/checks.hpp"

namespace tocsin::conformance {
namespace {

constexpr Check kChecks[] = {
    {"loads", "the file is a shared library that resolves and exports its entry", &check_loads, ""},
    {"descriptor", "its tables are those of ABI 1", &check_descriptor, "loads"},
    {"schema", "its settings form is complete, and there are settings that it accepts", &check_schema,
     "descriptor"},
    {"render", "every message of the corpus is sent well and ends once", &check_render, "schema"},
    {"secrets", "what is secret is declared so and stays a token", &check_secrets, "schema"},
    {"repeats", "the same message is the same bytes, on every attempt", &check_repeats, "schema"},
    {"failures", "each of a provider's failures ends as what it is", &check_failures, "schema"},
    {"quiet", "it writes nothing to stdout and stderr", &check_quiet, "schema"},
    {"process", "it leaves the process as it found it", &check_process, "schema", Check::Where::kHere},
    {"refused", "it does without what a sandbox refuses, or says that it cannot", &check_refused, "schema",
     Check::Where::kSandbox},
    {"lifecycle", "instances come and go without a trace", &check_lifecycle, "schema"},
};

}  // namespace

std::span<const Check> all_checks() {
  return kChecks;
}

bool belongs(const Check& check, const CheckInput& input) {
  return check.where == Check::Where::kBoth || (check.where == Check::Where::kSandbox) == input.sandboxed;
}

bool run_check(std::string_view name, const CheckInput& input, Scribe& scribe) {
  for (const Check& check : kChecks) {
    if (check.name != name || !belongs(check, input)) continue;
    check.run(input, scribe);
    scribe.end();
    return true;
  }
  return false;
}

}  // namespace tocsin::conformance
