// The checks, each run in a process of its own (run_check.hpp). They come in this order; one that depends on
// an earlier one is skipped where that failed.
#pragma once

#include "conformance/subject.hpp"

namespace tocsin::conformance {

// descriptor_checks.cpp
void check_loads(const CheckInput& input, Scribe& scribe);
void check_descriptor(const CheckInput& input, Scribe& scribe);
void check_schema(const CheckInput& input, Scribe& scribe);
void check_secrets(const CheckInput& input, Scribe& scribe);
// delivery_checks.cpp
void check_render(const CheckInput& input, Scribe& scribe);
void check_repeats(const CheckInput& input, Scribe& scribe);
// failure_checks.cpp
void check_failures(const CheckInput& input, Scribe& scribe);
// process_checks.cpp
inline constexpr const char* kQuietFix = "use the extension tocsin.log/1; stdout and stderr are the host's";
void check_lifecycle(const CheckInput& input, Scribe& scribe);
void check_quiet(const CheckInput& input, Scribe& scribe);
void check_process(const CheckInput& input, Scribe& scribe);
// sandbox_checks.cpp
void check_refused(const CheckInput& input, Scribe& scribe);

// Loads the plugin and makes samples; nullptr where an earlier check has said why not.
[[nodiscard]] std::unique_ptr<Subject> open_for_work(const CheckInput& input, Scribe& scribe);

}  // namespace tocsin::conformance
