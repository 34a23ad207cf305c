// What an operator reads: one line an occurrence, as JSON or as text, to stderr. The one process-wide object
// of the house, so that no room carries a logger through its constructors. It never sees a secret: callers
// log names, counts and reasons.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "model/clock.hpp"
#include "model/error.hpp"

namespace tocsin::ops {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };
[[nodiscard]] std::string_view to_string(LogLevel level);
// "trace" … "error", "off". kInvalid names the levels there are.
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);

enum class LogFormat : std::uint8_t { kText, kJson };
// "text", "json".
[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view text);

// One named value of a line; it borrows its texts for the call.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  LogField(std::string_view k, std::string_view text) : key(k), value(text) {}
  LogField(std::string_view k, const std::string& text) : key(k), value(std::string_view(text)) {}
  LogField(std::string_view k, const char* text) : key(k), value(std::string_view(text)) {}
  LogField(std::string_view k, bool flag) : key(k), value(flag) {}
  LogField(std::string_view k, std::floating_point auto number)
      : key(k), value(static_cast<double>(number)) {}
  LogField(std::string_view k, std::signed_integral auto number)
      : key(k), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view k, std::unsigned_integral auto number)
      : key(k), value(static_cast<std::uint64_t>(number)) {}
};
using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  // The same component, level and message more often than this in a window is counted, not written; the next
  // line of it, or the next line at all after the window, says how many were left out. 0: no limit.
  std::uint32_t repeats = 20;
  std::int64_t repeat_window_ms = 10'000;
  const Clock* clock = nullptr;                   // borrowed; nullptr: the system's
  std::function<void(std::string_view)> capture;  // takes each line (no newline) instead of stderr
};

// [any] Takes effect for the next line. Until it is called the defaults hold.
void configure_log(LogOptions options);
// [any] Whether a line of this level would be written: for callers whose fields are dear to make.
[[nodiscard]] bool log_enabled(LogLevel level) noexcept;
// [any] `component` is the room or the plugin: "net", "store", "plugin.webhook". `message` is constant text;
// what varies goes into the fields. Values are escaped, so no value can forge a line.
void log(LogLevel level, std::string_view component, std::string_view message, LogFields fields = {});

inline void log_trace(std::string_view component, std::string_view message, LogFields fields = {}) {
  if (log_enabled(LogLevel::kTrace)) log(LogLevel::kTrace, component, message, fields);
}
inline void log_debug(std::string_view component, std::string_view message, LogFields fields = {}) {
  if (log_enabled(LogLevel::kDebug)) log(LogLevel::kDebug, component, message, fields);
}
inline void log_info(std::string_view component, std::string_view message, LogFields fields = {}) {
  if (log_enabled(LogLevel::kInfo)) log(LogLevel::kInfo, component, message, fields);
}
inline void log_warn(std::string_view component, std::string_view message, LogFields fields = {}) {
  if (log_enabled(LogLevel::kWarn)) log(LogLevel::kWarn, component, message, fields);
}
inline void log_error(std::string_view component, std::string_view message, LogFields fields = {}) {
  if (log_enabled(LogLevel::kError)) log(LogLevel::kError, component, message, fields);
}

}  // namespace tocsin::ops
