// What submit() says of each malformed request, and what a token becomes in each place.
#include "plugin/http_request.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace tocsin::plugin {
namespace {

struct Request {
  tocsin_http_request raw{};
  std::vector<tocsin_kv> headers;
  HttpRequest read;

  Request() {
    raw.size = sizeof raw;
    raw.url = tocsin_lit("https://api.example.com/x");
  }
  void header(const char* name, const char* value) {
    headers.push_back({tocsin_lit(name), tocsin_lit(value)});
    raw.headers = headers.data();
    raw.n_headers = headers.size();
  }
};

class HttpRequestTest : public ::testing::Test {
 protected:
  tocsin_status read(Request& request) {
    request.read = {};
    return read_http_request(&request.raw, vault_, owner_, egress_, request.read);
  }
  std::string put(const char* value) { return vault_.put(owner_, security::Secret(value)); }

  security::SecretVault vault_;
  std::uint64_t owner_ = vault_.new_owner();
  std::vector<std::string> egress_{"api.example.com:443", "*.hooks.example.com:443"};
};

TEST_F(HttpRequestTest, FillsInTheDefaults) {
  Request request;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.method, "POST");
  EXPECT_EQ(request.read.exchange.timeout_ms, 15'000);
  EXPECT_FALSE(request.read.has_secrets);
  request.raw.timeout_ms = 1;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.timeout_ms, 1'000);
  request.raw.timeout_ms = 3'600'000;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.timeout_ms, 60'000);
}

TEST_F(HttpRequestTest, AnswersEachMalformedFieldWithItsStatus) {
  struct Case {
    const char* name;
    tocsin_status status;
    std::function<void(Request&)> apply;
  };
  static const std::string long_url = "https://api.example.com/" + std::string(9'000, 'a');
  static const std::string long_value(3'500, 'a');
  static const std::string body(8 * 1024 * 1024 + 1, 'x');
  const Case cases[] = {
      {"size 0", TOCSIN_E_INVALID, [](Request& r) { r.raw.size = 0; }},
      {"no URL", TOCSIN_E_INVALID, [](Request& r) { r.raw.url = {}; }},
      {"relative URL", TOCSIN_E_INVALID, [](Request& r) { r.raw.url = tocsin_lit("/x"); }},
      {"userinfo", TOCSIN_E_INVALID,
       [](Request& r) { r.raw.url = tocsin_lit("https://u@api.example.com/"); }},
      {"fragment", TOCSIN_E_INVALID,
       [](Request& r) { r.raw.url = tocsin_lit("https://api.example.com/#x"); }},
      {"line break in URL", TOCSIN_E_INVALID,
       [](Request& r) { r.raw.url = tocsin_lit("https://api.example.com/\r\n"); }},
      {"long URL", TOCSIN_E_TOO_LARGE, [](Request& r) { r.raw.url = tocsin_lit(long_url.c_str()); }},
      {"method", TOCSIN_E_INVALID, [](Request& r) { r.raw.method = tocsin_lit("post"); }},
      {"method with blank", TOCSIN_E_INVALID, [](Request& r) { r.raw.method = tocsin_lit("GET X"); }},
      {"flags", TOCSIN_E_INVALID, [](Request& r) { r.raw.flags = 1; }},
      {"body form", TOCSIN_E_INVALID, [](Request& r) { r.raw.body_secrets = 4; }},
      {"body", TOCSIN_E_TOO_LARGE,
       [](Request& r) {
         r.raw.body = {body.data(), body.size()};
       }},
      {"header name", TOCSIN_E_INVALID, [](Request& r) { r.header("a b", "x"); }},
      {"header value", TOCSIN_E_INVALID, [](Request& r) { r.header("a", "x\r\ny: z"); }},
      {"headers NULL", TOCSIN_E_INVALID, [](Request& r) { r.raw.n_headers = 1; }},
      {"65 headers", TOCSIN_E_TOO_LARGE,
       [](Request& r) {
         for (int i = 0; i < 65; ++i) r.header("a", "x");
       }},
      {"10 KiB of headers", TOCSIN_E_TOO_LARGE,
       [](Request& r) {
         for (int i = 0; i < 3; ++i) r.header("a", long_value.c_str());
       }},
      {"other host", TOCSIN_E_DENIED,
       [](Request& r) { r.raw.url = tocsin_lit("https://evil.example.net/"); }},
      {"other port", TOCSIN_E_DENIED,
       [](Request& r) { r.raw.url = tocsin_lit("https://api.example.com:8443/"); }},
      {"wildcard's own name", TOCSIN_E_DENIED,
       [](Request& r) { r.raw.url = tocsin_lit("https://hooks.example.com/"); }},
      {"below the wildcard", TOCSIN_OK,
       [](Request& r) { r.raw.url = tocsin_lit("https://a.hooks.example.com/"); }},
  };
  for (const Case& one : cases) {
    Request request;
    one.apply(request);
    EXPECT_EQ(read(request), one.status) << one.name;
  }
  HttpRequest out;
  EXPECT_EQ(read_http_request(nullptr, vault_, owner_, egress_, out), TOCSIN_E_INVALID);
}

TEST_F(HttpRequestTest, WritesASecretAsEachPlaceWantsIt) {
  const std::string token = put("p\"a s/s");
  const std::string in_url = "https://api.example.com/" + token + "/x";
  const std::string body = "{\"k\":\"" + token + "\"}";
  Request request;
  request.raw.url = tocsin_lit(in_url.c_str());
  request.header("Authorization", ("Bearer " + token).c_str());
  const std::string bearer = "Bearer " + token;
  request.headers[0].value = tocsin_lit(bearer.c_str());
  request.raw.body = tocsin_lit(body.c_str());
  request.raw.body_secrets = TOCSIN_BODY_JSON;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.url, "https://api.example.com/p%22a%20s%2Fs/x");
  EXPECT_EQ(request.read.exchange.headers[0].value, "Bearer p\"a s/s");
  EXPECT_EQ(request.read.exchange.body, R"({"k":"p\"a s/s"})");
  EXPECT_TRUE(request.read.has_secrets);
  request.raw.body_secrets = TOCSIN_BODY_NONE;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.body, body);
  request.raw.body_secrets = TOCSIN_BODY_FORM;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.body, "{\"k\":\"p%22a%20s%2Fs\"}");
}

