// Every sentence of docs/routing.md about which channels an event goes to, and what compile refuses.
#include "routing/rule_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/small_catalogue.hpp"

namespace tocsin::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Event make_event(std::string type, Severity severity = Severity::kHigh) {
  Event event;
  const auto catalogue = small_catalogue();
  const auto* known = catalogue->find(type);
  event.category = known == nullptr ? Category::kSecurityAlert : known->category;
  event.type = std::move(type);
  event.severity = severity;
  event.team = "blue";
  return event;
}

ChannelDefinition channel(std::string name, std::string type = "webhook", bool is_default = false,
                          std::vector<std::string> subscription = {}) {
  return {std::move(name), std::move(type), std::move(subscription), is_default};
}

RuleDefinition rule(std::string name, std::vector<std::uint32_t> channels) {
  RuleDefinition made;
  made.name = std::move(name);
  made.channels = std::move(channels);
  return made;
}

// The names of the channels the event goes to.
std::vector<std::string> plan(const TeamDefinition& team, const Event& event) {
  const auto rules = RuleSet::compile(team, small_catalogue());
  if (!rules) return {"does not compile: " + rules.error().detail};
  std::vector<std::uint32_t> positions{99};  // what was in there goes
  rules->plan(event, positions);
  std::vector<std::string> names;
  for (const auto position : positions) names.push_back(team.channels[position].name);
  EXPECT_EQ(names, rules->explain(event).channels);
  return names;
}

TeamDefinition team_of(std::vector<ChannelDefinition> channels, std::vector<RuleDefinition> rules = {}) {
  TeamDefinition team;
  team.name = "blue";
  team.channels = std::move(channels);
  team.rules = std::move(rules);
  return team;
}

TEST(RuleSet, SendsToEveryChannelWhoseOwnSubscriptionMatches) {
  const auto team = team_of({channel("exact", "webhook", false, {"finding.created"}),
                             channel("group", "webhook", false, {"scan.*", "finding.*"}),
                             channel("all", "webhook", false, {"*"}), channel("none")});
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("exact", "group", "all"));
  EXPECT_THAT(plan(team, make_event("scan.started")), ElementsAre("group", "all"));
  EXPECT_THAT(plan(team, make_event("user.login")), ElementsAre("all"));
}

TEST(RuleSet, IgnoresTheDefaultAlertSetForSubscriptions) {
  const auto team = team_of({channel("siem", "webhook", false, {"user.login"})});
  EXPECT_THAT(plan(team, make_event("user.login", Severity::kInfo)), ElementsAre("siem"));
}

TEST(RuleSet, SendsToTheChannelsOfEveryMatchingRule) {
  auto team = team_of({channel("a"), channel("b"), channel("c")}, {rule("one", {2}), rule("two", {0})});
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("a", "c"));
  team.rules[0].severities = {Severity::kLow};
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("a"));
}

TEST(RuleSet, TakesEverythingWhereARuleHasNoMatcher) {
  const auto team = team_of({channel("a")}, {rule("all", {0})});
  const auto catalogue = small_catalogue();
  for (const auto& type : catalogue->types()) {
    if (type.name == kTestEventType) continue;
    EXPECT_THAT(plan(team, make_event(type.name, Severity::kInfo)), ElementsAre("a")) << type.name;
  }
}

TEST(RuleSet, MatchesCategorySeveritySourceTypeAndLabels) {
  auto team = team_of({channel("a")}, {rule("narrow", {0})});
  auto& narrow = team.rules[0];
  narrow.category = Category::kSecurityAlert;
  narrow.severities = {Severity::kCritical, Severity::kHigh};
  narrow.sources = {"cspm", "registry"};
  narrow.events = {"finding.*", "sla.breached"};
  narrow.labels = {{"env", "prod"}, {"region", "eu"}};
  auto fits = make_event("finding.created");
  fits.source = "registry";
  fits.labels = {{"env", "prod"}, {"extra", "x"}, {"region", "eu"}};
  EXPECT_THAT(plan(team, fits), ElementsAre("a"));

  const auto refused = [&](const char* what, auto change) {
    auto event = fits;
    change(event);
    EXPECT_THAT(plan(team, event), IsEmpty()) << what;
  };
  refused("another category", [](Event& e) { e.category = Category::kSystemError; });
  refused("another severity", [](Event& e) { e.severity = Severity::kMedium; });
  refused("another source", [](Event& e) { e.source = "auth"; });
  refused("no source", [](Event& e) { e.source.clear(); });
  refused("another type", [](Event& e) { e.type = "sla.warning"; });
  refused("another label value", [](Event& e) { e.labels[0].value = "test"; });
  refused("a label missing", [](Event& e) { e.labels.pop_back(); });
  refused("no labels", [](Event& e) { e.labels.clear(); });
}

