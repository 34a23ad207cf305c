// POST /v1/events with one event. What an event may be is tested in tests/ingest.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using Push = ApiTest;
using Headers = std::vector<net::Header>;

TEST_F(Push, Answers202WithTheIdTheDeliveriesAndALocation) {
  const Answer answer = push(R"({"team":"demo","type":"finding.created","severity":"critical"})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  const std::string id = answer.at("/id");
  EXPECT_TRUE(parse_event_id(id));
  EXPECT_EQ(answer.header("location"), "/v1/events/" + id);
  EXPECT_EQ(answer.at("/duplicate"), "false");
  ASSERT_EQ(answer.size_at("/deliveries"), 3U);
  EXPECT_EQ(answer.at("/deliveries/0/channel"), "audit");
  EXPECT_EQ(answer.at("/deliveries/1/channel"), "pager");
  EXPECT_EQ(answer.at("/deliveries/2/channel"), "mail");
  EXPECT_EQ(answer.at("/deliveries/0/id"), format_delivery_id(*parse_event_id(id) + 1));
}

TEST_F(Push, GivesALocationThatLeadsToTheEventWhateverItsName) {
  for (const auto* id : {R"(scan-17)", R"(a/b?c=d#e f%20)", R"(ü🪣)", R"(\"\\)", R"(..)"}) {
    const Answer answer = push(R"({"team":"demo","type":"scan.failed","id":")" + std::string(id) + "\"}");
    ASSERT_EQ(answer.status, 202) << answer.body;
    const Answer found = get(answer.header("location"));
    EXPECT_EQ(found.status, 200) << answer.header("location");
    EXPECT_EQ(found.at("/id"), answer.at("/id"));
  }
}

TEST_F(Push, TakesTheTeamOfTheTokenForAnEventThatNamesNone) {
  const Answer answer = push(R"({"type":"scan.failed"})", "service");
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(get("/v1/events/" + answer.at("/id")).at("/team"), "demo");
  const Answer unclear = push(R"({"type":"scan.failed"})", "both");
  expect_problem(unclear, 422, "invalid");
  EXPECT_EQ(unclear.at("/errors/0/pointer"), "/team");
}

TEST_F(Push, TakesTheMediaTypesItNamesAndNoOther) {
  for (const auto* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=UTF-8", " application/json ", "application/x-ndjson",
                           "application/ndjson"}) {
    EXPECT_EQ(call("operator", "POST", "/v1/events", kScanFailed, {{"Content-Type", type}}).status, 202)
        << type;
  }
  for (const auto* type : {"", "text/plain", "application/xml", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/jsonp", "application/json+x",
                           "text/json", "json", "*/*", "application/json, text/plain"}) {
    const Answer answer = call("operator", "POST", "/v1/events", kScanFailed, {{"Content-Type", type}});
    expect_problem(answer, 415, "unsupported");
    EXPECT_NE(answer.at("/detail").find("application/json"), std::string::npos);
  }
  expect_problem(call("operator", "POST", "/v1/events", kScanFailed), 415, "unsupported");
}

TEST_F(Push, TakesNoCompressedBody) {
  for (const auto* coding : {"gzip", "deflate", "br", "zstd", "gzip, identity", "x"}) {
    expect_problem(push(kScanFailed, "operator", {{"Content-Encoding", coding}}), 415, "unsupported");
  }
  EXPECT_EQ(push(kScanFailed, "operator", {{"Content-Encoding", "identity"}}).status, 202);
}

TEST_F(Push, RefusesAnEmptyBody) {
  for (const auto* body : {"", " ", "\r\n\t "}) {
    expect_problem(push(body), 400, "malformed");
    expect_problem(call("operator", "POST", "/v1/events", body, {{"Content-Type", "application/x-ndjson"}}),
                   400, "malformed");
  }
}

TEST_F(Push, TellsTextThatIsNoJsonFromJsonThatIsNoEvent) {
  expect_problem(push("{\"type\":"), 400, "malformed");
  expect_problem(push("nonsense"), 400, "malformed");
  expect_problem(push("42"), 400, "malformed");
  expect_problem(push(R"({"team":"demo","type":"scan.failed"}{})"), 400, "malformed");
  expect_problem(push(R"({"team":"demo","team":"platform","type":"scan.failed"})"), 400, "malformed");
  const Answer answer = push(R"({"team":"demo","type":"scan.fialed","severty":"low"})");
  expect_problem(answer, 422, "invalid");
  ASSERT_EQ(answer.size_at("/errors"), 2U);
  EXPECT_EQ(answer.at("/errors/0/pointer"), "/severty");
  EXPECT_EQ(answer.at("/errors/1/pointer"), "/type");
  EXPECT_NE(answer.at("/errors/1/message").find("did you mean scan.failed"), std::string::npos);
  EXPECT_EQ(answer.header("location"), "");
}

