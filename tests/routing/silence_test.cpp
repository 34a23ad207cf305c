// Silences: what they cover, when, and how it is said.
#include <gmock/gmock.h>

#include "model/clock.hpp"
#include "routing/rule_set.hpp"
#include "routing/small_catalogue.hpp"

namespace tocsin::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'780'000'000'000;

TeamDefinition make_team() {
  TeamDefinition team;
  team.name = "blue";
  team.channels = {
      {"siem", "webhook", {"*"}, false}, {"chat", "slack", {"*"}, false}, {"centre", "in_app", {"*"}, false}};
  SilenceDefinition silence;
  silence.what.name = "maintenance";
  silence.what.severities = {Severity::kHigh};
  silence.from_ms = kNow - 1000;
  silence.until_ms = kNow + 1000;
  silence.author = "ann";
  silence.reason = "we know";
  team.silences = {silence};
  return team;
}

Event make_event(Severity severity = Severity::kHigh, std::int64_t received_ms = kNow) {
  Event event;
  event.type = "scan.failed";
  event.category = Category::kSystemError;
  event.severity = severity;
  event.received_ms = received_ms;
  return event;
}

RuleSet compile(TeamDefinition team) {
  auto rules = RuleSet::compile(std::move(team), small_catalogue());
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().detail);
  return std::move(*rules);
}

std::vector<bool> covered(const RuleSet& rules, const Event& event) {
  std::vector<bool> out;
  for (std::uint32_t i = 0; i < 3; ++i) out.push_back(rules.find_silence(event, i) != nullptr);
  return out;
}

TEST(Silence, CoversEverythingButTheNotificationCentre) {
  EXPECT_THAT(covered(compile(make_team()), make_event()), ElementsAre(true, true, false));
}

TEST(Silence, CoversTheChannelsItNamesAlsoTheCentre) {
  auto team = make_team();
  team.silences[0].what.channels = {1, 2};
  EXPECT_THAT(covered(compile(team), make_event()), ElementsAre(false, true, true));
}

TEST(Silence, TakesWhatItsMatchersTake) {
  EXPECT_THAT(covered(compile(make_team()), make_event(Severity::kCritical)),
              ElementsAre(false, false, false));
}

TEST(Silence, HoldsFromItsBeginningToBeforeItsEnd) {
  const auto rules = compile(make_team());
  for (const auto& [at, holds] : {std::pair(kNow - 1001, false), std::pair(kNow - 1000, true),
                                  std::pair(kNow + 999, true), std::pair(kNow + 1000, false)}) {
    EXPECT_EQ(rules.find_silence(make_event(Severity::kHigh, at), 0) != nullptr, holds) << at - kNow;
  }
}

TEST(Silence, ThePlanHasItsChannelsAndTheExplanationSaysWhy) {
  const auto rules = compile(make_team());
  std::vector<std::uint32_t> plan;
  rules.plan(make_event(), plan);
  EXPECT_THAT(plan, ElementsAre(0, 1, 2)) << "they are recorded as silenced";
  const auto explanation = rules.explain(make_event());
  EXPECT_THAT(explanation.channels, ElementsAre("centre"));
  const auto& finding = explanation.findings.back();
  EXPECT_EQ(finding.kind, Finding::Kind::kSilence);
  EXPECT_TRUE(finding.matched);
  EXPECT_EQ(finding.reason, "silenced until " + format_rfc3339(kNow + 1000) + " by ann: we know");
  EXPECT_THAT(finding.channels, ElementsAre("siem", "chat"));
  const auto over = rules.explain(make_event(Severity::kHigh, kNow + 5000)).findings.back();
  EXPECT_FALSE(over.matched);
  EXPECT_THAT(over.reason, HasSubstr("it ended at"));
  EXPECT_THAT(rules.explain(make_event(Severity::kLow)).findings.back().reason,
              HasSubstr("severity low is not"));
}

TEST(Silence, IsKeptWithTheGenerationAndChangesNoOther) {
  auto team = make_team();
  const auto read = read_definition(write_definition(team));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->silences.size(), 1U);
  EXPECT_EQ(read->silences[0].what.name, "maintenance");
  EXPECT_EQ(read->silences[0].until_ms, kNow + 1000);
  EXPECT_EQ(read->silences[0].author, "ann");
  EXPECT_EQ(read->silences[0].reason, "we know");
  EXPECT_EQ(write_definition(*read), write_definition(team));
  team.silences.clear();
  EXPECT_THAT(write_definition(team), testing::Not(HasSubstr("silences")));
}

TEST(Silence, IsRefusedWhereItCannotHold) {
  auto team = make_team();
  team.silences[0].until_ms = team.silences[0].from_ms;
  team.silences[0].what.events = {"scan.fialed"};
  team.silences.push_back(team.silences[0]);
  const auto rules = RuleSet::compile(std::move(team), small_catalogue());
  ASSERT_FALSE(rules);
  std::vector<std::string> places;
  for (const auto& field : rules.error().fields) places.push_back(field.pointer);
  EXPECT_THAT(places, ElementsAre("silences[0].events[0]", "silences[0].until", "silences[1].name",
                                  "silences[1].events[0]", "silences[1].until"));
}

}  // namespace
}  // namespace tocsin::routing
