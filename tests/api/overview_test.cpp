// GET …/overview: the last hour in numbers.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using Overview = ApiTest;

TEST_F(Overview, CountsTheLastHourByTheMinute) {
  push(R"({"team":"platform","type":"scan.failed"})");
  push(kScanFailed);
  clock_.advance_ms(5 * 60'000);
  push(kScanFailed);
  push(kScanFailed);
  finish_waiting(0, DeliveryState::kDelivered, 1);
  finish_waiting(0, DeliveryState::kFailed, 1);
  const Answer answer = get("/v1/teams/demo/overview", "admin");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.size_at("/events"), 60U);
  EXPECT_EQ(answer.at("/events/59"), "2");
  EXPECT_EQ(answer.at("/events/54"), "1") << "another team's is not counted";
  EXPECT_EQ(answer.at("/delivered/59"), "1");
  EXPECT_EQ(answer.at("/failed/59"), "1");
  EXPECT_EQ(answer.at("/complete"), "false") << "nobody has counted over what was before the start";
  EXPECT_EQ(answer.at("/channels/0/name"), "audit");
  EXPECT_EQ(answer.at("/channels/0/delivered"), "1");
  EXPECT_EQ(answer.at("/channels/0/failed"), "1");
  const auto p95 = std::stoll(answer.at("/time_to_deliver_ms/p95"));
  EXPECT_GE(p95, 5 * 60'000) << "the oldest was taken first";
  EXPECT_LE(p95, 5 * 66'000);
  writer_->activity().covers_since(clock_.unix_ms() - 3'600'000);
  EXPECT_EQ(get("/v1/teams/demo/overview", "admin").at("/complete"), "true");
}

TEST_F(Overview, SaysSinceWhenSomethingIsDue) {
  EXPECT_EQ(get("/v1/teams/demo/overview").at("/channels/0/due_since"), "");
  const auto at = format_rfc3339(clock_.unix_ms());
  push(kScanFailed);
  EXPECT_EQ(get("/v1/teams/demo/overview").at("/channels/0/due_since"), "") << "it came this very moment";
  clock_.advance_ms(90'000);
  EXPECT_EQ(get("/v1/teams/demo/overview").at("/channels/0/due_since"), at);
  EXPECT_EQ(get("/v1/teams/demo/overview").at("/channels/1/due_since"), "") << "another channel's";
}

TEST_F(Overview, OfNothingIsAllZero) {
  const Answer answer = get("/v1/teams/platform/overview");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/events/0"), "0");
  EXPECT_EQ(answer.at("/time_to_deliver_ms"), "");
  EXPECT_EQ(answer.size_at("/channels"), 1U);
}

}  // namespace
}  // namespace tocsin::api
