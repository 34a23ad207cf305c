// What stands in the audit log after an act, what does not, and who may read it.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class Audit : public ApiTest {
 protected:
  Answer log(const std::string& principal = "admin", const std::string& query = "") {
    return get("/v1/teams/demo/audit" + query, principal);
  }
};

TEST_F(Audit, SaysWhoDidWhatFromWhereAndNoValue) {
  const Answer made = call("admin", "PUT", "/v1/teams/demo/channels/ops",
                           R"({"type":"webhook","settings":{"url":"canary-url","secret":"canary-secret"}})");
  ASSERT_EQ(made.status, 200);
  const Answer answer = log();
  ASSERT_EQ(answer.size_at("/acts"), 1U) << answer.body;
  EXPECT_EQ(answer.at("/acts/0/act"), "channel.replace");
  EXPECT_EQ(answer.at("/acts/0/actor"), "admin");
  EXPECT_EQ(answer.at("/acts/0/role"), "admin");
  EXPECT_EQ(answer.at("/acts/0/team"), "demo");
  EXPECT_EQ(answer.at("/acts/0/object"), "ops");
  EXPECT_EQ(answer.at("/acts/0/detail"), "type, settings/url, settings/secret");
  EXPECT_THAT(answer.at("/acts/0/origin"), HasSubstr("127.0.0.1:"));
  EXPECT_THAT(answer.at("/acts/0/request"), HasSubstr("req_"));
  EXPECT_THAT(answer.body, Not(HasSubstr("canary")));
}

TEST_F(Audit, NamesWhatWasMade) {
  ASSERT_EQ(call("admin", "POST", "/v1/teams/demo/rules", R"({"name":"ops"})").status, 201);
  EXPECT_EQ(log().at("/acts/0/object"), "ops");
  EXPECT_EQ(log().at("/acts/0/act"), "rule.create");
}

TEST_F(Audit, HasNothingOfWhatWasRefusedOrOnlyRead) {
  call("member", "PUT", "/v1/teams/demo/channels/ops", "{}");
  editor_.answer = make_error(Errc::kConflict, "no");
  call("admin", "PUT", "/v1/teams/demo/channels/ops", "{}");
  get("/v1/teams/demo/channels", "admin");
  push(kScanFailed);
  EXPECT_EQ(log().size_at("/acts"), 0U);
}

TEST_F(Audit, LetsNoBodyKeepAnActOut) {
  const std::string dry = R"({"dry_run":true,"team":"platform","teams":["platform"],"role":"x","user":"y"})";
  call("admin", "DELETE", "/v1/teams/demo/channels/audit", dry);
  call("admin", "POST", "/v1/teams/demo/channels/ops/pause", dry);
  call("operator", "POST", "/v1/keys/rotate", dry);
  EXPECT_EQ(log().size_at("/acts"), 2U) << log().body;
  const Answer all = get("/v1/audit");
  ASSERT_EQ(all.size_at("/acts"), 3U) << all.body;
  EXPECT_EQ(all.at("/acts/0/act"), "keys.rotate");
  EXPECT_EQ(all.at("/acts/0/team"), "");
  EXPECT_EQ(get("/v1/teams/platform/audit").size_at("/acts"), 0U);
  call("admin", "POST", "/v1/teams/demo/deliveries/redeliver",
       R"({"since":"2026-01-01T00:00:00Z","dry_run":true})");
  EXPECT_EQ(log().size_at("/acts"), 2U) << "what only counts is no act";
  call("admin", "POST", "/v1/teams/demo/deliveries/redeliver", R"({"since":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(log().at("/acts/0/act"), "delivery.redeliver_many");
}

TEST_F(Audit, GoesBackPageByPage) {
  for (int i = 0; i < 5; ++i) call("admin", "POST", "/v1/teams/demo/channels/ops/pause");
  const Answer first = log("admin", "?limit=3");
  EXPECT_EQ(first.size_at("/acts"), 3U);
  const Answer second = log("admin", "?limit=3&cursor=" + first.at("/next"));
  EXPECT_EQ(second.size_at("/acts"), 2U);
  EXPECT_EQ(second.at("/next"), "null");
  expect_problem(log("admin", "?limit=0"), 422, "invalid");
  expect_problem(log("admin", "?cursor=x"), 422, "invalid");
}

TEST_F(Audit, IsTheTeamsOwnAndAllOfItAnOperators) {
  call("admin", "POST", "/v1/teams/demo/channels/ops/pause");
  call("other-admin", "POST", "/v1/teams/platform/channels/ops/pause");
  EXPECT_EQ(log().size_at("/acts"), 1U);
  EXPECT_EQ(get("/v1/teams/platform/audit", "other-admin").at("/acts/0/actor"), "other-admin");
  expect_problem(get("/v1/teams/platform/audit", "admin"), 404, "not-found");
  EXPECT_EQ(get("/v1/audit", "operator").size_at("/acts"), 2U);
}

}  // namespace
}  // namespace tocsin::api
