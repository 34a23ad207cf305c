// See log.hpp. spdlog serialises the writing and judges the level; the line itself is composed here, because
// its patterns cannot escape a value.
#include "ops/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "model/json_text.hpp"
#include "ops/log_repeats.hpp"

namespace tocsin::ops {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warn", "error", "off"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

class CaptureSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CaptureSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    take_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> take_;
};

// The length of the well-formed UTF-8 sequence that `text` begins with; 0: it begins with none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const bool outside = (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f);
  return follows(1) && follows(2) && follows(3) && !outside ? 4 : 0;
}

// A plugin's or a client's text need not be UTF-8; a line of JSON must be.
void append_quoted(std::string& out, std::string_view text) {
  std::string mended;
  mended.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    mended += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  append_json_string(out, mended);
}

void append_value(std::string& out, const LogField& field, bool quote_text) {
  std::visit(
      [&](const auto& value) {
        using V = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<V, std::string_view>) {
          if (quote_text) {
            append_quoted(out, value);
          } else {
            out += value;
          }
        } else if constexpr (std::is_same_v<V, double>) {
          // JSON has no NaN and no infinity.
          out += value - value == 0 ? fmt::format("{}", value) : std::string("null");
        } else {
          out += fmt::format("{}", value);
        }
      },
      field.value);
}

// A text value needs no quotes where a reader sees its end without them.
bool plain(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  if (text == nullptr || text->empty()) return false;
  for (const char c : *text) {
    // Also false for all that is not ASCII, where char is signed and where it is not.
    if (c <= ' ' || c >= '\x7f' || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

std::string json_line(LogLevel level, std::string_view time, std::string_view component,
                      std::string_view message, LogFields fields, std::uint64_t left_out) {
  std::string line = R"({"time":")";
  line.append(time).append(R"(","level":")").append(to_string(level)).append(R"(","component":)");
  append_quoted(line, component);
  line += R"(,"message":)";
  append_quoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    append_value(line, field, true);
  }
  if (left_out > 0) line += fmt::format(R"(,"left_out":{})", left_out);
  line += '}';
  return line;
}

std::string text_line(LogLevel level, std::string_view time, std::string_view component,
                      std::string_view message, LogFields fields, std::uint64_t left_out) {
  std::string line(time);
  line.append(" ").append(to_string(level)).append(" [").append(component).append("] ");
  // The message is constant text of ours or a plugin's; control characters in a plugin's are escaped too.
  std::string escaped;
  append_quoted(escaped, message);
  line.append(escaped, 1, escaped.size() - 2);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field, !plain(field));
  }
  if (left_out > 0) line += fmt::format(" left_out={}", left_out);
  return line;
}

// One configuration of the log; replaced as a whole.
class Writer {
 public:
  explicit Writer(LogOptions options)
      : options_(std::move(options)), repeats_(options_.repeats, options_.repeat_window_ms) {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (options_.capture) {
      sink = std::make_shared<CaptureSink>(options_.capture);
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    logger_ = std::make_unique<spdlog::logger>("tocsin", std::move(sink));
    logger_->set_pattern("%v");
    logger_->set_level(spdlog_level(options_.level));
    logger_->flush_on(spdlog::level::trace);
  }

  void write(LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
    const Clock& clock = options_.clock != nullptr ? *options_.clock : system_clock_;
    const std::string time = format_rfc3339(clock.unix_ms());
    const LogRepeats::Verdict verdict =
        repeats_.judge(static_cast<int>(level), component, message, clock.steady_us() / 1000);
    for (const LogRepeats::LeftOut& late : verdict.expired) {
      write_line(static_cast<LogLevel>(late.level), time, late.component, late.message, {}, late.count);
    }
    if (verdict.write) write_line(level, time, component, message, fields, verdict.left_out);
  }

 private:
  void write_line(LogLevel level, std::string_view time, std::string_view component, std::string_view message,
                  LogFields fields, std::uint64_t left_out) {
    const auto compose = options_.format == LogFormat::kJson ? json_line : text_line;
    const std::string line = compose(level, time, component, message, fields, left_out);
    logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  }

  LogOptions options_;
  SystemClock system_clock_;
  LogRepeats repeats_;
  std::unique_ptr<spdlog::logger> logger_;
};

std::mutex& writer_mutex() {
  static std::mutex mutex;
  return mutex;
}
// Never destroyed, so that a thread that outlives main() may still log.
std::shared_ptr<Writer>& writer_slot() {
  static auto* const kSlot = new std::shared_ptr<Writer>(std::make_shared<Writer>(LogOptions{}));
  return *kSlot;
}
std::atomic<std::uint8_t> g_level{static_cast<std::uint8_t>(LogLevel::kInfo)};

}  // namespace

std::string_view to_string(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

Result<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == text) return static_cast<LogLevel>(i);
  }
  return make_error(
      Errc::kInvalid,
      fmt::format("\"{}\" is not a log level; use trace, debug, info, warn, error or off", text));
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return make_error(Errc::kInvalid, fmt::format("\"{}\" is not a log format; use text or json", text));
}

void configure_log(LogOptions options) {
  const auto level = static_cast<std::uint8_t>(options.level);
  auto writer = std::make_shared<Writer>(std::move(options));
  const std::lock_guard lock(writer_mutex());
  writer_slot().swap(writer);
  g_level.store(level, std::memory_order_relaxed);
}

bool log_enabled(LogLevel level) noexcept {
  return static_cast<std::uint8_t>(level) >= g_level.load(std::memory_order_relaxed) &&
         level != LogLevel::kOff;
}

void log(LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
  if (!log_enabled(level)) return;
  std::shared_ptr<Writer> writer;
  {
    const std::lock_guard lock(writer_mutex());
    writer = writer_slot();
  }
  writer->write(level, component, message, fields);
}

}  // namespace tocsin::ops
