// See metrics.hpp.
#include "ops/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/error.hpp"

namespace tocsin::ops {
namespace {

enum Kind { kCounter, kGauge, kHistogram };

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// [a-zA-Z_][a-zA-Z0-9_]*, which both metric and label names satisfy.
bool valid_name(std::string_view name) {
  if (name.empty() || !letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

// {a="1",b="2"} with room for one more label; nothing where there is none.
std::string label_text(const std::string& labels, std::string_view extra = {}) {
  if (labels.empty() && extra.empty()) return {};
  return fmt::format("{{{}{}{}}}", labels, labels.empty() || extra.empty() ? "" : ",", extra);
}

std::string series_key(const Labels& labels) {
  std::string key;
  for (const auto& [name, value] : labels) {
    TOCSIN_EXPECT(valid_name(name) && name != "le");
    if (!key.empty()) key += ',';
    key.append(name).append("=\"");
    append_escaped(key, value);
    key += '"';
  }
  return key;
}

std::string number_text(double value) {
  return value == static_cast<double>(static_cast<std::int64_t>(value)) ? fmt::format("{:.1f}", value)
                                                                        : fmt::format("{}", value);
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    count += histogram.bucket(i);
    const std::string bound =
        i < histogram.bounds().size() ? number_text(histogram.bounds()[i]) : std::string("+Inf");
    out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, fmt::format("le=\"{}\"", bound)), count);
  }
  out += fmt::format("{}_count{} {}\n", name, label_text(labels), count);
  out += fmt::format("{}_sum{} {}\n", name, label_text(labels), histogram.sum());
}

}  // namespace

struct Metrics::Family {
  std::string help;
  int kind = kCounter;
  // By label text. Only one of the three is used.
  std::map<std::string, Counter> counters;
  std::map<std::string, Gauge> gauges;
  std::map<std::string, Histogram> histograms;
};

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {
  TOCSIN_EXPECT(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) noexcept {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::bucket(std::size_t i) const noexcept {
  return buckets_[i].load(std::memory_order_relaxed);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, int kind) {
  TOCSIN_EXPECT(valid_name(name));
  auto at = families_.find(name);
  if (at == families_.end()) {
    at = families_.emplace(std::string(name), std::make_unique<Family>()).first;
    at->second->help = help;
    at->second->kind = kind;
  }
  TOCSIN_EXPECT(at->second->kind == kind);
  return *at->second;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, kCounter).counters[series_key(labels)];
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, kGauge).gauges[series_key(labels)];
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                              const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, kHistogram).histograms.try_emplace(series_key(labels), bounds).first->second;
}

std::string Metrics::open_metrics() const {
  constexpr std::string_view kKinds[] = {"counter", "gauge", "histogram"};
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    out += fmt::format("# TYPE {} {}\n# HELP {} ", name, kKinds[family->kind], name);
    append_escaped(out, family->help);
    out += '\n';
    for (const auto& [labels, counter] : family->counters) {
      out += fmt::format("{}_total{} {}\n", name, label_text(labels), counter.value());
    }
    for (const auto& [labels, gauge] : family->gauges) {
      out += fmt::format("{}{} {}\n", name, label_text(labels), gauge.value());
    }
    for (const auto& [labels, histogram] : family->histograms) {
      append_histogram(out, name, labels, histogram);
    }
  }
  out += "# EOF\n";
  return out;
}

}  // namespace tocsin::ops
