// The commands by which a team changes what it keeps: what they ask the daemon for, and what they say.
#include <gmock/gmock.h>

#include <fstream>

#include "ctl/played_daemon.hpp"

namespace tocsin::ctl {
namespace {

using testing::HasSubstr;

class TeamCommandsTest : public PlayedDaemon {
 protected:
  // The only request of `method`.
  std::string body_of(const std::string& method) {
    std::string body;
    for (const auto& request : requests_) {
      if (request.method == method) body += request.body;
    }
    return body;
  }
  static std::string write_file(const std::string& name, const std::string& text) {
    std::string path = testing::TempDir() + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
};

TEST_F(TeamCommandsTest, ChannelSetMakesWhatIsNotThere) {
  on("POST /v1/teams/demo/channels", 201, R"({"name":"ops"})");
  const auto secret = write_file("secret", "whsec_x\n");
  const auto ran =
      ask({"channel", "set", "ops", "--team", "demo", "--type", "webhook", "--setting",
           "url=https://example.com/a=b", "--setting", "headers/X-Env=prod", "--setting", "timeout:=5",
           "--secret", "secret=" + secret, "--event", "scan.*", "--default", "yes"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.out, "the channel \"ops\" is set\n");
  EXPECT_EQ(body_of("POST"),
            R"({"type":"webhook","settings":{"url":"https://example.com/a=b","headers":{"X-Env":"prod"},)"
            R"("timeout":5,"secret":"whsec_x"},"events":["scan.*"],"default":true,"name":"ops"})");
}

TEST_F(TeamCommandsTest, ChannelSetChangesWhatIsNamedOfOneThatIsThere) {
  on("PATCH /v1/teams/demo/channels/ops", 200, R"({"name":"ops"})");
  const auto ran = ask({"channel", "set", "ops", "--team", "demo", "--secret", "secret=-"}, "whsec_y\r\n");
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(body_of("PATCH"), R"({"settings":{"secret":"whsec_y"}})");
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(TeamCommandsTest, AWholeObjectComesFromAFile) {
  on("PUT /v1/teams/demo/channels/ops", 201, R"({"name":"ops"})");
  on("PUT /v1/teams/demo/rules/all", 200, R"({"name":"all"})");
  EXPECT_EQ(ask({"channel", "set", "ops", "--team", "demo", "--from", "-"}, R"({"type":"webhook"})").exit,
            Exit::kOk);
  EXPECT_EQ(ask({"rule", "set", "all", "--team", "demo", "--from",
                 write_file("rule.json", R"({"channels":["ops"]})")})
                .exit,
            Exit::kOk);
  EXPECT_EQ(body_of("PUT"), R"({"type":"webhook"}{"channels":["ops"]})");
}

TEST_F(TeamCommandsTest, RuleSetSendsItsMatchers) {
  on("PUT /v1/teams/demo/rules/critical", 201, R"({"name":"critical"})");
  const auto ran = ask({"rule", "set", "critical", "--team", "demo", "--severity", "critical", "--severity",
                        "high", "--event", "finding.*", "--label", "env=prod", "--channel", "ops", "--stop"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(body_of("PUT"),
            R"({"severities":["critical","high"],"events":["finding.*"],"labels":{"env":"prod"},)"
            R"("channels":["ops"],"stop":true})");
}

TEST_F(TeamCommandsTest, OrdersRulesPausesAndRemoves) {
  on("POST /v1/teams/demo/rules/order", 200, R"({"rules":["b","a"]})");
  on("POST /v1/teams/demo/channels/ops/pause", 200, R"({"name":"ops"})");
  on("POST /v1/teams/demo/channels/ops/resume", 200, R"({"name":"ops"})");
  on("DELETE /v1/teams/demo/rules/a", 200, R"({"name":"a"})");
  on("DELETE /v1/teams/demo/channels/ops", 409, R"({"title":"Conflict","detail":"something needs it"})");
  on("GET /v1/teams/demo/channels/ops", 200, R"({"name":"ops"})");
  EXPECT_EQ(ask({"rule", "order", "--team", "demo", "b", "a"}).out, "the rules are in this order\n");
  EXPECT_EQ(requests_.back().body, R"({"rules":["b","a"]})");
  EXPECT_THAT(ask({"channel", "pause", "ops", "--team", "demo"}).out, HasSubstr("is paused"));
  EXPECT_THAT(ask({"channel", "resume", "ops", "--team", "demo"}).out, HasSubstr("goes on"));
  EXPECT_EQ(ask({"rule", "remove", "a", "--team", "demo"}).out, "a is removed\n");
  EXPECT_EQ(ask({"channel", "show", "ops", "--team", "demo"}).out, "{\"name\":\"ops\"}\n");
  const auto refused = ask({"channel", "remove", "ops", "--team", "demo"});
  EXPECT_EQ(refused.exit, Exit::kFailed);
  EXPECT_THAT(refused.err, HasSubstr("something needs it"));
}

TEST_F(TeamCommandsTest, DefaultAlertsAreShownSetAndReset) {
  const char* const own = R"({"origin":"team","alerts":[{"event":"scan.*","from":"high"}]})";
  on("GET /v1/teams/demo/default-alerts", 200,
     R"({"origin":"catalogue","alerts":[{"event":"sla.breached"}]})");
  on("PUT /v1/teams/demo/default-alerts", 200, own);
  on("DELETE /v1/teams/demo/default-alerts", 200, own);
  EXPECT_EQ(ask({"default-alerts", "--team", "demo"}).out,
            "the default alert set of the catalogue:\n  sla.breached\n");
  EXPECT_EQ(ask({"default-alerts", "--team", "demo", "--set", "scan.*=high", "--set", "sla.breached"}).out,
            "the default alert set of the team:\n  scan.* from high\n");
  EXPECT_EQ(requests_.back().body,
            R"({"alerts":[{"event":"scan.*","from":"high"},{"event":"sla.breached"}]})");
  EXPECT_EQ(ask({"default-alerts", "--team", "demo", "--none"}).exit, Exit::kOk);
  EXPECT_EQ(requests_.back().body, R"({"alerts":[]})");
  EXPECT_THAT(ask({"default-alerts", "--team", "demo", "--reset"}).out, HasSubstr("catalogue's again"));
}

TEST_F(TeamCommandsTest, AWrongCommandLineAsksNothing) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"channel", "set", "ops"}, "--team is required"},
      {{"channel", "set", "ops", "--team", "demo"}, "name something to set"},
      {{"channel", "set", "ops", "--team", "demo", "--setting", "url"}, "\"url\" is not key=value"},
      {{"channel", "set", "ops", "--team", "demo", "--setting", "n:={"}, "is not JSON"},
      {{"channel", "set", "ops", "--team", "demo", "--secret", "s=/nowhere/secret"}, "cannot read"},
      {{"channel", "set", "ops", "--team", "demo", "--from", "/"}, "is a folder"},
      {{"rule", "set", "r", "--team", "demo", "--label", "a=b", "--label", "a=c"}, "is there twice"},
      {{"channel", "set", "ops", "--team", "demo", "--from", "x", "--type", "slack"}, "excludes"},
      {{"channel", "set", "ops", "--team", "demo", "--default", "maybe"}, "--default"},
      {{"rule", "set", "r", "--team", "demo", "--label", "x"}, "is not key=value"},
      {{"default-alerts", "--team", "demo", "--none", "--reset"}, "excludes"},
      {{"silence", "--team", "demo"}, "say how long"},
  };
  for (const auto& [arguments, words] : wrong) {
    const auto ran = ask(arguments);
    EXPECT_EQ(ran.exit, Exit::kUsage) << words;
    EXPECT_THAT(ran.err, HasSubstr(words));
  }
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace tocsin::ctl