TEST(RuleSet, StopsAtTheFirstMatchWhenTheRuleSaysStop) {
  auto team = team_of({channel("a"), channel("b"), channel("c")},
                      {rule("one", {0}), rule("two", {1}), rule("three", {2})});
  team.rules[1].stop = true;
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("a", "b"));
  team.rules[1].severities = {Severity::kLow};
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("a", "c"))
      << "it stops only where it matches";
}

TEST(RuleSet, KeepsSubscriptionsApartFromStop) {
  auto team = team_of({channel("siem", "webhook", false, {"*"}), channel("a"), channel("b")},
                      {rule("one", {1}), rule("two", {2})});
  team.rules[0].stop = true;
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("siem", "a"));
}

TEST(RuleSet, FindsTheFirstStopAmongRulesOfDifferentAnchors) {
  auto team = team_of({channel("a"), channel("b"), channel("c"), channel("d")},
                      {rule("by-source", {0}), rule("by-label", {1}), rule("all", {2}), rule("late", {3})});
  team.rules[0].sources = {"cspm"};
  team.rules[1].labels = {{"env", "prod"}};
  team.rules[1].stop = true;
  team.rules[2].stop = true;
  auto event = make_event("finding.created");
  event.source = "cspm";
  event.labels = {{"env", "prod"}};
  EXPECT_THAT(plan(team, event), ElementsAre("a", "b"));
  event.labels.clear();
  EXPECT_THAT(plan(team, event), ElementsAre("a", "c"));
}

TEST(RuleSet, FallsBackToTheDefaultChannelOfATypeNobodyChose) {
  auto team = team_of({channel("slack-main", "slack", true), channel("hook-main", "webhook", true),
                       channel("slack-ops", "slack")},
                      {rule("ops", {2})});
  team.rules[0].severities = {Severity::kCritical};
  EXPECT_THAT(plan(team, make_event("finding.created", Severity::kHigh)),
              ElementsAre("slack-main", "hook-main"));
  EXPECT_THAT(plan(team, make_event("finding.created", Severity::kCritical)),
              ElementsAre("hook-main", "slack-ops"))
      << "a rule chose a slack channel, so only the other type falls back";
}

TEST(RuleSet, DoesNotFallBackWhereASubscriptionChoseTheType) {
  const auto team =
      team_of({channel("main", "webhook", true), channel("siem", "webhook", false, {"finding.*"})});
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("siem"));
  EXPECT_THAT(plan(team, make_event("scan.failed")), ElementsAre("main"));
}

TEST(RuleSet, KeepsEventsOutsideTheDefaultAlertSetFromDefaults) {
  const auto team = team_of({channel("main", "webhook", true)});
  const auto goes = [&](const char* type, Severity severity) {
    return !plan(team, make_event(type, severity)).empty();
  };
  EXPECT_TRUE(goes("finding.created", Severity::kCritical));
  EXPECT_TRUE(goes("finding.created", Severity::kHigh));
  EXPECT_FALSE(goes("finding.created", Severity::kMedium));
  EXPECT_TRUE(goes("sla.warning", Severity::kInfo));
  EXPECT_TRUE(goes("sla.breached", Severity::kHigh));
  EXPECT_TRUE(goes("compliance.drift_detected", Severity::kInfo));
  EXPECT_TRUE(goes("scan.failed", Severity::kHigh));
  for (const auto* type :
       {"finding.resolved", "finding.excepted", "scan.started", "scan.completed", "exception.requested",
        "exception.approved", "exception.rejected", "user.login", "user.mfa_enabled"}) {
    EXPECT_FALSE(goes(type, Severity::kCritical)) << type;
  }
}

TEST(RuleSet, UsesTheTeamsOwnDefaultAlertSetInsteadOfTheCatalogues) {
  auto team = team_of({channel("main", "webhook", true)});
  team.default_alerts = {{"finding.*", Severity::kHigh}, {"finding.resolved", Severity::kLow}};
  EXPECT_THAT(plan(team, make_event("finding.excepted", Severity::kHigh)), ElementsAre("main"));
  EXPECT_THAT(plan(team, make_event("finding.excepted", Severity::kMedium)), IsEmpty());
  EXPECT_THAT(plan(team, make_event("finding.resolved", Severity::kLow)), ElementsAre("main"));
  EXPECT_THAT(plan(team, make_event("scan.failed")), IsEmpty());
  team.default_alerts->clear();
  EXPECT_THAT(plan(team, make_event("finding.created", Severity::kCritical)), IsEmpty())
      << "an empty set is a set";
}

TEST(RuleSet, ChoosesAChannelOnceHoweverOftenItIsNamed) {
  auto team = team_of({channel("main", "webhook", true, {"*"})}, {rule("one", {0, 0}), rule("two", {0})});
  EXPECT_THAT(plan(team, make_event("finding.created")), ElementsAre("main"));
}

TEST(RuleSet, GivesAnEmptyPlanWhereNothingMatches) {
  EXPECT_THAT(plan(team_of({}), make_event("finding.created")), IsEmpty());
  EXPECT_THAT(plan(team_of({channel("idle")}), make_event("finding.created")), IsEmpty());
}

