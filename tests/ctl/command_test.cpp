// Whole commands, run against a real HTTP server that plays the daemon: what is asked, what is printed, how
// they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ctl/played_daemon.hpp"
#include "ctl/push.hpp"

namespace tocsin::ctl {
namespace {

using testing::HasSubstr;

constexpr const char* kAccepted =
    R"({"id":"evt_1","duplicate":false,"deliveries":[{"id":"dlv_1","channel":"ops"}]})";

TEST_F(PlayedDaemon, SendPutsFlagsIntoAnEvent) {
  on("POST /v1/events", 202, kAccepted);
  const auto ran = ask({"send", "--team", "demo", "--type", "finding.created", "--title", "Hello", "--label",
                        "env=prod", "--label", "note=a=b", "--data", R"({"n":1.10})"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.out, "evt_1 accepted, 1 delivery: ops\n");
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].header("authorization"), "Bearer tcs_x");
  EXPECT_EQ(requests_[0].header("content-type"), "application/json");
  EXPECT_EQ(requests_[0].body, R"({"team":"demo","type":"finding.created","title":"Hello",)"
                               R"("labels":{"env":"prod","note":"a=b"},"data":{"n":1.10}})");
}

TEST_F(PlayedDaemon, SendQuietlyPrintsTheIdAlone) {
  on("POST /v1/events", 202, kAccepted);
  EXPECT_EQ(ask({"-q", "send", "--type", "a.b"}).out, "evt_1\n");
}

TEST_F(PlayedDaemon, SendAsJsonPrintsTheAnswer) {
  on("POST /v1/events", 202, kAccepted);
  EXPECT_EQ(ask({"send", "--type", "a.b", "--json"}).out, std::string(kAccepted) + "\n");
}

TEST_F(PlayedDaemon, ARefusalNamesEachFieldAndExitsOne) {
  on("POST /v1/events", 422, R"({"title":"Invalid","detail":"the event is not valid",
     "errors":[{"pointer":"/severity","message":"must be critical, high, medium, low or info"}]})");
  const auto ran = ask({"send", "--type", "a.b", "--severity", "bad"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "refused (422): the event is not valid\n"
            "  /severity: must be critical, high, medium, low or info\n");
}

TEST_F(PlayedDaemon, SendFromInputPushesLinesAsOneBatch) {
  on("POST /v1/events", 202, R"({"accepted":1,"refused":1,"results":[
       {"status":202,"event":{"id":"evt_1","duplicate":false,"deliveries":[]}},
       {"status":422,"problem":{"detail":"no such type","errors":[]}}]})");
  const auto ran = ask({"send", "-"}, "{\"type\":\"a.b\"}\n\n{\"type\":\"c.d\"}\n");
  EXPECT_EQ(ran.exit, Exit::kFailed) << "one of them was refused";
  EXPECT_THAT(ran.out, HasSubstr("evt_1 accepted"));
  EXPECT_THAT(ran.err, HasSubstr("refused (422): no such type"));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].header("content-type"), "application/x-ndjson");
  EXPECT_EQ(requests_[0].body, "{\"type\":\"a.b\"}\n{\"type\":\"c.d\"}\n");
}

TEST_F(PlayedDaemon, SendFromInputSplitsALongStream) {
  on("POST /v1/events", 202, R"({"accepted":0,"refused":0,"results":[]})");
  std::string lines;
  for (int i = 0; i < 1200; ++i) lines += "{\"type\":\"a.b\"}\n";
  EXPECT_EQ(ask({"send", "-"}, lines).exit, Exit::kOk);
  ASSERT_EQ(requests_.size(), 3U);
  std::string all;
  for (const auto& request : requests_) all += request.body;
  EXPECT_EQ(all, lines) << "nothing is lost at the seams";
}

TEST_F(PlayedDaemon, SendFromInputTakesAnObjectOverManyLinesAndAnArray) {
  on("POST /v1/events", 202, kAccepted);
  EXPECT_EQ(ask({"send", "-"}, "{\n \"type\": \"a.b\"\n}\n").exit, Exit::kOk);
  EXPECT_EQ(ask({"send", "-"}, "[{\"type\":\"a.b\"}]").exit, Exit::kOk);
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(requests_[0].header("content-type"), "application/json");
  EXPECT_EQ(requests_[0].body, "{\n \"type\": \"a.b\"\n}\n");
  EXPECT_EQ(requests_[1].header("content-type"), "application/json");
}

