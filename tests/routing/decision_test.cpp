// The reasons that "explain" gives, in the order things are looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/rule_set.hpp"
#include "routing/small_catalogue.hpp"

namespace tocsin::routing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TeamDefinition example_team() {
  TeamDefinition team;
  team.name = "blue";
  team.channels = {{"siem", "webhook", {"finding.*"}, false},
                   {"main", "slack", {}, true},
                   {"security-critical", "slack", {}, false},
                   {"hooks", "webhook", {}, true}};
  RuleDefinition critical;
  critical.name = "critical";
  critical.category = Category::kSecurityAlert;
  critical.severities = {Severity::kCritical, Severity::kHigh};
  critical.channels = {2};
  critical.stop = true;
  RuleDefinition prod;
  prod.name = "prod";
  prod.events = {"scan.*"};
  prod.sources = {"cspm"};
  prod.labels = {{"env", "prod"}};
  prod.channels = {1, 2};
  team.rules = {critical, prod};
  return team;
}

Event make_event(std::string type, Severity severity) {
  Event event;
  const auto catalogue = small_catalogue();
  event.category = catalogue->find(type)->category;
  event.type = std::move(type);
  event.severity = severity;
  return event;
}

Explanation explain(const Event& event) {
  return RuleSet::compile(example_team(), small_catalogue())->explain(event);
}

std::vector<std::string> reasons(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const auto& finding : explanation.findings) {
    lines.push_back(finding.name + (finding.matched ? " yes: " : " no: ") + finding.reason);
  }
  return lines;
}

TEST(Explanation, ListsSubscriptionsRulesAndDefaultsInTheOrderLookedAt) {
  const auto explanation = explain(make_event("finding.created", Severity::kHigh));
  EXPECT_THAT(reasons(explanation),
              ElementsAre("siem yes: type finding.created matches finding.*",
                          "critical yes: category is security_alert; severity high is one of critical, high; "
                          "later rules are not looked at",
                          "prod no: not looked at: rule \"critical\" says stop",
                          "main no: a channel of type slack was chosen already: security-critical",
                          "hooks no: a channel of type webhook was chosen already: siem"));
  EXPECT_THAT(explanation.channels, ElementsAre("siem", "security-critical"));
  EXPECT_EQ(explanation.findings[0].kind, Finding::Kind::kSubscription);
  EXPECT_EQ(explanation.findings[1].kind, Finding::Kind::kRule);
  EXPECT_EQ(explanation.findings[3].kind, Finding::Kind::kDefault);
  EXPECT_THAT(explanation.findings[1].channels, ElementsAre("security-critical"));
  EXPECT_THAT(explanation.findings[2].channels, IsEmpty());
}

TEST(Explanation, SaysWhyADefaultChannelTakesAnEventOrNot) {
  EXPECT_THAT(
      reasons(explain(make_event("scan.failed", Severity::kHigh))),
      ElementsAre("siem no: type scan.failed is not one of finding.*",
                  "critical no: category system_error is not security_alert",
                  "prod no: the event has no source (the rule asks for cspm)",
                  "main yes: no channel of type slack was chosen, and scan.failed of severity high is in "
                  "the default alert set",
                  "hooks yes: no channel of type webhook was chosen, and scan.failed of severity high is "
                  "in the default alert set"));
  EXPECT_THAT(reasons(explain(make_event("user.login", Severity::kInfo))).back(),
              "hooks no: user.login is not in the default alert set");
  EXPECT_THAT(
      reasons(explain(make_event("finding.created", Severity::kLow)))[3],
      "main no: finding.created of severity low is not in the default alert set, which takes it from high");
}

TEST(Explanation, NamesTheFirstMatcherThatDoesNotFit) {
  auto event = make_event("scan.started", Severity::kInfo);
  event.source = "auth";
  EXPECT_EQ(explain(event).findings[2].reason, "source auth is not one of cspm");
  event.source = "cspm";
  EXPECT_EQ(explain(event).findings[2].reason, "the event has no label \"env\" (the rule asks for \"prod\")");
  event.labels = {{"env", "test"}};
  EXPECT_EQ(explain(event).findings[2].reason, "label env is \"test\", not \"prod\"");
  event.labels = {{"env", "prod"}};
  EXPECT_EQ(explain(event).findings[2].reason,
            "type scan.started matches scan.*; source cspm is one of cspm; it has env=prod");
  EXPECT_THAT(explain(event).channels, ElementsAre("main", "security-critical"));
  event = make_event("finding.created", Severity::kLow);
  EXPECT_EQ(explain(event).findings[1].reason, "severity low is not one of critical, high");
  EXPECT_EQ(explain(event).findings[2].reason, "type finding.created is not one of scan.*");
}

TEST(Explanation, SaysThatATestMessageIsTakenByItsExactPatternOnly) {
  auto team = example_team();
  team.rules = {{"all", {}, {}, {}, {}, {}, {0}, false}};
  const auto explanation =
      RuleSet::compile(team, small_catalogue())->explain(make_event("channel.test", Severity::kInfo));
  EXPECT_EQ(explanation.findings[0].reason, "only the exact pattern channel.test takes a test message");
  EXPECT_EQ(explanation.findings[1].reason, "only the exact pattern channel.test takes a test message");
  EXPECT_THAT(explanation.channels, IsEmpty());
}

TEST(Explanation, SaysThatARuleWithoutMatchersTakesEverything) {
  auto team = example_team();
  team.rules = {{"all", {}, {}, {}, {}, {}, {0}, false}};
  const auto explanation =
      RuleSet::compile(team, small_catalogue())->explain(make_event("user.login", Severity::kInfo));
  EXPECT_EQ(explanation.findings[1].reason, "the rule has no matcher, so it takes everything");
}

}  // namespace
}  // namespace tocsin::routing
