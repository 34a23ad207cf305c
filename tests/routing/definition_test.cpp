// A team's definition survives being written and read, byte for byte, and damage is noticed.
#include "routing/definition.hpp"

#include <gtest/gtest.h>

namespace tocsin::routing {
namespace {

TeamDefinition full_definition() {
  TeamDefinition team;
  team.name = "blue";
  team.channels = {{"siem", "webhook", {"finding.*", "*"}, false}, {"ops", "slack", {}, true}};
  team.rules = {{"critical",
                 Category::kSecurityAlert,
                 {Severity::kCritical, Severity::kHigh},
                 {"cspm", "registry"},
                 {"finding.created"},
                 {{"env", "prod"}, {"näme", "a\"b\\c\n\x01"}},
                 {1, 0},
                 true},
                {"all", {}, {}, {}, {}, {}, {0}, false}};
  team.default_alerts = {{"finding.*", Severity::kHigh}, {"scan.failed", Severity::kInfo}};
  return team;
}

TEST(Definition, ReadsBackWhatItWrote) {
  const auto written = write_definition(full_definition());
  const auto read = read_definition(written);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(write_definition(*read), written);
  EXPECT_EQ(read->name, "blue");
  ASSERT_EQ(read->channels.size(), 2U);
  EXPECT_EQ(read->channels[0].subscription, (std::vector<std::string>{"finding.*", "*"}));
  EXPECT_TRUE(read->channels[1].is_default);
  ASSERT_EQ(read->rules.size(), 2U);
  EXPECT_EQ(read->rules[0].category, Category::kSecurityAlert);
  EXPECT_EQ(read->rules[0].severities, (std::vector{Severity::kCritical, Severity::kHigh}));
  EXPECT_EQ(read->rules[0].labels, full_definition().rules[0].labels);
  EXPECT_EQ(read->rules[0].channels, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_TRUE(read->rules[0].stop);
  EXPECT_FALSE(read->rules[1].category);
  ASSERT_TRUE(read->default_alerts);
  EXPECT_EQ((*read->default_alerts)[0].from, Severity::kHigh);
}

TEST(Definition, TellsNoDefaultAlertsOfItsOwnFromAnEmptySet) {
  TeamDefinition team;
  team.name = "t";
  EXPECT_FALSE(read_definition(write_definition(team))->default_alerts);
  team.default_alerts.emplace();
  const auto read = read_definition(write_definition(team));
  ASSERT_TRUE(read->default_alerts);
  EXPECT_TRUE(read->default_alerts->empty());
}

TEST(Definition, IsWrittenInOneFixedOrder) {
  TeamDefinition team;
  team.name = "t";
  team.channels = {{"c", "webhook", {}, true}};
  team.rules = {{"r", Category::kSystemError, {Severity::kLow}, {}, {"*"}, {{"a", "b"}}, {0}, false}};
  EXPECT_EQ(
      write_definition(team),
      R"({"name":"t","channels":[{"name":"c","type":"webhook","subscription":[],"default":true}],)"
      R"("rules":[{"name":"r","category":"system_error","severities":["low"],"sources":[],"events":["*"],)"
      R"("labels":{"a":"b"},"channels":[0],"stop":false}]})");
}

TEST(Definition, NoticesDamage) {
  for (
      const auto* text : {
          "",
          "[]",
          "{}",
          "{\"name\":\"t\"}",
          R"({"name":"t","channels":[],"rules":{}})",
          R"({"name":"t","channels":[3],"rules":[]})",
          R"({"name":"t","channels":[{"name":"c","type":"webhook","subscription":[1],"default":true}],"rules":[]})",
          R"({"name":"t","channels":[],"rules":[{"name":"r","category":"x","severities":[],"sources":[],"events":[],"labels":{},"channels":[],"stop":true}]})",
          R"({"name":"t","channels":[],"rules":[{"name":"r","severities":["x"],"sources":[],"events":[],"labels":{},"channels":[],"stop":true}]})",
          R"({"name":"t","channels":[],"rules":[{"name":"r","severities":[],"sources":[],"events":[],"labels":{},"channels":[-1],"stop":true}]})",
          R"({"name":"t","channels":[],"rules":[{"name":"r","severities":[],"sources":[],"events":[],"labels":[],"channels":[],"stop":true}]})",
          R"({"name":"t","channels":[],"rules":[],"default_alerts":[{"event":"*"}]})",
      }) {
    const auto read = read_definition(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Errc::kInternal);
  }
}

TEST(ObjectName, IsLowerCaseLettersDigitsAndInnerHyphens) {
  for (const auto& name : {std::string("a"), std::string("ops-1"), std::string(63, 'x'), std::string("0")}) {
    EXPECT_TRUE(is_object_name(name)) << name;
  }
  for (const auto& name : {std::string(), std::string(64, 'x'), std::string("-a"), std::string("a-"),
                           std::string("A"), std::string("a_b"), std::string("a b"), std::string("é")}) {
    EXPECT_FALSE(is_object_name(name)) << name;
  }
}

}  // namespace
}  // namespace tocsin::routing
