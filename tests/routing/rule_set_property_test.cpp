// RuleSet::plan against the plainest evaluator that can be written, on thousands of random teams and events:
// small teams of many shapes, and big ones whose postings are long enough for bit columns and summaries.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "routing/pattern.hpp"
#include "routing/rule_set.hpp"
#include "routing/small_catalogue.hpp"

namespace tocsin::routing {
namespace {

constexpr unsigned kSeed = 20'260'817;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(engine_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937 engine_;
};

struct World {
  std::size_t sources;  // how many there are to choose from
  std::size_t label_values;
  std::size_t matchers;  // one in so many rules leaves a matcher out
};

const std::vector<std::string> kPatterns = {"*",          "finding.*",       "scan.*",       "sla.*",
                                            "user.login", "finding.created", "channel.test", "exception.*",
                                            "scan.failed"};
const std::vector<std::string> kTypes = {"webhook", "slack", "smtp"};

std::string source_name(std::size_t i) {
  return "source" + std::to_string(i);
}

std::vector<std::string> some_patterns(Dice& dice) {
  std::vector<std::string> patterns;
  for (std::size_t n = 1 + dice.below(3); n > 0; --n) patterns.push_back(dice.pick(kPatterns));
  return patterns;
}

RuleDefinition random_rule(Dice& dice, const World& world, std::size_t position, std::size_t channels) {
  RuleDefinition rule;
  rule.name = "r" + std::to_string(position);
  if (!dice.one_in(world.matchers)) rule.category = static_cast<Category>(dice.below(kCategoryCount));
  if (!dice.one_in(world.matchers)) {
    for (std::size_t n = 1 + dice.below(3); n > 0; --n)
      rule.severities.push_back(static_cast<Severity>(dice.below(kSeverityCount)));
  }
  if (dice.one_in(2)) {
    for (std::size_t n = 1 + dice.below(2); n > 0; --n)
      rule.sources.push_back(source_name(dice.below(world.sources)));
  }
  if (!dice.one_in(world.matchers)) rule.events = some_patterns(dice);
  for (std::size_t key = 0; key < 3; ++key) {
    if (dice.one_in(4))
      rule.labels.push_back(
          {"k" + std::to_string(key), "v" + std::to_string(dice.below(world.label_values))});
  }
  for (std::size_t n = 1 + dice.below(2); n > 0; --n)
    rule.channels.push_back(static_cast<std::uint32_t>(dice.below(channels)));
  rule.stop = dice.one_in(8);
  return rule;
}

TeamDefinition random_team(Dice& dice, const World& world, std::size_t rules) {
  TeamDefinition team;
  team.name = "t";
  std::set<std::string> defaults;
  for (std::size_t n = 1 + dice.below(6); n > 0; --n) {
    ChannelDefinition channel{"c" + std::to_string(n), dice.pick(kTypes), {}, false};
    if (dice.one_in(3)) channel.subscription = some_patterns(dice);
    channel.is_default = dice.one_in(2) && defaults.insert(channel.type).second;
    team.channels.push_back(std::move(channel));
  }
  for (std::size_t i = 0; i < rules; ++i)
    team.rules.push_back(random_rule(dice, world, i, team.channels.size()));
  if (dice.one_in(3)) {
    team.default_alerts.emplace();
    for (std::size_t n = dice.below(4); n > 0; --n) {
      team.default_alerts->push_back(
          {dice.pick(kPatterns), static_cast<Severity>(dice.below(kSeverityCount))});
    }
  }
  return team;
}

Event random_event(Dice& dice, const World& world, const Catalogue& catalogue) {
  Event event;
  event.type = dice.one_in(50) ? "finding.unheard_of" : dice.pick(catalogue.types()).name;
  event.category = static_cast<Category>(dice.below(kCategoryCount));
  event.severity = static_cast<Severity>(dice.below(kSeverityCount));
  if (!dice.one_in(5)) event.source = source_name(dice.below(world.sources + 1));
  for (std::size_t key = 0; key < 4; ++key) {
    if (!dice.one_in(3))
      event.labels.push_back(
          {"k" + std::to_string(key), "v" + std::to_string(dice.below(world.label_values + 1))});
  }
  return event;
}

bool takes(const std::vector<std::string>& patterns, const Event& event) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& p) { return pattern_matches(p, event.type); });
}

