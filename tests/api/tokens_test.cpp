// Making, listing and revoking tokens over the API, and who may.
#include <gmock/gmock.h>

#include <future>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class Tokens : public ApiTest {
 protected:
  Answer make(const std::string& by, const std::string& body) { return call(by, "POST", "/v1/tokens", body); }
  // The token itself.
  std::string made(const std::string& body, const std::string& by = "operator") {
    const Answer answer = make(by, body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.at("/token");
  }
  Answer use(const std::string& token, const std::string& path) {
    return call("", "GET", path, {}, {{"Authorization", "Bearer " + token}});
  }
  std::vector<std::string> names(const std::string& by) {
    std::vector<std::string> names;
    const Answer answer = get("/v1/tokens", by);
    for (std::size_t i = 0; i < answer.size_at("/tokens"); ++i) {
      names.push_back(answer.at("/tokens/" + std::to_string(i) + "/name"));
    }
    return names;
  }
};

constexpr const char* kCi = R"({"name":"ci","role":"service","teams":["demo"]})";

TEST_F(Tokens, AreShownOnceAndWorkAtOnce) {
  const Answer answer = make("operator", R"({"name":"ann","role":"member","teams":["demo"],)"
                                         R"("user":"ann@example.com","expires":"2030-01-31T00:00:00Z"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.header("location"), "/v1/tokens/ann");
  EXPECT_EQ(answer.at("/role"), "member");
  EXPECT_EQ(answer.at("/teams"), R"(["demo"])");
  EXPECT_EQ(answer.at("/user"), "ann@example.com");
  EXPECT_EQ(answer.at("/expires"), "2030-01-31T00:00:00.000Z");
  EXPECT_EQ(answer.at("/created_by"), "operator");
  EXPECT_EQ(answer.at("/provisioned"), "false");
  const std::string token = answer.at("/token");
  EXPECT_EQ(token.size(), 47U);
  EXPECT_TRUE(token.starts_with("tcs_"));
  EXPECT_EQ(use(token, "/v1/teams/demo/inbox").status, 200);
  EXPECT_EQ(use(token, "/v1/teams/platform/inbox").status, 404);
  EXPECT_EQ(use(token, "/v1/teams/demo/channels").status, 403);
  EXPECT_THAT(get("/v1/tokens").body, Not(HasSubstr(token)));
}

TEST_F(Tokens, StopWorkingWhenTheyAreRevoked) {
  const std::string token = made(kCi);
  EXPECT_EQ(use(token, "/v1/event-types").status, 200);
  const Answer revoked = call("operator", "DELETE", "/v1/tokens/ci");
  EXPECT_EQ(revoked.status, 200);
  EXPECT_NE(revoked.at("/revoked"), "");
  EXPECT_EQ(use(token, "/v1/event-types").status, 401);
  clock_.advance_ms(5000);
  EXPECT_EQ(call("operator", "DELETE", "/v1/tokens/ci").at("/revoked"), revoked.at("/revoked"))
      << "again changes nothing";
  expect_problem(make("operator", kCi), 409, "conflict");
}

TEST_F(Tokens, StopWorkingWhenTheyExpire) {
  const std::string end = format_rfc3339(clock_.unix_ms() + 60'000);
  const std::string token =
      made(R"({"name":"ci","role":"service","teams":["demo"],"expires":")" + end + "\"}");
  EXPECT_EQ(use(token, "/v1/event-types").status, 200);
  clock_.advance_ms(60'000);
  EXPECT_EQ(use(token, "/v1/event-types").status, 401);
}

TEST_F(Tokens, OutliveAReloadAndGiveWayToTheFilesOfTheSameName) {
  const std::string token = made(kCi);
  use_state({});
  EXPECT_EQ(use(token, "/v1/event-types").status, 200);
  auto state = make_state({});
  state->tokens.push_back({security::hash_token("another"), {"ci", security::Role::kService, {"demo"}}, 0});
  on_api_thread([&] { service_->use(state); });
  EXPECT_EQ(use(token, "/v1/event-types").status, 401);
  EXPECT_EQ(use("another", "/v1/event-types").status, 200);
  EXPECT_THAT(get("/v1/tokens").body, HasSubstr("the configuration file has a token of this name"));
  EXPECT_EQ(call("operator", "DELETE", "/v1/tokens/ci").status, 200) << "the one of the store";
  expect_problem(call("operator", "DELETE", "/v1/tokens/ci"), 409, "conflict");
  EXPECT_EQ(use("another", "/v1/event-types").status, 200);
}

TEST_F(Tokens, OfTheFileAreListedAndNotRevoked) {
  const Answer answer = call("operator", "DELETE", "/v1/tokens/service");
  expect_problem(answer, 409, "conflict");
  EXPECT_THAT(answer.at("/detail"), HasSubstr("configuration file"));
  expect_problem(make("operator", R"({"name":"service","role":"service","teams":["demo"]})"), 409,
                 "conflict");
  EXPECT_THAT(names("operator"), testing::Contains("service"));
  EXPECT_EQ(get("/v1/tokens").at("/tokens/0/provisioned"), "true");
}

TEST_F(Tokens, OfATeamAreItsAdminsAndNobodyElsesButOperators) {
  made(kCi, "admin");
  made(R"({"name":"theirs","role":"service","teams":["platform"]})");
  made(R"({"name":"shared","role":"service","teams":["demo","platform"]})");
  made(R"({"name":"root","role":"operator"})");
  EXPECT_THAT(names("admin"),
              testing::UnorderedElementsAre("service", "member", "admin", "alice", "laptop", "ci"));
  for (const auto* name : {"theirs", "shared", "root", "both", "operator", "other-admin", "nobodys"}) {
    SCOPED_TRACE(name);
    const Answer answer = call("admin", "DELETE", "/v1/tokens/" + std::string(name));
    expect_problem(answer, 404, "not-found");
    EXPECT_EQ(answer.at("/detail"), "there is no token of this name");
  }
  expect_problem(call("other-admin", "DELETE", "/v1/tokens/ci"), 404, "not-found");
  EXPECT_EQ(call("admin", "DELETE", "/v1/tokens/ci").status, 200);
}

TEST_F(Tokens, AnAdminMakesNoneOfOtherTeamsOrOfOperators) {
  for (const auto* role : {"service", "member", "admin"}) {
    made(R"({"name":"a-)" + std::string(role) + R"(","role":")" + role + R"(","teams":["demo"]})", "admin");
  }
  const auto refuse = [&](const char* body, const char* pointer) {
    SCOPED_TRACE(body);
    const Answer answer = make("admin", body);
    expect_problem(answer, 403, "forbidden");
    EXPECT_EQ(answer.at("/errors/0/pointer"), pointer);
    return answer.at("/errors/0/message");
  };
  refuse(R"({"name":"x","role":"operator"})", "/role");
  const auto theirs = refuse(R"({"name":"x","role":"member","teams":["demo","platform"]})", "/teams/1");
  const auto nobodys = refuse(R"({"name":"x","role":"member","teams":["demo","nowhere"]})", "/teams/1");
  EXPECT_EQ(theirs, nobodys) << "it does not tell which teams there are";
}

TEST_F(Tokens, AreRefusedWithEachFaultNamed) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"role":"service","teams":["demo"]})", "/name"},
      {R"({"name":"No","role":"service","teams":["demo"]})", "/name"},
      {R"({"name":7,"role":"service","teams":["demo"]})", "/name"},
      {R"({"name":"x","teams":["demo"]})", "/role"},
      {R"({"name":"x","role":"root","teams":["demo"]})", "/role"},
      {R"({"name":"x","role":"service"})", "/teams"},
      {R"({"name":"x","role":"service","teams":"demo"})", "/teams"},
      {R"({"name":"x","role":"service","teams":["demo",7]})", "/teams/1"},
      {R"({"name":"x","role":"service","teams":["nowhere"]})", "/teams/0"},
      {R"({"name":"x","role":"operator","teams":["demo"]})", "/teams"},
      {R"({"name":"x","role":"service","teams":["demo"],"user":"ann"})", "/user"},
      {R"({"name":"x","role":"member","teams":["demo"],"user":""})", "/user"},
      {R"({"name":"x","role":"member","teams":["demo"],"user":"a b"})", "/user"},
      {R"({"name":"x","role":"member","teams":["demo"],"expires":"soon"})", "/expires"},
      {R"({"name":"x","role":"member","teams":["demo"],"expires":"2001-01-01T00:00:00Z"})", "/expires"},
      {R"({"name":"x","role":"member","teams":["demo"],"token":"tcs_mine"})", "/token"},
  };
  for (const auto& [body, pointer] : bad) {
    SCOPED_TRACE(body);
    const Answer answer = make("operator", body);
    expect_problem(answer, 422, "invalid");
    EXPECT_EQ(answer.at("/errors/0/pointer"), pointer);
  }
  expect_problem(make("operator", "[]"), 422, "invalid");
  EXPECT_EQ(make("operator", R"({"name":"No","role":"service","teams":["nowhere"]})").size_at("/errors"), 2U);
}

