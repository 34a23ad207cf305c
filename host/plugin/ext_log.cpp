// tocsin.log/1: a plugin's lines in the host's log, bounded in length and in number, without secrets.
#include <tocsin/ext/log.h>

#include <algorithm>

#include "model/log_limit.hpp"
#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"
#include "plugin/misuse.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMostFields = 32;

void write(const tocsin_host* host, tocsin_delivery* delivery, std::uint32_t level, tocsin_str text,
           const tocsin_kv* fields, std::size_t n_fields) {
  if (host == nullptr) return;
  if (const auto instance = Instance::of(host)) {
    instance->write_log(to_handle(delivery), level, text, fields, n_fields);
  }
}

constexpr tocsin_log kTable{&write};

}  // namespace

const tocsin_log& log_extension() {
  return kTable;
}

void Instance::left_out(std::uint32_t lines) {
  const std::lock_guard lock(log_mutex_);
  log_dropped_ += lines;
}

void Instance::write_log(Handle handle, std::uint32_t level, tocsin_str text, const tocsin_kv* fields,
                         std::size_t n) {
  if (gone_) return;
  std::uint32_t dropped = 0;
  {
    const std::lock_guard lock(log_mutex_);
    const std::int64_t second = services_.clock.steady_us() / 1'000'000;
    if (second != log_second_) {
      log_second_ = second;
      log_lines_ = 0;
      dropped = std::exchange(log_dropped_, 0);
    }
    if (++log_lines_ > kMaxLogLines) {
      ++log_dropped_;
      return;
    }
  }
  DeliveryId delivery = 0;
  if (handle != 0) {
    const std::lock_guard lock(mutex_);
    if (const auto* live = live_.find(handle)) delivery = live->job.delivery;
  }
  if (dropped > 0) {
    say(TOCSIN_LOG_WARNING,
        "plugin " + type_->type + " wrote too much; " + std::to_string(dropped) + " lines were left out");
  }
  std::string line(view(text).substr(0, kMaxLine));
  for (std::size_t i = 0; fields != nullptr && i < std::min(n, kMostFields) && line.size() < kMaxLine; ++i) {
    line += ' ';
    line += view(fields[i].key).substr(0, kMaxLine);
    line += '=';
    line += view(fields[i].value).substr(0, kMaxLine);
  }
  if (delivery != 0) line += " delivery=" + format_delivery_id(delivery);
  if (holds_token(line)) note_fault("logs the token of a secret; no setting belongs into the log");
  say(static_cast<int>(std::min<std::uint32_t>(level, TOCSIN_LOG_ERROR)), redacted(line, kMaxLine));
}

}  // namespace tocsin::plugin