template <class T>
bool holds(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool rule_takes(const RuleDefinition& rule, const Event& event) {
  if (rule.category && *rule.category != event.category) return false;
  if (!rule.severities.empty() && !holds(rule.severities, event.severity)) return false;
  if (!rule.sources.empty() && !holds(rule.sources, event.source)) return false;
  if (rule.events.empty() ? event.type == "channel.test" : !takes(rule.events, event)) return false;
  return std::all_of(rule.labels.begin(), rule.labels.end(),
                     [&](const Label& label) { return holds(event.labels, label); });
}

bool in_default_alert_set(const TeamDefinition& team, const Catalogue& catalogue, const Event& event) {
  if (!team.default_alerts) {
    const auto* type = catalogue.find(event.type);
    return type != nullptr && type->default_alert && event.severity >= type->default_alert_from;
  }
  return std::any_of(team.default_alerts->begin(), team.default_alerts->end(),
                     [&](const DefaultAlert& alert) {
                       return pattern_matches(alert.event, event.type) && event.severity >= alert.from;
                     });
}

std::vector<std::uint32_t> plain_plan(const TeamDefinition& team, const Catalogue& catalogue,
                                      const Event& event) {
  std::set<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < team.channels.size(); ++i) {
    if (takes(team.channels[i].subscription, event)) chosen.insert(i);
  }
  for (const auto& rule : team.rules) {
    if (!rule_takes(rule, event)) continue;
    chosen.insert(rule.channels.begin(), rule.channels.end());
    if (rule.stop) break;
  }
  std::set<std::string> types;
  for (const auto i : chosen) types.insert(team.channels[i].type);
  for (std::uint32_t i = 0; i < team.channels.size(); ++i) {
    const auto& channel = team.channels[i];
    if (channel.is_default && !types.contains(channel.type) && in_default_alert_set(team, catalogue, event))
      chosen.insert(i);
  }
  return {chosen.begin(), chosen.end()};
}

void compare(Dice& dice, const World& world, std::size_t rules, int events) {
  const auto catalogue = small_catalogue();
  const auto team = random_team(dice, world, rules);
  const auto compiled = RuleSet::compile(team, catalogue);
  ASSERT_TRUE(compiled) << compiled.error().detail;
  std::vector<std::uint32_t> plan;
  for (int i = 0; i < events; ++i) {
    const auto event = random_event(dice, world, *catalogue);
    compiled->plan(event, plan);
    const auto expected = plain_plan(team, *catalogue, event);
    ASSERT_EQ(plan, expected) << "seed " << kSeed << "\nteam " << write_definition(team).substr(0, 4000)
                              << "\nevent " << write_event_json(event);
    if (i % 16 != 0) continue;
    std::vector<std::string> names;
    for (const auto position : expected) names.push_back(team.channels[position].name);
    ASSERT_EQ(compiled->explain(event).channels, names) << "seed " << kSeed;
  }
}

TEST(RuleSetProperty, PlansAsThePlainEvaluatorDoesForSmallTeams) {
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed);
  for (int team = 0; team < 1500; ++team) {
    const World world{1 + dice.below(4), 1 + dice.below(3), 2 + dice.below(3)};
    compare(dice, world, dice.below(12), 10);
    if (HasFatalFailure()) return;
  }
}

TEST(RuleSetProperty, PlansAsThePlainEvaluatorDoesForLongPostings) {
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed + 1);
  for (const std::size_t rules : {63U, 64U, 65U, 200U, 1000U, 4096U, 9000U}) {
    for (const auto& world : {World{2, 2, 4}, World{50, 20, 2}, World{1000, 1000, 10}}) {
      compare(dice, world, rules, 60);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(RuleSetProperty, PlansAsThePlainEvaluatorDoesWhereNothingStops) {
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed + 2);
  const World world{3, 2, 3};
  const auto catalogue = small_catalogue();
  auto team = random_team(dice, world, 9000);
  for (auto& rule : team.rules) rule.stop = false;
  for (std::size_t i = 0; i < 40; ++i) team.channels.push_back({"x" + std::to_string(i), "sh.x", {}, false});
  for (std::size_t i = 0; i < team.rules.size(); i += 7)
    team.rules[i].channels = {static_cast<std::uint32_t>(i % team.channels.size())};
  const auto compiled = RuleSet::compile(team, catalogue);
  ASSERT_TRUE(compiled);
  std::vector<std::uint32_t> plan;
  for (int i = 0; i < 200; ++i) {
    const auto event = random_event(dice, world, *catalogue);
    compiled->plan(event, plan);
    ASSERT_EQ(plan, plain_plan(team, *catalogue, event))
        << "seed " << kSeed << ' ' << write_event_json(event);
  }
}

}  // namespace
}  // namespace tocsin::routing