TEST_F(Tokens, KeepWhenTheyWereLastUsedToTheMinute) {
  const std::string token = made(kCi);
  const auto last = [&] {
    const Answer answer = get("/v1/tokens", "admin");
    return answer.at("/tokens/" + std::to_string(answer.size_at("/tokens") - 1) + "/last_used");
  };
  EXPECT_EQ(last(), "");
  use(token, "/v1/event-types");
  const std::string first = last();
  EXPECT_THAT(first, HasSubstr(":00.000Z"));
  clock_.advance_ms(180'000);
  use(token, "/v1/event-types");
  EXPECT_NE(last(), first);
  // It is on disk by now, without anybody having asked for it.
  std::promise<std::int64_t> stored;
  writer_->run(
      [&](store::Store& store) { stored.set_value(store::must(store.list_tokens()).at(0).used_ms); });
  EXPECT_EQ(format_rfc3339(stored.get_future().get()), last());
}

TEST_F(Tokens, StandInTheAuditLogOfTheirTeamAndWithoutTheTokenItself) {
  const std::string token = made(kCi, "admin");
  call("admin", "DELETE", "/v1/tokens/ci");
  made(R"({"name":"root","role":"operator"})");
  call("operator", "DELETE", "/v1/tokens/root");
  const Answer team = get("/v1/teams/demo/audit", "admin");
  ASSERT_EQ(team.size_at("/acts"), 2U) << team.body;
  EXPECT_EQ(team.at("/acts/0/act"), "token.revoke");
  EXPECT_EQ(team.at("/acts/0/object"), "ci");
  EXPECT_EQ(team.at("/acts/1/act"), "token.create");
  EXPECT_EQ(team.at("/acts/1/object"), "ci");
  EXPECT_EQ(team.at("/acts/1/actor"), "admin");
  EXPECT_EQ(team.at("/acts/1/detail"), "role, teams; role service");
  const Answer all = get("/v1/audit");
  ASSERT_EQ(all.size_at("/acts"), 4U) << all.body;
  EXPECT_EQ(all.at("/acts/0/object"), "root");
  EXPECT_EQ(all.at("/acts/0/team"), "");
  EXPECT_THAT(all.body, Not(HasSubstr(token)));
}

}  // namespace
}  // namespace tocsin::api
