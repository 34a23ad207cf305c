// Health, plugins, catalogue, and paths that are not there.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

class Status : public ApiTest {
 protected:
  // The detail of a check of /readyz?verbose, with its mark.
  static std::string check(const Answer& answer, const std::string& name) {
    for (std::size_t i = 0; i < answer.size_at("/checks"); ++i) {
      const std::string at = "/checks/" + std::to_string(i);
      if (answer.at(at + "/name") == name) return answer.at(at + "/ok") + " " + answer.at(at + "/detail");
    }
    return "no such check";
  }
};

TEST_F(Status, IsAliveWhateverElse) {
  writer_->stop();
  service_->start_draining();
  const Answer answer = get("/livez", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"live":true})");
}

TEST_F(Status, IsReadyAndSaysWhyOnlyWhenAsked) {
  const Answer plain = get("/readyz", "");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.body, R"({"ready":true})");
  const Answer verbose = get("/readyz?verbose", "");
  EXPECT_EQ(verbose.status, 200);
  EXPECT_EQ(verbose.at("/ready"), "true");
  EXPECT_EQ(check(verbose, "store"), "true commits reach the disk");
  EXPECT_EQ(check(verbose, "intake"), "true events are taken");
}

TEST_F(Status, IsNotReadyWhileTheDaemonStops) {
  service_->start_draining();
  const Answer answer = get("/readyz?verbose=1", "");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.header("retry-after"), "");
  EXPECT_EQ(answer.at("/ready"), "false");
  EXPECT_EQ(check(answer, "intake"), "false the daemon is stopping");
  EXPECT_EQ(get("/readyz", "").body, R"({"ready":false})");
}

TEST_F(Status, IsReadyWithAPluginThatCouldNotBeLoadedAndNamesIt) {
  plugin::PluginState good{"/opt/good.so", true, "", "tocsin-sdk 1.0", std::string(64, 'a'), {"webhook"}};
  plugin::PluginState bad{
      "/opt/bad.so", false, "it is no ELF file: build it as a shared library", "", "", {}};
  use_state({good, bad});
  const Answer ready = get("/readyz?verbose", "");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(check(ready, "plugin /opt/good.so"), "true loaded");
  EXPECT_EQ(check(ready, "plugin /opt/bad.so"), "false it is no ELF file: build it as a shared library");

  const Answer plugins = get("/v1/plugins");
  EXPECT_EQ(plugins.status, 200);
  EXPECT_EQ(plugins.at("/plugins/0/path"), "/opt/good.so");
  EXPECT_EQ(plugins.at("/plugins/0/loaded"), "true");
  EXPECT_EQ(plugins.at("/plugins/0/types/0"), "webhook");
  EXPECT_EQ(plugins.at("/plugins/0/sdk"), "tocsin-sdk 1.0");
  EXPECT_EQ(plugins.at("/plugins/1/loaded"), "false");
  EXPECT_EQ(plugins.at("/plugins/1/problem"), "it is no ELF file: build it as a shared library");
}

TEST_F(Status, ShowsHowASandboxedPluginDoes) {
  plugin::PluginState plugin{
      "/opt/acme.so", true, "", "tocsin-sdk 1.0", "", {"com.acme"}, plugin::Isolation::kSandbox};
  plugin::PluginState ours{"/opt/webhook.so", true, "", "tocsin-sdk 1.0", "", {"webhook"}};
  use_state({plugin, ours});
  sandbox_ = sandbox::SandboxStatus{"quarantined", "partial", {"landlock"}, 0,         4, 2,
                                    "openat",      "",        "SIGSEGV",    "SIGSEGV", 1};
  const Answer answer = get("/v1/plugins");
  EXPECT_EQ(answer.at("/plugins/0/isolation"), "sandbox");
  EXPECT_EQ(answer.at("/plugins/0/sandbox"),
            R"({"state":"quarantined","level":"partial","missing":["landlock"],"restarts":4,"denied":2,)"
            R"("last_denied":"openat","last_fault":"SIGSEGV","last_fault_at":"1970-01-01T00:00:00.001Z"})");
  EXPECT_EQ(call("operator", "POST", "/v1/plugins/com.acme/reset").status, 200);
  EXPECT_EQ(reset_, "/opt/acme.so");
  expect_problem(call("operator", "POST", "/v1/plugins/webhook/reset"), 409, "conflict");
  expect_problem(call("operator", "POST", "/v1/plugins/com.other/reset"), 404, "not-found");
}

TEST_F(Status, ShowsHowEachChannelIs) {
  const Answer answer = get("/v1/plugins");
  ASSERT_EQ(answer.size_at("/channels"), 1U);
  EXPECT_EQ(answer.at("/channels/0/team"), "demo");
  EXPECT_EQ(answer.at("/channels/0/name"), "audit");
  EXPECT_EQ(answer.at("/channels/0/state"), "unavailable");
  EXPECT_EQ(answer.at("/channels/0/reason"), "its plugin is \"missing\"");
  EXPECT_EQ(answer.at("/channels/0/in_flight"), "0");
}

TEST_F(Status, ListsTheEventTypes) {
  const Answer answer = get("/v1/event-types", "member");
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(answer.size_at("/event_types"), catalogue_->types().size());
  EXPECT_EQ(answer.at("/event_types/0/name"), "finding.created");
  EXPECT_EQ(answer.at("/event_types/0/severity_required"), "true");
  EXPECT_EQ(answer.at("/event_types/0/default_severity"), "");
  EXPECT_EQ(answer.at("/event_types/0/default_alert_from"), "high");
  EXPECT_EQ(answer.at("/event_types/3/name"), "sla.breached");
  EXPECT_EQ(answer.at("/event_types/3/default_severity"), "high");
  EXPECT_EQ(answer.at("/event_types/3/severity_floor"), "high");
  EXPECT_EQ(answer.at("/event_types/4/category"), "system_notification");
  EXPECT_EQ(answer.at("/event_types/4/severity_floor"), "");
}

TEST_F(Status, ListsTheChannelTypesWithTheirSchemas) {
  const Answer answer = get("/v1/channel-types", "member");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/channel_types/0/type"), "webhook");
  EXPECT_EQ(answer.at("/channel_types/0/settings_schema/properties/url/type"), "string");
}

TEST_F(Status, ServesItsMetricsAsOpenMetrics) {
  const Answer answer = get("/metrics", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
  EXPECT_EQ(answer.body, "# EOF\n");
}

TEST_F(Status, AnswersHeadLikeGetWithoutTheBody) {
  for (const auto* path : {"/livez", "/readyz", "/metrics"}) {
    const Answer answer = call("", "HEAD", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, "") << path;
  }
}

TEST_F(Status, SaysThatAPathIsNotThere) {
  for (const auto* path :
       {"/", "/v1", "/v1/", "/v1/event", "/v1/events/", "/v1/teams", "/v1/teams/demo", "/v2/events",
        "/index.html", "/..%2f..%2fetc/passwd", "/v1/events/%00", "/.env", "//livez"}) {
    expect_problem(get(path), 404, "not-found");
    expect_problem(get(path, ""), 404, "not-found");
  }
}

TEST_F(Status, NamesTheMethodsAPathTakes) {
  const Answer answer = call("operator", "DELETE", "/v1/event-types");
  expect_problem(answer, 405, "method-not-allowed");
  EXPECT_EQ(answer.header("allow"), "GET, HEAD");
}

}  // namespace
}  // namespace tocsin::api
