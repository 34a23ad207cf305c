// Who may do what, over every endpoint there is. The table here is written by hand: an endpoint without a
// line fails, and so does one whose policy says something else.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"
#include "console/assets.hpp"

namespace tocsin::api {
namespace {

struct Line {
  std::vector<std::string> who;  // everybody who may; "public" where no token is asked
  int well = 200;                // the status of a call that may and is right
  std::string_view body = {};    // of such a call
};

constexpr std::string_view kObject = R"({"name":"ops"})";
const int kConsole = console::assets().empty() ? 404 : 200;  // a build may leave it out

const std::map<std::string, Line> kMay = {
    {"POST /v1/events", {{"service", "admin", "operator"}, 202, kScanFailed}},
    {"GET /v1/events/{id}", {{"service", "admin", "operator"}}},
    {"GET /v1/events/{id}/explain", {{"service", "admin", "operator"}}},
    {"GET /v1/teams/{team}/deliveries", {{"service", "admin", "operator"}}},
    {"GET /v1/teams/{team}/deliveries/{id}", {{"service", "admin", "operator"}}},
    {"POST /v1/teams/{team}/deliveries/redeliver",
     {{"admin", "operator"}, 200, R"({"since":"2026-01-01T00:00:00Z","dry_run":true})"}},
    {"POST /v1/teams/{team}/deliveries/{id}/redeliver", {{"admin", "operator"}, 409}},  // it is pending
    {"POST /v1/teams/{team}/deliveries/{id}/cancel", {{"admin", "operator"}}},
    {"GET /v1/teams/{team}/channels", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/channels", {{"admin", "operator"}, 201, kObject}},
    {"GET /v1/teams/{team}/channels/{name}", {{"admin", "operator"}}},
    {"PUT /v1/teams/{team}/channels/{name}", {{"admin", "operator"}, 200, kObject}},
    {"PATCH /v1/teams/{team}/channels/{name}", {{"admin", "operator"}, 200, kObject}},
    {"DELETE /v1/teams/{team}/channels/{name}", {{"admin", "operator"}}},
    {"GET /v1/teams/{team}/rules", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/rules", {{"admin", "operator"}, 201, kObject}},
    {"GET /v1/teams/{team}/rules/{name}", {{"admin", "operator"}}},
    {"PUT /v1/teams/{team}/rules/{name}", {{"admin", "operator"}, 200, kObject}},
    {"PATCH /v1/teams/{team}/rules/{name}", {{"admin", "operator"}, 200, kObject}},
    {"DELETE /v1/teams/{team}/rules/{name}", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/rules/order", {{"admin", "operator"}, 200, R"({"rules":[]})"}},
    {"GET /v1/teams/{team}/default-alerts", {{"admin", "operator"}}},
    {"PUT /v1/teams/{team}/default-alerts", {{"admin", "operator"}, 200, R"({"alerts":[]})"}},
    {"DELETE /v1/teams/{team}/default-alerts", {{"admin", "operator"}}},
    {"GET /v1/teams/{team}/silences", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/silences", {{"admin", "operator"}, 201, kObject}},
    {"GET /v1/teams/{team}/silences/{name}", {{"admin", "operator"}}},
    {"PUT /v1/teams/{team}/silences/{name}", {{"admin", "operator"}, 200, kObject}},
    {"PATCH /v1/teams/{team}/silences/{name}", {{"admin", "operator"}, 200, kObject}},
    {"DELETE /v1/teams/{team}/silences/{name}", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/channels/{name}/pause", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/channels/{name}/resume", {{"admin", "operator"}}},
    {"GET /v1/teams/{team}/channels/{name}/status", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/channels/{name}/test", {{"admin", "operator"}, 409}},
    {"GET /v1/teams/{team}/inbox", {{"member", "admin", "operator"}}},
    {"GET /v1/teams/{team}/inbox/counts", {{"member", "admin", "operator"}}},
    {"GET /v1/teams/{team}/inbox/stream", {{"member", "admin", "operator"}}},
    {"POST /v1/teams/{team}/inbox/seen", {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/unseen", {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/read", {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/unread", {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/archive",
     {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/unarchive",
     {{"member", "admin", "operator"}, 200, R"({"items":["{item}"]})"}},
    {"POST /v1/teams/{team}/inbox/read-all", {{"member", "admin", "operator"}, 200, R"({"up_to":"{item}"})"}},
    {"GET /v1/teams/{team}/audit", {{"admin", "operator"}}},
    {"POST /v1/teams/{team}/rules/dry-run", {{"admin", "operator"}, 200, kScanFailed}},
    {"POST /v1/teams/{team}/rules/preview",
     {{"admin", "operator"}, 200, R"({"rule":{"channels":["audit"]}})"}},
    {"GET /v1/teams/{team}/events", {{"admin", "operator", "service"}}},
    {"GET /v1/teams/{team}/overview", {{"admin", "operator"}}},
    {"GET /v1/teams/{team}/export", {{"admin", "operator"}}},
    {"GET /v1/audit", {{"operator"}}},
    {"GET /v1/tokens", {{"admin", "operator"}}},
    {"POST /v1/tokens",
     {{"admin", "operator"}, 201, R"({"name":"t{fresh}","role":"service","teams":["demo"]})"}},
    {"DELETE /v1/tokens/{name}", {{"admin", "operator"}}},
    {"GET /v1/keys", {{"operator"}}},
    {"POST /v1/keys/rotate", {{"operator"}, 202}},
    {"GET /console", {{"public"}, kConsole}},
    {"GET /console/", {{"public"}, kConsole}},
    {"GET /console/assets/{file}", {{"public"}, kConsole}},
    {"GET /console/tocsin-inbox.js", {{"public"}, kConsole}},
    {"POST /v1/console/login", {{"operator"}, 201}},
    {"POST /v1/console/session", {{"public"}, 401, R"({"code":"tcl_not-one"})"}},
    {"DELETE /v1/console/session", {{"service", "member", "admin", "operator"}}},
    {"GET /v1/console/me", {{"service", "member", "admin", "operator"}}},
    {"GET /livez", {{"public"}}},
    {"GET /readyz", {{"public"}}},
    {"GET /metrics", {{"public"}}},
    {"GET /openapi.json", {{"public"}}},
    {"GET /v1/plugins", {{"operator"}}},
    {"POST /v1/plugins/{type}/reset", {{"operator"}, 404}},  // nothing provides it here
    {"GET /v1/channel-types", {{"service", "member", "admin", "operator"}}},
    {"GET /v1/event-types", {{"service", "member", "admin", "operator"}}},
};

class Authorization : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    renew();
    item_ = format_item_id(put_item("demo", "an-item"));
    call("operator", "POST", "/v1/tokens", R"({"name":"audit","role":"service","teams":["demo"]})");
  }

  // A call may use the delivery up.
  void renew() {
    const Answer pushed = push(kScanFailed);
    event_ = pushed.at("/id");
    delivery_ = pushed.at("/deliveries/0/id");
  }

  // The endpoint's path with the demo team's objects in it.
  [[nodiscard]] std::string fill(std::string path) {
    const auto replace = [&path](const std::string& what, const std::string& by) {
      if (const auto at = path.find(what); at != std::string::npos) path.replace(at, what.size(), by);
    };
    replace("{team}", "demo");
    replace("{name}", "audit");
    replace("{type}", "webhook");
    replace("{item}", item_);
    replace("{fresh}", std::to_string(++fresh_));
    for (const auto& asset : console::assets()) {
      if (asset.name.starts_with("assets/")) replace("{file}", std::string(asset.name.substr(7)));
    }
    replace("{id}", path.find("/deliveries/") == std::string::npos ? event_ : delivery_);
    return path;
  }

  Answer call_endpoint(const Endpoint& endpoint, std::vector<net::Header> headers) {
    const std::string body = fill(std::string(kMay.at(name(endpoint)).body));
    if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
    return call("", endpoint.method, fill(std::string(endpoint.path)), body, std::move(headers));
  }

  static std::string name(const Endpoint& endpoint) {
    return std::string(endpoint.method) + " " + std::string(endpoint.path);
  }

  static bool may(const Endpoint& endpoint, const std::string& who) {
    const auto& all = kMay.at(name(endpoint)).who;
    return std::find(all.begin(), all.end(), who) != all.end();
  }

  std::string event_, delivery_, item_;
  int fresh_ = 0;  // a number for each name that has to be new
};

TEST_F(Authorization, HasALineForEveryEndpointAndNoOther) {
  std::vector<std::string> served, listed;
  for (const auto& endpoint : service_->endpoints()) served.push_back(name(endpoint));
  for (const auto& [endpoint, who] : kMay) listed.push_back(endpoint);
  std::sort(served.begin(), served.end());
  std::sort(listed.begin(), listed.end());
  EXPECT_EQ(served, listed);
}

TEST_F(Authorization, EveryChangeThatPeopleMakeHasAnAct) {
  for (const auto& endpoint : service_->endpoints()) {
    const bool is_peoples_own = endpoint.path == "/v1/events" || endpoint.path == "/v1/console/session" ||
                                endpoint.path.find("/inbox/") != endpoint.path.npos ||
                                endpoint.path.ends_with("/dry-run") || endpoint.path.ends_with("/preview");
    EXPECT_EQ(endpoint.act.empty(), endpoint.method == "GET" || is_peoples_own) << name(endpoint);
  }
}

TEST_F(Authorization, AsksForAGoodTokenEverywhereButOnPublicEndpoints) {
  const std::string good = token("operator");
  const std::vector<std::vector<net::Header>> unusable = {
      {},
      {{"Authorization", ""}},
      {{"Authorization", "Bearer"}},
      {{"Authorization", "Bearer "}},
      {{"Authorization", "Bearer nonsense"}},
      {{"Authorization", "Bearer " + token("nobody")}},
      {{"Authorization", "Bearer " + token("expired")}},
      {{"Authorization", "Bearer " + good + "x"}},
      {{"Authorization", "Bearer " + good.substr(0, good.size() - 1)}},
      {{"Authorization", "Bearer " + good + ", Bearer " + good}},
      {{"Authorization", good}},
      {{"Authorization", "Basic " + good}},
      {{"Authorization", "Token " + good}},
      {{"X-Api-Key", good}},
      {{"Cookie", "token=" + good}},
  };
  for (const auto& endpoint : service_->endpoints()) {
    for (const auto& headers : unusable) {
      SCOPED_TRACE(name(endpoint) +
                   (headers.empty() ? "" : ", " + headers[0].name + ": " + headers[0].value));
      const Answer answer = call_endpoint(endpoint, headers);
      if (may(endpoint, "public")) {
        EXPECT_EQ(answer.status, kMay.at(name(endpoint)).well);
      } else {
        expect_problem(answer, 401, "unauthorized");
        EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
        EXPECT_EQ(answer.body.find(good), std::string::npos);
      }
    }
  }
}

TEST_F(Authorization, LetsEachRoleDoWhatTheTableSaysAndNothingElse) {
  for (const auto& endpoint : service_->endpoints()) {
    for (const auto* role : {"service", "member", "admin", "operator"}) {
      SCOPED_TRACE(name(endpoint) + " as " + role);
      if (endpoint.path.ends_with("/cancel")) renew();
      const Answer answer = call_endpoint(endpoint, {{"Authorization", "Bearer " + token(role)}});
      if (may(endpoint, "public") || may(endpoint, role)) {
        EXPECT_EQ(answer.status, kMay.at(name(endpoint)).well) << answer.body;
      } else {
        expect_problem(answer, 403, "forbidden");
        EXPECT_NE(answer.at("/detail").find(role), std::string::npos);
      }
    }
  }
}

// Tokens made over the API, so that each permission is left out of, and is alone in, a token's scopes.
TEST_F(Authorization, LetsAScopedTokenDoWhatItsScopesNameAndNothingElse) {
  using security::Permission;
  const auto make = [this](const std::string& name, const std::string& scopes) {
    const Answer made = call("operator", "POST", "/v1/tokens",
                             R"({"name":")" + name + R"(","role":"operator","scopes":[)" + scopes + "]}");
    EXPECT_EQ(made.status, 201) << made.body;
    return made.at("/token");
  };
  const auto quoted = [](Permission permission) { return '"' + std::string(to_string(permission)) + '"'; };
  for (const Permission permission : security::all_permissions()) {
    std::string others;
    for (const Permission other : security::all_permissions()) {
      if (other != permission) others += (others.empty() ? "" : ",") + quoted(other);
    }
    const std::string number = std::to_string(static_cast<int>(permission));
    const std::string only = make("only-" + number, quoted(permission));
    const std::string without = make("without-" + number, others);
    for (const auto& endpoint : service_->endpoints()) {
      const auto* needed = std::get_if<Permission>(&endpoint.policy);
      if (needed == nullptr) continue;
      if (endpoint.path.ends_with("/cancel")) renew();
      SCOPED_TRACE(name(endpoint) + " and " + std::string(to_string(permission)));
      const auto& may = *needed == permission ? only : without;
      const auto& may_not = *needed == permission ? without : only;
      const Answer let = call_endpoint(endpoint, {{"Authorization", "Bearer " + may}});
      EXPECT_NE(let.status, 401) << let.body;
      EXPECT_EQ(let.at("/detail").find("this needs the scope"), std::string::npos) << let.body;
      const Answer refused = call_endpoint(endpoint, {{"Authorization", "Bearer " + may_not}});
      expect_problem(refused, 403, "forbidden");
      EXPECT_THAT(refused.at("/detail"), testing::HasSubstr(std::string(to_string(*needed))));
    }
  }
}

TEST_F(Authorization, TakesNoRevokedToken) {
  const std::string itself =
      call("operator", "POST", "/v1/tokens", R"({"name":"gone","role":"operator"})").at("/token");
  ASSERT_EQ(call("operator", "DELETE", "/v1/tokens/gone").status, 200);
  for (const auto& endpoint : service_->endpoints()) {
    if (may(endpoint, "public")) continue;
    SCOPED_TRACE(name(endpoint));
    expect_problem(call_endpoint(endpoint, {{"Authorization", "Bearer " + itself}}), 401, "unauthorized");
  }
}

TEST_F(Authorization, HidesEverythingOfATeamFromItsNeighbours) {
  for (const auto& endpoint : service_->endpoints()) {
    if (endpoint.path.find("{team}") == std::string_view::npos) continue;
    for (const auto* neighbour : {"platform", "other", "other-admin"}) {
      SCOPED_TRACE(name(endpoint) + " as " + neighbour);
      const Answer answer = call_endpoint(endpoint, {{"Authorization", "Bearer " + token(neighbour)}});
      if (may(endpoint, "admin") && std::string_view(neighbour) == "other-admin") {
        expect_problem(answer, 404, "not-found");
      } else {
        EXPECT_TRUE(answer.status == 403 || answer.status == 404) << answer.body;
      }
    }
  }
  EXPECT_EQ(get("/v1/teams/platform/channels", "other-admin").at("/channels/0/type"), "theirs");
}

TEST_F(Authorization, TakesTheSchemeInAnyCaseAndSpacesBeforeTheToken) {
  for (const auto* scheme : {"Bearer ", "bearer ", "BEARER ", "Bearer   "}) {
    EXPECT_EQ(call("", "GET", "/v1/plugins", {}, {{"Authorization", scheme + token("operator")}}).status, 200)
        << scheme;
  }
}

TEST_F(Authorization, RefusesTwoTokensInOneRequest) {
  const Answer answer =
      call("operator", "GET", "/v1/plugins", {}, {{"Authorization", "Bearer " + token("member")}});
  expect_problem(answer, 400, "bad-request");
  EXPECT_NE(answer.at("/detail").find("authorization"), std::string::npos);
}

TEST_F(Authorization, HidesAnotherTeamsObjectsBehind404) {
  const std::string unknown = format_event_id(1), unknown_delivery = format_delivery_id(1);
  const std::pair<std::string, std::string> theirs_and_nobodys[] = {
      {"/v1/events/" + event_, "/v1/events/" + unknown},
      {"/v1/events/" + event_ + "/explain", "/v1/events/" + unknown + "/explain"},
      {"/v1/teams/demo/deliveries", "/v1/teams/nowhere/deliveries"},
      {"/v1/teams/demo/deliveries/" + delivery_, "/v1/teams/nowhere/deliveries/" + delivery_},
      {"/v1/teams/platform/deliveries/" + delivery_, "/v1/teams/platform/deliveries/" + unknown_delivery},
  };
  for (const auto& [theirs, nobodys] : theirs_and_nobodys) {
    SCOPED_TRACE(theirs);
    const Answer other = get(theirs, "platform"), none = get(nobodys, "platform");
    expect_problem(other, 404, "not-found");
    expect_problem(none, 404, "not-found");
    EXPECT_EQ(other.at("/detail"), none.at("/detail"));
  }
}

TEST_F(Authorization, ShowsATeamsDeliveryOnlyUnderThatTeamAlsoToOperators) {
  EXPECT_EQ(get("/v1/teams/demo/deliveries/" + delivery_).status, 200);
  expect_problem(get("/v1/teams/platform/deliveries/" + delivery_), 404, "not-found");
}

TEST_F(Authorization, ShowsEachOfTwoTeamsItsEventOfTheSameName) {
  ASSERT_EQ(push(R"({"id":"same","team":"demo","type":"scan.failed","title":"ours"})").status, 202);
  ASSERT_EQ(push(R"({"id":"same","team":"platform","type":"scan.failed","title":"theirs"})").status, 202);
  EXPECT_EQ(get("/v1/events/same", "service").at("/title"), "ours");
  EXPECT_EQ(get("/v1/events/same", "platform").at("/title"), "theirs");
}

TEST_F(Authorization, ForbidsPushingForAnotherTeamInTheSameWordsAsForAnUnknownOne) {
  const Answer other = push(R"({"team":"platform","type":"scan.failed"})", "service");
  const Answer unknown = push(R"({"team":"nowhere1","type":"scan.failed"})", "service");
  expect_problem(other, 403, "forbidden");
  expect_problem(unknown, 403, "forbidden");
  EXPECT_EQ(other.at("/errors/0/pointer"), "/team");
  EXPECT_EQ(other.at("/errors/0/message"), unknown.at("/errors/0/message"));
}

TEST_F(Authorization, MakesTheDaemonsOwnUserAnOperatorOnTheUnixSocket) {
  EXPECT_EQ(call_unix("GET", "/v1/plugins", {}, {}).status, 200);
  EXPECT_EQ(call_unix("POST", "/v1/events", kScanFailed, {{"Content-Type", "application/json"}}).status, 202);
}

TEST_F(Authorization, GoesByTheTokenWhereOneIsSentOnTheUnixSocket) {
  EXPECT_EQ(call_unix("GET", "/v1/plugins", {}, {{"Authorization", "Bearer " + token("member")}}).status,
            403);
  EXPECT_EQ(call_unix("GET", "/v1/plugins", {}, {{"Authorization", "Bearer nonsense"}}).status, 401);
}

TEST_F(Authorization, EndsWhenATokenExpires) {
  EXPECT_EQ(get("/v1/plugins", "brief").status, 200);
  clock_.advance_ms(60'000);
  EXPECT_EQ(get("/v1/plugins", "brief").status, 401);
}

TEST_F(Authorization, GoesByTheTableInForce) {
  EXPECT_EQ(get("/v1/event-types", "service").status, 200);
  on_api_thread([this] { service_->use(std::make_shared<ServiceState>()); });
  EXPECT_EQ(get("/v1/event-types", "service").status, 401);
}

}  // namespace
}  // namespace tocsin::api