TEST_F(PlayedDaemon, ShowEncodesAnIdIntoThePath) {
  on("GET /v1/events/a%2Fb%20c", 200, R"({"id":"a/b c","deliveries":[]})");
  const auto ran = ask({"events", "show", "a/b c"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("unmatched"));
}

TEST_F(PlayedDaemon, ShowWithWaitFailsWhereADeliveryFailed) {
  on("GET /v1/events/e", 200,
     R"({"id":"e","deliveries":[{"channel":"ops","state":"failed","attempts":[]}]})");
  EXPECT_EQ(ask({"events", "show", "e", "--wait", "5"}).exit, Exit::kFailed);
  EXPECT_EQ(ask({"events", "show", "e"}).exit, Exit::kOk) << "without --wait it only shows";
  on("GET /v1/events/e", 200,
     R"({"id":"e","deliveries":[{"channel":"ops","state":"delivered","attempts":[]}]})");
  EXPECT_EQ(ask({"events", "show", "e", "--wait", "5"}).exit, Exit::kOk);
}

TEST_F(PlayedDaemon, AnUnknownEventExitsOne) {
  const auto ran = ask({"explain", "gone"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_EQ(ran.err, "refused (404): nothing here\n");
}

TEST_F(PlayedDaemon, DeliveriesFollowsCursorsUpToTheLimit) {
  on("GET /v1/teams/demo/deliveries?limit=3&state=failed", 200,
     R"({"deliveries":[{"id":"d3"},{"id":"d2"}],"next":"d2"})");
  on("GET /v1/teams/demo/deliveries?limit=3&state=failed&cursor=d2", 200,
     R"({"deliveries":[{"id":"d1"},{"id":"d0"}],"next":"d0"})");
  const auto ran = ask({"deliveries", "--team", "demo", "--state", "failed", "--limit", "3", "--json"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.out, R"({"deliveries":[{"id":"d3"},{"id":"d2"},{"id":"d1"}],"next":"d0"})"
                     "\n");
}

TEST_F(PlayedDaemon, PluginListExitsOneWhereAPluginIsNotLoaded) {
  on("GET /v1/plugins", 200,
     R"({"plugins":[{"path":"/x.so","loaded":false,"problem":"no entry point"}],"channels":[]})");
  const auto ran = ask({"plugin", "list"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("no entry point"));
}

constexpr const char* kKeys =
    R"({"keys":[{"id":"k1","active":true,"usable":true,"secrets":3}],"rotation":{"running":false,"done":2,
        "failed":1,"left":1,"unopened":[{"team":"demo","channel":"siem","pointer":"/settings/secret",
        "reason":"it was changed"}]}})";

TEST_F(PlayedDaemon, KeysListsThem) {
  on("GET /v1/keys", 200, kKeys);
  const auto ran = ask({"keys"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("k1   yes     3"));
  EXPECT_THAT(ran.out, HasSubstr("rotation: not running, 2 done, 1 failed, 1 left"));
}

TEST_F(PlayedDaemon, KeysRotateWaitsAndFailsWhereAValueDidNotOpen) {
  on("POST /v1/keys/rotate", 202, R"({"keys":[],"rotation":{"running":true,"done":0,"failed":0,"left":3}})");
  on("GET /v1/keys", 200, kKeys);
  const auto ran = ask({"keys", "rotate", "--wait"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("team demo, channel siem, /settings/secret: it was changed"));
  EXPECT_EQ(ask({"keys", "rotate"}).exit, Exit::kOk) << "it only says that it runs";
}

TEST_F(PlayedDaemon, TokensCreatePrintsTheTokenOnce) {
  on("POST /v1/tokens", 201, R"({"name":"ci","token":"tcs_new"})");
  const std::vector<std::string> create = {"tokens",
                                           "create",
                                           "ci",
                                           "--role",
                                           "service",
                                           "--team",
                                           "demo",
                                           "--team",
                                           "other",
                                           "--user",
                                           "ann",
                                           "--expires",
                                           "2027-01-31T00:00:00Z"};
  EXPECT_EQ(ask(create).out, "the token \"ci\", shown this once:\ntcs_new\n");
  auto quiet = create;
  quiet.insert(quiet.begin(), "-q");
  EXPECT_EQ(ask(quiet).out, "tcs_new\n");
  ASSERT_FALSE(requests_.empty());
  EXPECT_EQ(requests_[0].body, R"({"name":"ci","role":"service","teams":["demo","other"],)"
                               R"("user":"ann","expires":"2027-01-31T00:00:00Z"})");
}

TEST_F(PlayedDaemon, TokensListAndRevoke) {
  on("GET /v1/tokens", 200, R"({"tokens":[{"name":"ci","role":"service","teams":["demo"],
       "created_by":"ann","last_used":"2026-11-23T09:14:00.000Z","provisioned":false},
       {"name":"root","role":"operator","teams":[],"provisioned":true}]})");
  const auto listed = ask({"tokens", "list"});
  EXPECT_THAT(listed.out, HasSubstr("2026-11-23T09:14:00.000Z"));
  EXPECT_THAT(listed.out, HasSubstr("of the configuration file"));
  on("DELETE /v1/tokens/ci", 200, R"({"name":"ci","revoked":"2026-11-23T09:14:00.000Z"})");
  EXPECT_EQ(ask({"tokens", "revoke", "ci"}).out, "the token \"ci\" is revoked\n");
  EXPECT_EQ(ask({"tokens", "revoke", "other"}).exit, Exit::kFailed);
}

TEST_F(PlayedDaemon, ConsoleLoginPrintsTheLinkAndSaysHowLongItIsGood) {
  on("POST /v1/console/login", 201,
     R"({"url":"http://a/console/#/sign-in/tcl_x","expires":"2026-11-23T08:10:00.000Z"})");
  const auto ran = ask({"console-login", "--team", "demo", "--user", "alice", "--role", "admin"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  EXPECT_EQ(ran.out, "http://a/console/#/sign-in/tcl_x\n");
  EXPECT_THAT(ran.err, HasSubstr("2026-11-23T08:10"));
  EXPECT_EQ(requests_[0].body, R"({"team":"demo","user":"alice","role":"admin"})");
  EXPECT_EQ(ask({"-q", "console-login"}).err, "");
  EXPECT_EQ(ask({"console-login", "--role", "service"}).exit, Exit::kUsage);
}

TEST_F(PlayedDaemon, TheEnvironmentNamesTheDaemonAndTheToken) {
  on("GET /v1/plugins", 200, R"({"plugins":[],"channels":[]})");
  const auto ran =
      run({"plugin", "list"}, "",
          {{"TOCSIN_URL", "http://" + server_->addresses().front()}, {"TOCSIN_TOKEN", "tcs_env"}});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.err;
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].header("authorization"), "Bearer tcs_env");
}

TEST_F(PlayedDaemon, AnAnswerThatIsNoJsonIsSaidToBe) {
  on("GET /v1/plugins", 200, "<html>");
  const auto ran = ask({"plugin", "list"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_THAT(ran.err, HasSubstr("not JSON"));
}

TEST(Command, ExitsThreeWhereNoDaemonAnswers) {
  const auto ran = run({"plugin", "list", "--url", "unix:/nonexistent/tocsin.sock"});
  EXPECT_EQ(ran.exit, Exit::kUnreachable);
  EXPECT_THAT(ran.err, HasSubstr("/nonexistent/tocsin.sock"));
}

TEST(Command, ExitsTwoWhereTheCommandLineIsWrong) {
  for (const std::vector<std::string>& line : {std::vector<std::string>{},
                                               {"sned"},
                                               {"send", "--sevrity", "high"},
                                               {"events"},
                                               {"events", "show"},
                                               {"deliveries"},
                                               {"deliveries", "--team", "a", "--limit", "0"},
                                               {"sink", "--fail-rate", "2"},
                                               {"completion", "tcsh"}}) {
    EXPECT_EQ(run(line).exit, Exit::kUsage) << (line.empty() ? "" : line[0]);
  }
}

TEST(Command, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(run({"--help"}).exit, Exit::kOk);
  EXPECT_THAT(run({"--help"}).out, HasSubstr("Exit status"));
  EXPECT_THAT(run({"version"}).out, HasSubstr("tocsin "));
  EXPECT_THAT(run({"send", "--help"}).out, HasSubstr("--severity"));
}

TEST(Command, SaysHowToNameTheDaemonWhereTheConfigFileCannotBeRead) {
  const auto ran = run({"plugin", "list", "-c", "/nonexistent/tocsin.toml"});
  EXPECT_EQ(ran.exit, Exit::kUsage);
  EXPECT_THAT(ran.err, HasSubstr("--url"));
}

TEST(Command, CheckConfigSaysWhereTheFaultIs) {
  const std::string file = testing::TempDir() + "ctl_bad.toml";
  std::ofstream(file) << "[server]\nlistne = [\"127.0.0.1:0\"]\n";
  const auto ran = run({"check-config", file});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_THAT(ran.err, HasSubstr("listne"));
  const auto as_json = run({"check-config", file, "--json"});
  EXPECT_EQ(as_json.exit, Exit::kFailed);
  EXPECT_THAT(as_json.out, HasSubstr("\"ok\":false"));
}

TEST(EventFlags, RefusesALabelWithoutAValueAndDataThatIsNoObject) {
  EventFlags flags;
  flags.labels = {"env"};
  EXPECT_THAT(write_event(flags).error().detail, HasSubstr("key=value"));
  flags.labels.clear();
  flags.data = "[1]";
  EXPECT_THAT(write_event(flags).error().detail, HasSubstr("JSON object"));
  flags.data = "{}";
  EXPECT_EQ(write_event(flags).value(), "{\"data\":{}}");
}

}  // namespace
}  // namespace tocsin::ctl