TEST(RuleSet, LetsOnlyTheExactPatternTakeATestMessage) {
  auto team = team_of({channel("star", "webhook", true, {"*"}),
                       channel("exact", "slack", false, {"channel.test"}), channel("r", "smtp")},
                      {rule("everything", {2}), rule("star", {2})});
  team.rules[1].events = {"*"};
  team.default_alerts = {{"*", Severity::kInfo}};
  EXPECT_THAT(plan(team, make_event("channel.test")), ElementsAre("exact"));
  team.rules[1].events = {"channel.test"};
  team.default_alerts = {{"channel.test", Severity::kInfo}};
  EXPECT_THAT(plan(team, make_event("channel.test")), ElementsAre("star", "exact", "r"));
}

TEST(RuleSet, PlansAnEventOfATypeOutsideTheCatalogueByTheSameRules) {
  const auto team = team_of({channel("star", "webhook", false, {"*"}),
                             channel("group", "webhook", false, {"finding.*"}), channel("d", "slack", true)});
  EXPECT_THAT(plan(team, make_event("finding.vanished")), ElementsAre("star", "group"));
}

TEST(RuleSet, KeepsItsDefinition) {
  const auto team = team_of({channel("a")}, {rule("all", {0})});
  auto rules = RuleSet::compile(team, small_catalogue());
  ASSERT_TRUE(rules);
  const RuleSet moved = std::move(*rules);
  EXPECT_EQ(write_definition(moved.definition()), write_definition(team));
}

struct BadTeam {
  const char* sentence;
  TeamDefinition team;
  const char* pointer;
  const char* message;
};

std::vector<BadTeam> bad_teams() {
  const auto with_rule = [](auto change) {
    auto team = team_of({channel("a"), channel("b")}, {rule("one", {0}), rule("two", {1})});
    change(team.rules[1]);
    return team;
  };
  std::vector<BadTeam> cases;
  cases.push_back({"two channels of one name", team_of({channel("a"), channel("a")}), "channels[1].name",
                   "another channel is called \"a\""});
  cases.push_back(
      {"a channel name with a capital", team_of({channel("A")}), "channels[0].name", "is no name"});
  cases.push_back({"two defaults of a type",
                   team_of({channel("a", "slack", true), channel("b", "slack", true)}), "channels[1].default",
                   "\"a\" already is the default channel of type slack"});
  cases.push_back({"a subscription that can never match",
                   team_of({channel("a", "webhook", false, {"*", "findings.*"})}),
                   "channels[0].subscription[1]", "did you mean \"finding.*\""});
  cases.push_back({"two rules of one name", with_rule([](auto& r) { r.name = "one"; }), "rules[1].name",
                   "another rule is called \"one\""});
  cases.push_back({"a rule without channels", with_rule([](auto& r) { r.channels.clear(); }),
                   "rules[1].channels", "names no channel"});
  cases.push_back({"a rule with a channel that is not there", with_rule([](auto& r) {
                     r.channels = {0, 2};
                   }),
                   "rules[1].channels[1]", "no such channel"});
  cases.push_back({"a malformed pattern", with_rule([](auto& r) {
                     r.events = {"finding.created", "*.x"};
                   }),
                   "rules[1].events[1]", "is no event pattern"});
  cases.push_back({"a label asked for twice", with_rule([](auto& r) {
                     r.labels = {{"env", "a"}, {"env", "b"}};
                   }),
                   "rules[1].labels", "asked for twice"});
  auto alerts = team_of({});
  alerts.default_alerts = {{"scan.exploded", Severity::kInfo}};
  cases.push_back(
      {"a default alert that can never match", alerts, "default_alerts[0].event", "can never match"});
  return cases;
}

TEST(RuleSet, RefusesWhatCannotWorkAndSaysWhere) {
  for (const auto& c : bad_teams()) {
    const auto rules = RuleSet::compile(c.team, small_catalogue());
    ASSERT_FALSE(rules) << c.sentence;
    EXPECT_EQ(rules.error().code, Errc::kInvalid) << c.sentence;
    ASSERT_EQ(rules.error().fields.size(), 1U) << c.sentence;
    EXPECT_EQ(rules.error().fields[0].pointer, c.pointer) << c.sentence;
    EXPECT_THAT(rules.error().fields[0].message, HasSubstr(c.message)) << c.sentence;
    EXPECT_THAT(rules.error().detail, HasSubstr(c.pointer)) << c.sentence;
  }
}

TEST(RuleSet, ReportsEveryProblemUpToFifty) {
  auto team = team_of({channel("a")});
  for (int i = 0; i < 80; ++i) team.rules.push_back(rule("same", {}));
  const auto rules = RuleSet::compile(team, small_catalogue());
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().fields.size(), 50U);
}

}  // namespace
}  // namespace tocsin::routing
