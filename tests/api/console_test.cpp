// Signing in to the console, what the cookie may, and the pages.
#include <future>

#include "api/api_fixture.hpp"
#include "console/assets.hpp"

namespace tocsin::api {
namespace {

class ConsoleTest : public ApiTest {
 protected:
  std::string make_code(const std::string& body) {
    const Answer answer = call("operator", "POST", "/v1/console/login", body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    const auto url = answer.at("/url");
    return url.substr(url.rfind('/') + 1);
  }
  std::vector<store::SessionRecord> kept_sessions() {
    std::promise<std::vector<store::SessionRecord>> kept;
    writer_->run([&](store::Store& store) { kept.set_value(store::must(store.list_sessions())); });
    return kept.get_future().get();
  }
  Answer open(const std::string& code, std::vector<net::Header> headers = {}) {
    return call("", "POST", "/v1/console/session", R"({"code":")" + code + R"("})", std::move(headers));
  }
  // "tocsin_session=…", as a browser sends it.
  std::string sign_in(const std::string& body) {
    const Answer answer = open(make_code(body));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto cookie = answer.header("set-cookie");
    return cookie.substr(0, cookie.find(';'));
  }
  Answer as(const std::string& cookie, std::string_view method, const std::string& path,
            std::string_view body = {}, std::vector<net::Header> headers = {}) {
    headers.push_back({"Cookie", cookie});
    return call("", method, path, body, std::move(headers));
  }
  Answer write_as(const std::string& cookie, std::string_view method, const std::string& path,
                  std::string_view body = {}) {
    return as(cookie, method, path, body, {{"Sec-Fetch-Site", "same-origin"}});
  }
};

constexpr auto kAlice = R"({"team":"demo","user":"alice","role":"admin"})";

TEST_F(ConsoleTest, ExchangesACodeOnceForACookieThatScriptsCannotRead) {
  const auto code = make_code(kAlice);
  const Answer opened = open(code);
  EXPECT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(opened.at("/user"), "alice");
  const auto cookie = opened.header("set-cookie");
  EXPECT_TRUE(cookie.starts_with("tocsin_session=tcx_")) << cookie;
  for (const auto* attribute : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"}) {
    EXPECT_NE(cookie.find(attribute), cookie.npos) << attribute;
  }
  expect_problem(open(code), 401, "unauthorized");
  expect_problem(open("tcl_nonsense"), 401, "unauthorized");
}

TEST_F(ConsoleTest, RefusesACodeAfterTenMinutesAndASessionAfterTwelveHours) {
  const auto late = make_code(kAlice);
  const auto cookie = sign_in(kAlice);
  clock_.advance_ms(10 * 60'000);
  expect_problem(open(late), 401, "unauthorized");
  EXPECT_EQ(as(cookie, "GET", "/v1/console/me").status, 200);
  clock_.advance_ms(12 * 3'600'000);
  expect_problem(as(cookie, "GET", "/v1/console/me"), 401, "unauthorized");
}

TEST_F(ConsoleTest, MakesTheCookieThePrincipalOfTheLink) {
  const auto admin = sign_in(kAlice);
  EXPECT_EQ(as(admin, "GET", "/v1/teams/demo/channels").status, 200);
  expect_problem(as(admin, "GET", "/v1/teams/platform/channels"), 404, "not-found");
  expect_problem(as(admin, "GET", "/v1/plugins"), 403, "forbidden");
  const auto member = sign_in(R"({"team":"demo","user":"bob"})");
  EXPECT_EQ(as(member, "GET", "/v1/teams/demo/inbox").status, 200);
  expect_problem(as(member, "GET", "/v1/teams/demo/channels"), 403, "forbidden");
  const auto everybodys = sign_in("");
  EXPECT_EQ(as(everybodys, "GET", "/v1/plugins").status, 200);
  EXPECT_EQ(as(everybodys, "GET", "/v1/console/me").at("/teams"), R"(["demo","platform"])");
}

TEST_F(ConsoleTest, ChangesThingsOnlyFromTheConsolesOwnPages) {
  const auto cookie = sign_in(kAlice);
  const auto try_with = [&](std::vector<net::Header> headers) {
    return as(cookie, "POST", "/v1/teams/demo/rules", R"({"name":"ops"})", std::move(headers));
  };
  const std::string own = "http://" + server_->addresses().at(0);
  EXPECT_EQ(try_with({{"Sec-Fetch-Site", "same-origin"}}).status, 201);
  EXPECT_EQ(try_with({{"Origin", own}}).status, 201);
  for (const auto& headers :
       std::vector<std::vector<net::Header>>{{},
                                             {{"Sec-Fetch-Site", "cross-site"}},
                                             {{"Sec-Fetch-Site", "same-site"}, {"Origin", own}},
                                             {{"Sec-Fetch-Site", "none"}},
                                             {{"Origin", "http://evil.example"}},
                                             {{"Origin", "null"}}}) {
    const Answer answer = try_with(headers);
    expect_problem(answer, 403, "forbidden");
  }
  EXPECT_EQ(as(cookie, "GET", "/v1/teams/demo/rules", {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 200);
  EXPECT_EQ(editor_.changes.size(), 2U);
}

TEST_F(ConsoleTest, LetsNoOtherSiteSignAPersonIn) {
  const auto code = make_code(kAlice);
  expect_problem(open(code, {{"Sec-Fetch-Site", "cross-site"}}), 403, "forbidden");
  expect_problem(open(code, {{"Origin", "http://evil.example"}}), 403, "forbidden");
  EXPECT_EQ(open(code, {{"Sec-Fetch-Site", "same-origin"}}).status, 200);
}

TEST_F(ConsoleTest, EndsTheSessionThatTheBrowserHadBefore) {
  const auto alice = sign_in(kAlice);
  const auto bob = open(make_code(R"({"team":"demo","user":"bob"})"), {{"Cookie", alice}});
  EXPECT_EQ(bob.at("/user"), "bob");
  expect_problem(as(alice, "GET", "/v1/console/me"), 401, "unauthorized");
  EXPECT_EQ(kept_sessions().size(), 1U);
  expect_problem(open("tcl_nonsense", {{"Cookie", std::string(bob.header("set-cookie"))}}), 401,
                 "unauthorized");
  EXPECT_EQ(kept_sessions().size(), 1U);  // nobody came, so nobody went
}

TEST_F(ConsoleTest, GivesACookieForHttpsWhereThePageCameOverIt) {
  const std::string own = "https://" + server_->addresses().at(0);
  const auto opened = open(make_code(kAlice), {{"Origin", own}});
  const std::string cookie(opened.header("set-cookie"));
  EXPECT_TRUE(cookie.starts_with("__Host-tocsin_session=tcx_")) << cookie;
  EXPECT_TRUE(cookie.ends_with("; Secure")) << cookie;
  const std::string pair = cookie.substr(0, cookie.find(';'));
  // What anybody may plant beside it does not count.
  EXPECT_EQ(as("tocsin_session=tcx_planted; " + pair, "GET", "/v1/console/me").at("/user"), "alice");
  const auto ended = as(pair, "DELETE", "/v1/console/session", {}, {{"Origin", own}});
  EXPECT_TRUE(ended.header("set-cookie").starts_with("__Host-tocsin_session=; ")) << ended.body;
}

TEST_F(ConsoleTest, SignsOutForGood) {
  const auto cookie = sign_in(kAlice);
  const Answer ended = write_as(cookie, "DELETE", "/v1/console/session");
  EXPECT_EQ(ended.at("/ended"), "true");
  EXPECT_TRUE(ended.header("set-cookie").starts_with("tocsin_session=; Path=/; Max-Age=0"));
  expect_problem(as(cookie, "GET", "/v1/console/me"), 401, "unauthorized");
  EXPECT_EQ(call("admin", "DELETE", "/v1/console/session").at("/ended"), "false");
  EXPECT_TRUE(kept_sessions().empty());
}

TEST_F(ConsoleTest, KeepsASessionWithoutItsCookie) {
  const auto cookie = sign_in(kAlice);
  const auto secret = cookie.substr(cookie.find('=') + 1);
  const auto kept = kept_sessions();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].hash, security::hash_token(secret));
  EXPECT_EQ(kept[0].user, "alice");
  EXPECT_EQ(kept[0].role, "admin");
  EXPECT_TRUE(kept[0].scopes.empty());
  EXPECT_EQ(kept[0].expires_ms, clock_.unix_ms() + 12 * 3'600'000);
}

TEST_F(ConsoleTest, TakesBackASessionAsNarrowAsItWas) {
  sign_in(R"({"team":"demo","user":"alice","role":"admin","scopes":["read_inbox"]})");
  auto kept = kept_sessions();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].scopes, std::vector<std::string>{"read_inbox"});
  kept[0].hash = security::hash_token("tcx_narrow");
  on_api_thread([&] { service_->use_sessions(kept); });
  EXPECT_EQ(as("tocsin_session=tcx_narrow", "GET", "/v1/teams/demo/inbox").status, 200);
  expect_problem(as("tocsin_session=tcx_narrow", "GET", "/v1/teams/demo/channels"), 403, "forbidden");
}

TEST_F(ConsoleTest, TakesBackWhoWasSignedInBeforeARestart) {
  store::SessionRecord kept;
  kept.hash = security::hash_token("tcx_before");
  kept.name = kept.user = "alice";
  kept.role = "admin";
  kept.teams = {"demo"};
  kept.expires_ms = clock_.unix_ms() + 1'000;
  store::SessionRecord newer = kept;
  newer.hash = security::hash_token("tcx_newer");
  newer.role = "auditor";
  on_api_thread([&] { service_->use_sessions({kept, newer}); });
  EXPECT_EQ(as("tocsin_session=tcx_before", "GET", "/v1/console/me").at("/user"), "alice");
  expect_problem(as("tocsin_session=tcx_newer", "GET", "/v1/console/me"), 401, "unauthorized");
  clock_.advance_ms(1'000);
  expect_problem(as("tocsin_session=tcx_before", "GET", "/v1/console/me"), 401, "unauthorized");
}

TEST_F(ConsoleTest, GoesByTheTokenWhereBothAreSentAndByTheCookieOnTheSocket) {
  const auto cookie = sign_in(kAlice);
  EXPECT_EQ(call("member", "GET", "/v1/console/me", {}, {{"Cookie", cookie}}).at("/role"), "member");
  EXPECT_EQ(call_unix("GET", "/v1/console/me", {}, {{"Cookie", cookie}}).at("/role"), "admin");
  EXPECT_EQ(call_unix("GET", "/v1/console/me", {}, {{"Cookie", "tocsin_session=tcx_old"}}).status, 401);
  EXPECT_EQ(call_unix("GET", "/v1/console/me", {}, {}).at("/role"), "operator");
}

TEST_F(ConsoleTest, RefusesAGuestThatMakesNoSense) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"team":"nowhere"})", "/team"},        {R"({"role":"admin"})", "/team"},
      {R"({"role":"service"})", "/role"},        {R"({"team":"demo","role":"root"})", "/role"},
      {R"({"team":"demo","user":""})", "/user"}, {R"({"team":"demo","user":"a b"})", "/user"},
      {R"({"team":"demo","user":1})", "/user"},  {R"({"teams":"demo"})", "/teams"}};
  for (const auto& [body, pointer] : cases) {
    const Answer answer = call("operator", "POST", "/v1/console/login", body);
    expect_problem(answer, 422, "invalid");
    EXPECT_EQ(answer.at("/errors/0/pointer"), pointer) << body;
  }
}