TEST_F(HttpRequestTest, TakesAWholeUrlFromASecretAndJudgesItsTarget) {
  const std::string good = put("https://api.example.com/T0/B0");
  const std::string other = put("https://evil.example.net/");
  const std::string none = put("no URL at all");
  Request request;
  request.raw.url = tocsin_lit(good.c_str());
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.url, "https://api.example.com/T0/B0");
  request.raw.url = tocsin_lit(other.c_str());
  EXPECT_EQ(read(request), TOCSIN_E_DENIED);
  request.raw.url = tocsin_lit(none.c_str());
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_NE(request.read.unsendable, "");
}

TEST_F(HttpRequestTest, BuildsBasicCredentialsFromTokens) {
  const std::string password = put("secret");
  Request request;
  request.raw.basic_user = tocsin_lit("user");
  request.raw.basic_password = tocsin_lit(password.c_str());
  ASSERT_EQ(read(request), TOCSIN_OK);
  ASSERT_EQ(request.read.exchange.headers.size(), 1U);
  EXPECT_EQ(request.read.exchange.headers[0].value, "Basic dXNlcjpzZWNyZXQ=");
  EXPECT_EQ(request.read.credentials, "dXNlcjpzZWNyZXQ=");
}

TEST_F(HttpRequestTest, LeavesAStrangersTokenAndSwapsOursBesideIt) {
  const std::string ours = put("value-of-ours");
  const std::string other_owner = vault_.put(vault_.new_owner(), security::Secret("not ours"));
  const std::string body = other_owner + " and " + ours + " and tsec_short";
  Request request;
  request.raw.body = tocsin_lit(body.c_str());
  request.raw.body_secrets = TOCSIN_BODY_RAW;
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_EQ(request.read.exchange.body, other_owner + " and value-of-ours and tsec_short");
}

TEST_F(HttpRequestTest, DoesNotSendASecretThatNoHeaderCanHold) {
  const std::string token = put("two\nlines");
  Request request;
  request.header("X-Key", token.c_str());
  ASSERT_EQ(read(request), TOCSIN_OK);
  EXPECT_NE(request.read.unsendable, "");
  EXPECT_EQ(request.read.unsendable.find("lines"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::plugin