TEST_F(Push, RefusesAnEventOverItsSize) {
  const std::string body =
      R"({"team":"demo","type":"scan.failed","data":{"x":")" + std::string(1 << 20, 'x') + "\"}}";
  expect_problem(push(body), 413, "too-large");
}

TEST_F(Push, StoresNothingOfWhatItRefuses) {
  push(R"({"id":"bad","team":"demo","type":"scan.failed","severity":"none"})");
  push(R"({"id":"bad","team":"demo","type":"scan.failed")");
  expect_problem(get("/v1/events/bad"), 404, "not-found");
  EXPECT_EQ(get("/v1/teams/demo/deliveries").size_at("/deliveries"), 0U);
}

// ---- the same event again

TEST_F(Push, AnswersADuplicateLikeTheFirst) {
  const std::string event = R"({"id":"a","team":"demo","type":"scan.failed"})";
  const Answer first = push(event);
  const Answer again = push(R"({ "type":"scan.failed", "team":"demo", "id":"a" })");
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.at("/duplicate"), "true");
  EXPECT_EQ(again.at("/id"), first.at("/id"));
  EXPECT_EQ(again.at("/deliveries"), first.at("/deliveries"));
  EXPECT_EQ(again.header("location"), first.header("location"));
}

TEST_F(Push, AnswersAConflictWith409) {
  push(R"({"id":"a","team":"demo","type":"scan.failed"})");
  const Answer answer = push(R"({"id":"a","team":"demo","type":"user.login"})");
  expect_problem(answer, 409, "conflict");
  EXPECT_NE(answer.at("/detail").find("give this event an id of its own"), std::string::npos);
}

TEST_F(Push, ReadsTheIdempotencyKeyBareOrQuoted) {
  const Answer first = push(kScanFailed, "operator", {{"Idempotency-Key", "key-1"}});
  EXPECT_EQ(first.at("/duplicate"), "false");
  for (const auto* same : {"key-1", "\"key-1\"", " key-1 "}) {
    const Answer again = push(kScanFailed, "operator", {{"idempotency-key", same}});
    EXPECT_EQ(again.at("/duplicate"), "true") << same;
    EXPECT_EQ(again.at("/id"), first.at("/id")) << same;
  }
  expect_problem(push(R"({"team":"demo","type":"user.login"})", "operator", {{"Idempotency-Key", "key-1"}}),
                 409, "conflict");
}

TEST_F(Push, RefusesAnIdempotencyKeyThatIsNone) {
  for (const std::string& key : {std::string("\"\""), std::string("a b"), std::string("\"a b\""),
                                 std::string("ü"), std::string(257, 'k'), std::string("a\tb")}) {
    const Answer answer = push(kScanFailed, "operator", {{"Idempotency-Key", key}});
    expect_problem(answer, 400, "malformed");
    EXPECT_NE(answer.at("/detail").find("Idempotency-Key"), std::string::npos);
  }
  EXPECT_EQ(push(kScanFailed, "operator", {{"Idempotency-Key", std::string(256, 'k')}}).status, 202);
  EXPECT_EQ(push(kScanFailed, "operator", {{"Idempotency-Key", "\""}}).status, 202);
}

TEST_F(Push, RefusesHeadersThatAreThereTwice) {
  expect_problem(push(kScanFailed, "operator", {{"Content-Type", "application/x-ndjson"}}), 400,
                 "bad-request");
  expect_problem(push(kScanFailed, "operator", {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}}), 400,
                 "bad-request");
}

TEST_F(Push, RefusesOtherMethodsWithTheListOfThoseItTakes) {
  for (const auto* method : {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const Answer answer = call("operator", method, "/v1/events");
    expect_problem(answer, 405, "method-not-allowed");
    EXPECT_EQ(answer.header("allow"), "POST") << method;
  }
}

// ---- not now

TEST_F(Push, IsUnavailableWhileTheDaemonStops) {
  const std::string id = push_id(kScanFailed);
  service_->start_draining();
  const Answer answer = push(kScanFailed);
  expect_problem(answer, 503, "unavailable");
  EXPECT_NE(answer.header("retry-after"), "");
  EXPECT_EQ(get("/v1/events/" + id).status, 200);  // reading goes on
}

TEST_F(Push, IsUnavailableWhenTheWriterHasStopped) {
  writer_->stop();
  const Answer answer = push(kScanFailed);
  expect_problem(answer, 503, "unavailable");
  EXPECT_NE(answer.header("retry-after"), "");
}

}  // namespace
}  // namespace tocsin::api