TEST_F(ConsoleTest, WritesDownWhoWasLetIn) {
  static_cast<void>(make_code(kAlice));
  const Answer audit = get("/v1/audit");
  EXPECT_EQ(audit.at("/acts/0/act"), "console.login") << audit.body;
  EXPECT_EQ(audit.body.find("tcl_"), std::string::npos);
}

TEST_F(ConsoleTest, ServesThePagesUnderAStrictPolicy) {
  const Answer index = get("/console/", "");
  EXPECT_NE(index.header("content-type"), "application/problem+json");
  if (console::assets().empty()) {
    EXPECT_EQ(index.status, 404);
    EXPECT_NE(index.body.find("no console"), std::string::npos);
    return;
  }
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.header("cache-control"), "no-cache");
  EXPECT_EQ(index.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(index.header("x-content-type-options"), "nosniff");
  const auto policy = index.header("content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(get("/console", "").body, index.body);
  std::size_t named = 0;
  for (const auto& asset : console::assets()) {
    if (asset.name == "index.html") continue;
    if (index.body.find(asset.name) != std::string::npos) ++named;  // others are loaded when they are needed
    const std::string path = "/console/" + std::string(asset.name);
    const Answer plain = get(path, "");
    EXPECT_EQ(plain.body, asset.plain);
    EXPECT_EQ(plain.header("cache-control"), asset.name.starts_with("assets/")
                                                 ? "public, max-age=31536000, immutable"
                                                 : "public, max-age=300")
        << asset.name;
    const Answer small = call("", "GET", path, {}, {{"Accept-Encoding", "br, gzip"}});
    EXPECT_EQ(small.header("content-encoding"), "gzip");
    EXPECT_EQ(small.body, asset.gzip);
    EXPECT_LT(small.body.size(), plain.body.size());
  }
  EXPECT_EQ(named, 3U) << "a script, a style and an icon";
  expect_problem(get("/console/assets/index.html", ""), 404, "not-found");
  expect_problem(get("/console/assets/..%2Findex.html", ""), 404, "not-found");
}

}  // namespace
}  // namespace tocsin::api
