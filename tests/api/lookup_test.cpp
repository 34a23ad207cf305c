// GET /v1/events/{id} and …/explain.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using Lookup = ApiTest;

TEST_F(Lookup, ShowsTheEventAsItIsWithItsDeliveries) {
  const std::string id = push_id(
      R"({"team":"demo","type":"finding.created","severity":"critical","source":"cspm","title":"T","summary":"S",)"
      R"("link":"https://example.com/1","labels":{"env":"prod"},"data":{"n":1.10},"time":"2026-11-23T07:00:00Z"})");
  const Answer answer = get("/v1/events/" + id);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  const std::pair<std::string, std::string> members[] = {
      {"/id", id},
      {"/team", "demo"},
      {"/type", "finding.created"},
      {"/category", "security_alert"},
      {"/source", "cspm"},
      {"/severity", "critical"},
      {"/title", "T"},
      {"/summary", "S"},
      {"/state", "matched"},
      {"/labels/env", "prod"},
      {"/link", "https://example.com/1"},
      {"/time", "2026-11-23T07:00:00.000Z"},
      {"/received", format_rfc3339(clock_.unix_ms())},
      {"/deliveries/0/channel", "audit"},
      {"/deliveries/0/state", "pending"},
      {"/deliveries/0/tries", "0"},
      {"/deliveries/0/event", id},
      {"/deliveries/0/attempts", "[]"},
      {"/deliveries/0/channel_type", "webhook"},
  };
  for (const auto& [pointer, value] : members) EXPECT_EQ(answer.at(pointer), value) << pointer;
  EXPECT_EQ(answer.size_at("/deliveries"), 3U);
  EXPECT_NE(answer.body.find(R"("data":{"n":1.10})"), std::string::npos);
}

TEST_F(Lookup, ShowsEveryAttempt) {
  const std::string id = push_id(kScanFailed);
  finish_waiting(0, DeliveryState::kScheduled);
  clock_.advance_ms(60'000);
  finish_waiting(0, DeliveryState::kDelivered);
  const Answer answer = get("/v1/events/" + id);
  EXPECT_EQ(answer.at("/deliveries/0/state"), "delivered");
  EXPECT_EQ(answer.at("/deliveries/0/finished"), format_rfc3339(clock_.unix_ms()));
  ASSERT_EQ(answer.size_at("/deliveries/0/attempts"), 2U);
  const std::string attempts = "/deliveries/0/attempts/";
  EXPECT_EQ(answer.at(attempts + "0/number"), "1");
  EXPECT_EQ(answer.at(attempts + "0/outcome"), "retry");
  EXPECT_EQ(answer.at(attempts + "0/code"), "webhook.http_503");
  EXPECT_EQ(answer.at(attempts + "1/number"), "2");
  EXPECT_EQ(answer.at(attempts + "1/outcome"), "delivered");
  EXPECT_EQ(answer.at(attempts + "1/http_status"), "200");
  EXPECT_EQ(answer.at(attempts + "1/duration_ms"), "1");
  EXPECT_EQ(answer.at(attempts + "1/remote_address"), "203.0.113.7:443");
  EXPECT_EQ(answer.at(attempts + "1/response"), std::string("ok\0null", 7));
  EXPECT_EQ(answer.at("/deliveries/1/attempts"), "[]");
}

TEST_F(Lookup, FindsAnEventByItsProducersName) {
  push_id(R"({"id":"scan 17/3","team":"demo","type":"scan.failed"})");
  EXPECT_EQ(get("/v1/events/scan%2017%2F3").at("/id"), "scan 17/3");
  EXPECT_EQ(get("/v1/events/scan%2017%2F3", "service").status, 200);
  expect_problem(get("/v1/events/scan%2017%2F3", "platform"), 404, "not-found");
}

TEST_F(Lookup, SaysThatAnEventMatchedNothing) {
  const std::string id = push_id(R"({"team":"platform","type":"user.login"})");
  const Answer answer = get("/v1/events/" + id);
  EXPECT_EQ(answer.at("/state"), "unmatched");
  EXPECT_EQ(answer.at("/deliveries"), "[]");
}

TEST_F(Lookup, KnowsNoEventThatIsNotThere) {
  for (const std::string& id : {format_event_id(1), std::string("evt_x"), std::string("x"),
                                std::string("%27%20OR%201=1--"), std::string("%ff"), std::string(500, 'x')}) {
    expect_problem(get("/v1/events/" + id), 404, "not-found");
    expect_problem(get("/v1/events/" + id + "/explain"), 404, "not-found");
  }
}

TEST_F(Lookup, ExplainsWhatMatchedAndWhatDidNot) {
  const std::string id = push_id(R"({"team":"demo","type":"scan.failed"})");
  const Answer answer = get("/v1/events/" + id + "/explain");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/id"), id);
  EXPECT_EQ(answer.at("/team"), "demo");
  EXPECT_EQ(answer.at("/channels"), R"(["audit","mail"])");
  bool subscription = false, rule = false, fallback = false;
  for (std::size_t i = 0; i < answer.size_at("/findings"); ++i) {
    const std::string finding = "/findings/" + std::to_string(i);
    EXPECT_NE(answer.at(finding + "/reason"), "");
    const std::string kind = answer.at(finding + "/kind"), name = answer.at(finding + "/name");
    const std::string matched = answer.at(finding + "/matched");
    if (kind == "subscription" && name == "audit") subscription = matched == "true";
    if (kind == "rule" && name == "critical") rule = matched == "false";
    if (kind == "default" && name == "mail") fallback = matched == "true";
  }
  EXPECT_TRUE(subscription);
  EXPECT_TRUE(rule);
  EXPECT_TRUE(fallback);
}

TEST_F(Lookup, ExplainsAnEventThatMatchedNothing) {
  const std::string id = push_id(R"({"team":"platform","type":"user.login"})");
  const Answer answer = get("/v1/events/" + id + "/explain");
  EXPECT_EQ(answer.at("/channels"), "[]");
  EXPECT_EQ(answer.at("/findings/0/matched"), "false");
}

TEST_F(Lookup, ExplainsTheDecisionAsItWasMadeThen) {
  const std::string id = push_id(R"({"team":"demo","type":"scan.failed"})");
  auto now = ingest::demo_team();
  now.channels[0].subscription.clear();
  now.channels[2].is_default = false;
  auto table = std::make_shared<ingest::RoutingTable>(*table_);
  table->teams["demo"].rules = std::make_shared<const routing::RuleSet>(
      store::must(routing::RuleSet::compile(std::move(now), catalogue_)));
  on_api_thread([&] { intake_->use(table); });
  EXPECT_EQ(push(kScanFailed).size_at("/deliveries"), 0U);
  EXPECT_EQ(get("/v1/events/" + id + "/explain").at("/channels"), R"(["audit","mail"])");
}

TEST_F(Lookup, SaysWhenTheRulesOfThenNoLongerFitTheCatalogue) {
  const std::string id = push_id(R"({"team":"platform","type":"scan.failed"})");
  std::vector<EventType> types{{.name = "user.login", .summary = "", .default_severity = Severity::kInfo}};
  auto table = std::make_shared<ingest::RoutingTable>(*table_);
  table->catalogue = std::make_shared<const Catalogue>(Catalogue::create(std::move(types)).value());
  on_api_thread([&] { intake_->use(table); });
  expect_problem(get("/v1/events/" + id + "/explain"), 409, "conflict");
  EXPECT_EQ(get("/v1/events/" + id).status, 200);
}

}  // namespace
}  // namespace tocsin::api
