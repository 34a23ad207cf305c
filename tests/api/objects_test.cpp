// /v1/teams/{team}/channels and …/rules: what a request becomes for the editor, and its answer for the
// caller.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using Verb = ObjectChange::Verb;

class Objects : public ApiTest {
 protected:
  const ObjectChange& change() {
    EXPECT_FALSE(editor_.changes.empty());
    return editor_.changes.back();
  }
};

TEST_F(Objects, ShowsOneWithItsVersion) {
  const Answer answer = get("/v1/teams/demo/channels/audit", "admin");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/type"), "webhook");
  EXPECT_EQ(answer.header("etag"), "\"1.1\"");
  EXPECT_EQ(get("/v1/teams/demo/rules/audit", "admin").header("etag"), "") << "the file's has no version";
  expect_problem(get("/v1/teams/demo/rules/nowhere", "admin"), 404, "not-found");
  EXPECT_EQ(get("/v1/teams/demo/rules", "admin").size_at("/rules"), 1U);
}

TEST_F(Objects, GivesTheEditorWhatWasAsked) {
  const struct {
    const char* method;
    const char* path;
    Verb verb;
    store::ObjectKind kind;
  } cases[] = {
      {"PUT", "/v1/teams/demo/channels/ops", Verb::kReplace, store::ObjectKind::kChannel},
      {"PATCH", "/v1/teams/demo/channels/ops", Verb::kMerge, store::ObjectKind::kChannel},
      {"DELETE", "/v1/teams/demo/rules/ops", Verb::kRemove, store::ObjectKind::kRule},
      {"PUT", "/v1/teams/demo/rules/ops", Verb::kReplace, store::ObjectKind::kRule},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.path);
    const Answer answer = call("admin", each.method, each.path, R"({"a":1})", {{"If-Match", "\"1.1\""}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("etag"), "\"1.2\"");
    EXPECT_EQ(change().verb, each.verb);
    EXPECT_EQ(change().kind, each.kind);
    EXPECT_EQ(change().team, "demo");
    EXPECT_EQ(change().name, "ops");
    EXPECT_EQ(change().body, R"({"a":1})");
    EXPECT_EQ(change().if_match, "\"1.1\"");
  }
}

TEST_F(Objects, SaysWhereWhatWasMadeIs) {
  const Answer answer = call("admin", "POST", "/v1/teams/demo/channels", R"({"name":"ops"})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.header("location"), "/v1/teams/demo/channels/ops");
}

TEST_F(Objects, PausesByAPatch) {
  EXPECT_EQ(call("admin", "POST", "/v1/teams/demo/channels/ops/pause").status, 200);
  EXPECT_EQ(change().body, R"({"paused":true})");
  EXPECT_EQ(change().verb, Verb::kMerge);
  EXPECT_EQ(call("admin", "POST", "/v1/teams/demo/channels/ops/resume").status, 200);
  EXPECT_EQ(change().body, R"({"paused":false})");
}

TEST_F(Objects, GivesTheEditorsRefusalOn) {
  const std::pair<Errc, std::pair<int, const char*>> cases[] = {{Errc::kInvalid, {422, "invalid"}},
                                                                {Errc::kOutdated, {412, "outdated"}},
                                                                {Errc::kConflict, {409, "conflict"}},
                                                                {Errc::kUnavailable, {503, "unavailable"}}};
  for (const auto& [code, problem] : cases) {
    Error error = make_error(code, "why");
    error.fields.push_back({"/settings/url", "is no URL"});
    editor_.answer = error;
    const Answer answer = call("admin", "PUT", "/v1/teams/demo/channels/ops", "{}");
    expect_problem(answer, problem.first, problem.second);
    EXPECT_EQ(answer.at("/errors/0/pointer"), "/settings/url");
  }
}

}  // namespace
}  // namespace tocsin::api
