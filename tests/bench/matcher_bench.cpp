// What one event costs against 10, 1,000 and 100,000 rules of which one matches, for shapes of rules that
// hit different parts of the index. Prints one JSON object a line; takes no arguments.
#include <malloc.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "routing/rule_set.hpp"

namespace tocsin::routing {
namespace {

using Steady = std::chrono::steady_clock;

double since_ms(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  double total = 0, resident = 0;
  status >> total >> resident;
  return resident * 4096 / 1e6;
}

std::shared_ptr<const Catalogue> make_catalogue() {
  std::vector<EventType> types;
  for (const auto* name :
       {"finding.created", "finding.resolved", "finding.excepted", "scan.started", "scan.completed",
        "scan.failed", "sla.warning", "sla.breached", "compliance.drift_detected", "exception.requested",
        "exception.approved", "exception.rejected", "user.login", "user.mfa_enabled", "channel.test"}) {
    types.push_back({name, "", Category::kSecurityAlert, {}, Severity::kInfo, false, Severity::kInfo});
  }
  return std::make_shared<const Catalogue>(Catalogue::create(std::move(types)).value());
}

enum class Shape { kSources, kLabels, kTypes, kMixed };
constexpr const char* kShapeNames[] = {"sources", "labels", "types", "mixed"};

// Rule `i` of `count`; only the middle one takes the event of make_event().
RuleDefinition make_rule(Shape shape, std::size_t i, std::size_t count) {
  RuleDefinition rule;
  rule.name = "rule-" + std::to_string(i);
  rule.channels = {static_cast<std::uint32_t>(i % 100)};
  const bool matches = i == count / 2;
  const auto number = matches ? std::string("0") : std::to_string(i + 1);
  switch (shape) {
    case Shape::kSources:
      rule.sources = {"source" + number};
      break;
    case Shape::kLabels:
      rule.labels = {{"env", "prod"}, {"service", "service" + number}};
      break;
    case Shape::kTypes:  // nothing but the matchers every rule has: all stand in one posting
      rule.severities = {matches || i % 2 == 0 ? Severity::kCritical : Severity::kLow};
      rule.events = {matches || i % 2 == 1 ? "finding.created" : "scan.*"};
      break;
    case Shape::kMixed:
      rule.category = Category::kSecurityAlert;
      rule.severities = {Severity::kCritical, Severity::kHigh};
      rule.events = {"finding.*"};
      rule.sources = {"source" + std::to_string(matches ? 0 : i % 10)};
      rule.labels = {{"service", "service" + std::to_string(matches ? 0 : 1 + i % 1000)}};
      break;
  }
  return rule;
}

Event make_event() {
  Event event;
  event.type = "finding.created";
  event.severity = Severity::kCritical;
  event.source = "source0";
  event.labels = {{"env", "prod"}, {"region", "eu-1"}, {"service", "service0"}};
  return event;
}

void run(Shape shape, std::size_t count) {
  TeamDefinition team;
  team.name = "bench";
  for (int i = 0; i < 100; ++i)
    team.channels.push_back({"channel-" + std::to_string(i), "webhook", {}, false});
  for (std::size_t i = 0; i < count; ++i) team.rules.push_back(make_rule(shape, i, count));
  const auto catalogue = make_catalogue();
  malloc_trim(0);
  const double before_mb = resident_mb();
  const auto start = Steady::now();
  const auto rules = RuleSet::compile(std::move(team), catalogue);
  const double compile_ms = since_ms(start);
  malloc_trim(0);
  const double index_mb = resident_mb() - before_mb;

  const auto event = make_event();
  std::vector<std::uint32_t> plan;
  constexpr int kEvents = 200'000;
  double best_ns = 1e18;
  for (int round = 0; round < 5; ++round) {
    const auto from = Steady::now();
    for (int i = 0; i < kEvents; ++i) rules->plan(event, plan);
    best_ns = std::min(best_ns, since_ms(from) * 1e6 / kEvents);
  }
  std::printf(
      "{\"benchmark\": \"matcher\", \"shape\": \"%s\", \"rules\": %zu, \"channels_planned\": %zu, "
      "\"ns_per_event\": %.0f, \"compile_ms\": %.1f, \"index_mb\": %.1f, \"rss_mb\": %.1f}\n",
      kShapeNames[static_cast<int>(shape)], count, plan.size(), best_ns, compile_ms, index_mb, resident_mb());
}

}  // namespace
}  // namespace tocsin::routing

int main() {
  using tocsin::routing::Shape;
  for (const auto shape : {Shape::kSources, Shape::kLabels, Shape::kTypes, Shape::kMixed}) {
    for (const std::size_t count : {10U, 1'000U, 100'000U}) tocsin::routing::run(shape, count);
  }
}
