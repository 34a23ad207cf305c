// The whole validator with real children, for tests: what it finds about a plugin of the build, as text.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conformance/validate.hpp"

namespace tocsin::conformance::tests {

// A sanitizer has its own allocator, which reports nothing to mallinfo2(), and reports leaks itself at the
// end.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// `file` is relative to the build folder.
inline std::vector<CheckResult> validate(const std::string& file, bool sandboxed, std::int64_t limit_ms) {
  ValidateOptions options;
  options.input.file = std::string(TOCSIN_BINARY_DIR) + '/' + file;
  options.input.sandboxed = sandboxed;
  options.program = std::string(TOCSIN_BINARY_DIR) + "/bin/tocsin";
  options.limit_ms = limit_ms;
  return validate_plugin(options, [](const CheckResult&) {});
}

inline std::string text_of(const CheckResult& result) {
  std::string out = result.name + ':';
  for (const Finding& one : result.findings) out += ' ' + one.what + " [" + one.fix + ']';
  return out;
}

struct Sin {
  const char* plugin;
  const char* check;  // the first that fails
  const char* says;
};
inline void PrintTo(const Sin& sin, std::ostream* out) {
  *out << sin.plugin;
}

// The first failed check is the sin's and says it; that check, for more.
inline void expect_named(const Sin& sin, const std::vector<CheckResult>& results, CheckResult& named) {
  const auto found = std::ranges::find(results, Verdict::kFailed, &CheckResult::verdict);
  ASSERT_NE(found, results.end()) << "passed";
  EXPECT_EQ(found->name, sin.check) << text_of(*found);
  EXPECT_THAT(text_of(*found), ::testing::HasSubstr(sin.says));
  named = *found;
}

}  // namespace tocsin::conformance::tests
