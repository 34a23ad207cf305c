// POST /v1/events with many events: arrays and lines, a result for each.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

class PushBatch : public ApiTest {
 protected:
  Answer push_lines(std::string_view body, std::vector<net::Header> headers = {}) {
    headers.push_back({"Content-Type", "application/x-ndjson"});
    return call("operator", "POST", "/v1/events", body, std::move(headers));
  }
};

constexpr std::string_view kMixed[] = {R"({"team":"demo","type":"scan.failed"})",
                                       R"({"team":"demo","type":"scan.fialed"})", R"({"team":)",
                                       R"({"team":"platform","type":"scan.failed"})"};

void expect_mixed(const Answer& answer) {
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(answer.header("location"), "");
  EXPECT_EQ(answer.at("/accepted"), "2");
  EXPECT_EQ(answer.at("/refused"), "2");
  ASSERT_EQ(answer.size_at("/results"), 4U);
  EXPECT_EQ(answer.at("/results/0/status"), "202");
  EXPECT_TRUE(parse_event_id(answer.at("/results/0/event/id")));
  EXPECT_EQ(answer.at("/results/0/event/deliveries/0/channel"), "audit");
  EXPECT_EQ(answer.at("/results/1/status"), "422");
  EXPECT_EQ(answer.at("/results/1/problem/type"), "/problems/invalid");
  EXPECT_EQ(answer.at("/results/1/problem/errors/0/pointer"), "/type");
  EXPECT_EQ(answer.at("/results/2/status"), "400");
  EXPECT_EQ(answer.at("/results/2/problem/type"), "/problems/malformed");
  EXPECT_EQ(answer.at("/results/3/status"), "202");
  EXPECT_EQ(answer.at("/results/3/event/deliveries/0/channel"), "hook");
}

TEST_F(PushBatch, AnswersEachLineForItself) {
  std::string body;
  for (const auto line : kMixed) body += std::string(line) + "\r\n\n";
  expect_mixed(push_lines(body));
}

TEST_F(PushBatch, AnswersEachElementOfAnArrayForItself) {
  std::string body;
  // A brace that never closes would break the array itself; an element that is no JSON does not.
  for (const auto line : kMixed)
    body += (body.empty() ? "" : ",") + std::string(line == kMixed[2] ? "{\"team\"}" : line);
  expect_mixed(push(" [" + body + "]\n"));
}

TEST_F(PushBatch, HasTheFormOfABatchAlsoForOne) {
  for (const Answer& answer : {push("[" + std::string(kScanFailed) + "]"), push_lines(kScanFailed)}) {
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.at("/accepted"), "1");
    EXPECT_EQ(answer.size_at("/results"), 1U);
  }
}

TEST_F(PushBatch, TakesAnArrayOfNone) {
  const Answer answer = push("[]");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"accepted":0,"refused":0,"results":[]})");
}

TEST_F(PushBatch, IsAProblemWithResultsWhereNothingWasTaken) {
  const Answer answer = push(R"([{"team":"demo","type":"scan.fialed"},{"type":"scan.failed"},7])");
  expect_problem(answer, 422, "invalid");
  EXPECT_EQ(answer.at("/errors/0/pointer"), "/0/type");
  EXPECT_EQ(answer.at("/accepted"), "0");
  EXPECT_EQ(answer.at("/refused"), "3");
  ASSERT_EQ(answer.size_at("/results"), 3U);
  EXPECT_EQ(answer.at("/results/0/problem/errors/0/pointer"), "/type");
  EXPECT_EQ(answer.at("/results/1/problem/errors/0/pointer"), "/team");
  EXPECT_EQ(answer.at("/results/2/status"), "400");
  expect_problem(push_lines("{\n}"), 400, "malformed");
}

TEST_F(PushBatch, RefusesABodyThatIsNoArray) {
  for (const auto* body : {"[", "[{}", "[{},]", "[,]", "[{}] x", "[]]", "[{\"a\":\"]"}) {
    expect_problem(push(body), 400, "malformed");
  }
}

std::string lines(std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) body += std::string(kScanFailed) + "\n";
  return body;
}

TEST_F(PushBatch, TakesAThousandAndNotOneMore) {
  const Answer most = push_lines(lines(1000));
  EXPECT_EQ(most.status, 202);
  EXPECT_EQ(most.at("/accepted"), "1000");
  expect_problem(push_lines(lines(1001)), 413, "too-large");
  EXPECT_EQ(get("/v1/teams/demo/deliveries?channel=audit&limit=200").size_at("/deliveries"), 200U);
}

TEST_F(PushBatch, RefusesABodyOverTheServersLimit) {
  expect_problem(push_lines(std::string(9 << 20, '\n')), 413, "too-large");
}

TEST_F(PushBatch, GivesEachEventItsPartOfTheIdempotencyKey) {
  const std::string body = lines(3);
  const Answer first = push_lines(body, {{"Idempotency-Key", "night"}});
  const Answer again = push_lines(body, {{"Idempotency-Key", "night"}});
  EXPECT_EQ(first.at("/accepted"), "3");
  EXPECT_EQ(again.at("/accepted"), "3");
  for (const std::string i : {"0", "1", "2"}) {
    EXPECT_EQ(first.at("/results/" + i + "/event/duplicate"), "false");
    EXPECT_EQ(again.at("/results/" + i + "/event/duplicate"), "true");
    EXPECT_EQ(again.at("/results/" + i + "/event/id"), first.at("/results/" + i + "/event/id"));
  }
}

TEST_F(PushBatch, IsUnavailableAsAWholeWhenTheWriterHasStopped) {
  writer_->stop();
  const Answer answer = push_lines(lines(2));
  expect_problem(answer, 503, "unavailable");
  EXPECT_NE(answer.header("retry-after"), "");
  EXPECT_EQ(answer.at("/results/1/status"), "503");
}

}  // namespace
}  // namespace tocsin::api
