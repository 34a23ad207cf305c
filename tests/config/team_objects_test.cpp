// Channels and rules from the store, added to those of the file.
#include "config/team_objects.hpp"

#include <gmock/gmock.h>

#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::HasSubstr;

class TeamObjectsTest : public testing::Test {
 protected:
  TeamObjectsTest() {
    folder_.write("tocsin.toml", R"(
[[team]]
name = "demo"
[[team.channel]]
name = "audit"
type = "webhook"
events = ["*"]
[[team.rule]]
name = "first"
channels = ["audit"]
[[team]]
name = "other"
)");
    auto loaded = load_config(folder_.path("tocsin.toml"));
    EXPECT_TRUE(loaded) << loaded.error().detail;
    if (loaded) base_ = std::move(*loaded);
  }
  Result<Config> add(TeamObjects objects) { return add_team_objects(base_, std::span(&objects, 1)); }
  // The only fault: "pointer: message".
  std::string fault(TeamObjects objects) {
    const auto added = add(std::move(objects));
    if (added) return "";
    EXPECT_EQ(added.error().fields.size(), 1U) << added.error().detail;
    return added.error().fields[0].pointer + ": " + added.error().fields[0].message;
  }

  ConfigFolder folder_;
  Config base_;
};

TEST_F(TeamObjectsTest, StandBehindTheFilesOwn) {
  const auto added =
      add({"demo",
           {{"ops",
             R"({"type":"slack","default":true,"retry":["5s"],"paused":true,
                                       "settings":{"name":"#ops","deep":{"n":1,"x":[1,2.5,true]}}})",
             {{"/url", security::Secret("https://hooks.slack.com/services/x")}},
             ""}},
           {{"late", R"({"severities":["critical"],"channels":["ops","audit"],"stop":true})", {}, ""}}});
  ASSERT_TRUE(added) << added.error().detail;
  const auto& team = added->teams.at(0);
  ASSERT_EQ(team.definition().channels.size(), 2U);
  EXPECT_EQ(team.definition().channels[1].name, "ops");
  EXPECT_TRUE(team.definition().channels[1].is_default);
  EXPECT_EQ(team.channels[1].settings, R"({"name":"#ops","deep":{"n":1,"x":[1,2.5E0,true]}})");
  EXPECT_EQ(team.channels[1].secrets.at(0).second.reveal(), "https://hooks.slack.com/services/x");
  EXPECT_TRUE(team.channels[1].options.paused);
  EXPECT_EQ(team.channels[1].options.retry_ms, std::vector<std::int64_t>{5000});
  EXPECT_EQ(team.channels[1].position.file, kApiFile);
  ASSERT_EQ(team.definition().rules.size(), 2U);
  EXPECT_EQ(team.definition().rules[1].name, "late");
  EXPECT_EQ(team.definition().rules[1].channels, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(base_.teams[0].definition().channels.size(), 1U) << "the base stays";
}

TEST_F(TeamObjectsTest, OfATeamThatIsGoneAreLeftOut) {
  const auto added = add({"gone", {{"ops", R"({"type":"slack"})", {}, ""}}, {}});
  ASSERT_TRUE(added);
  EXPECT_EQ(added->teams.size(), 2U);
}

TEST_F(TeamObjectsTest, KeepTheReasonWhyAChannelCannotDeliver) {
  const auto added = add({"demo", {{"ops", R"({"type":"slack"})", {}, "its key is missing"}}, {}});
  ASSERT_TRUE(added);
  EXPECT_EQ(added->teams[0].channels[1].unusable, "its key is missing");
}

TEST_F(TeamObjectsTest, AreRefusedAtTheirPlaceInTheFilesWords) {
  const auto channel = [this](const char* body) { return fault({"demo", {{"ops", body, {}, ""}}, {}}); };
  EXPECT_THAT(channel("{}"), HasSubstr("channels/ops/type: is missing"));
  EXPECT_THAT(channel("null"), HasSubstr("channels/ops/type: is missing"));
  EXPECT_THAT(channel(R"({"type":"slack","tipe":1})"),
              HasSubstr("channels/ops/tipe: unknown key; did you mean"));
  EXPECT_THAT(channel(R"({"type":"slack","retry":["1ms"]})"),
              HasSubstr("channels/ops/retry/0: 1ms is out of range"));
  EXPECT_THAT(channel(R"({"type":"slack","window":"8"})"),
              HasSubstr("channels/ops/window: must be an integer"));
  EXPECT_THAT(channel(R"({"type":"slack","window":99999999999999999999})"),
              HasSubstr("channels/ops/window: "));
  EXPECT_THAT(channel(R"({"type":"slack","events":["finding.creatd"]})"),
              HasSubstr("channels/ops/events/0: "));
  EXPECT_THAT(channel(R"({"type":"slack","digest":{"daily":"25:00"}})"),
              HasSubstr("channels/ops/digest/daily: "));
  EXPECT_THAT(channel(R"({"type":"slack","settings":[]})"),
              HasSubstr("channels/ops/settings: must be a table"));
  const auto rule = [this](const char* body) { return fault({"demo", {}, {{"late", body, {}, ""}}}); };
  EXPECT_THAT(rule("{}"), HasSubstr("rules/late/channels: is missing"));
  EXPECT_THAT(rule(R"({"channels":["audti"]})"),
              HasSubstr("rules/late/channels/0: there is no channel \"audti\""));
  EXPECT_THAT(rule(R"({"channels":["audit"],"severities":["high","hihg"]})"),
              HasSubstr("rules/late/severities: "));
  EXPECT_THAT(rule(R"({"channels":["audit"],"labels":{"env":1}})"),
              HasSubstr("rules/late/labels/env: must be a string"));
}

TEST_F(TeamObjectsTest, AreRefusedUnderANameThatIsTaken) {
  EXPECT_THAT(fault({"demo", {{"audit", R"({"type":"webhook"})", {}, ""}}, {}}),
              HasSubstr("channels/audit/name: "));
  EXPECT_THAT(fault({"demo", {}, {{"first", R"({"channels":["audit"]})", {}, ""}}}),
              HasSubstr("rules/first/name: "));
  EXPECT_THAT(fault({"demo", {{"No Name", R"({"type":"webhook"})", {}, ""}}, {}}),
              HasSubstr("channels/No Name/name: "));
}

// A secret of the host's files or environment is the operator's to give away, not a team's.
TEST_F(TeamObjectsTest, MayNotReadTheHostsFilesOrEnvironment) {
  const auto added = add(
      {"demo",
       {{"ops", R"({"type":"slack","settings":{"url":{"file":"/etc/passwd"},"a":{"env":"HOME"}}})", {}, ""}},
       {}});
  ASSERT_TRUE(added);
  EXPECT_TRUE(added->teams[0].channels[1].secrets.empty());
  EXPECT_EQ(added->teams[0].channels[1].settings, R"({"url":{"file":"/etc/passwd"},"a":{"env":"HOME"}})");
}

TEST_F(TeamObjectsTest, HaveADefaultAlertSetInPlaceOfTheCatalogues) {
  TeamObjects objects{"demo", {}, {}};
  objects.default_alerts = TeamObject{"", R"({"alerts":[{"event":"scan.*","from":"high"}]})", {}, ""};
  const auto added = add(objects);
  ASSERT_TRUE(added) << added.error().detail;
  const auto& alerts = added->teams.at(0).definition().default_alerts;
  ASSERT_TRUE(alerts);
  ASSERT_EQ(alerts->size(), 1U);
  EXPECT_EQ(alerts->at(0).event, "scan.*");
  EXPECT_EQ(alerts->at(0).from, Severity::kHigh);
  EXPECT_FALSE(added->teams.at(1).definition().default_alerts);

  objects.default_alerts->body = R"({"alerts":[{"event":"scan.*"},{"event":"scna.*"}]})";
  EXPECT_THAT(fault(objects), HasSubstr("demo/default-alerts/alerts/1/event: "));
}

}  // namespace
}  // namespace tocsin::config
