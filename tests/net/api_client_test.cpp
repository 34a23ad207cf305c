// The daemon's own client against the real server, and against servers that misbehave.
#include "net/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "net/http_server_fixture.hpp"

namespace tocsin::net {
namespace {

class ApiClientTest : public HttpServerTest {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/tocsin-net-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(ApiClientTest, CallsOverBothKindsOfSocketOnOneConnectionEach) {
  ServerOptions options;
  options.socket = directory_ + "/api.sock";
  serve(options);
  for (const std::string& target :
       {"http://" + address_, "http://" + address_ + "/",
        "http://localhost" + address_.substr(address_.find(':')), "unix:" + options.socket}) {
    auto client = ApiClient::connect(target);
    ASSERT_TRUE(client) << client.error().detail;
    for (int i = 0; i < 3; ++i) {
      auto answer = client->call("POST", "/v1/events?x=1", {{"Content-Type", "application/json"}}, "{}");
      ASSERT_TRUE(answer) << answer.error().detail;
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->body, "POST /v1/events?x=1 2");
      EXPECT_TRUE(std::any_of(answer->headers.begin(), answer->headers.end(),
                              [](const Header& header) { return header.name == "content-length"; }));
    }
    EXPECT_EQ(client->call("HEAD", "/", {}, "")->body, "");
    EXPECT_EQ(client->call("GET", "/", {}, "")->body, "GET / 0");
  }
}

TEST_F(ApiClientTest, CarriesLargeBodiesBothWays) {
  serve({}, [](HttpRequest request, Responder responder) {
    HttpResponse response;
    response.body = request.body;
    responder.send(std::move(response));
  });
  const std::string large(5 << 20, 'x');
  auto client = ApiClient::connect("http://" + address_);
  ASSERT_TRUE(client);
  auto answer = client->call("POST", "/", {}, large);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, large);
}

TEST_F(ApiClientTest, ReadsARefusalOfABodyThatWasNotTakenAndConnectsAgain) {
  ServerOptions options;
  options.body_bytes = 1000;
  serve(options);
  auto client = ApiClient::connect("http://" + address_);
  ASSERT_TRUE(client);
  auto answer = client->call("POST", "/", {}, std::string(1 << 20, 'x'));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(client->call("GET", "/again", {}, "")->body, "GET /again 0");
}

TEST_F(ApiClientTest, SaysWhatToCheckWhereNobodyListens) {
  auto none = ApiClient::connect("unix:" + directory_ + "/none.sock");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::kIo);
  EXPECT_THAT(none.error().detail, testing::HasSubstr("is the daemon running?"));
  for (const char* target : {"", "ftp://127.0.0.1:1", "http://example.com:80", "http://127.0.0.1",
                             "unix:", "http://127.0.0.1:99999"}) {
    auto odd = ApiClient::connect(target);
    ASSERT_FALSE(odd) << target;
    EXPECT_EQ(odd.error().code, Errc::kInvalid) << target;
  }
}

TEST_F(ApiClientTest, SendsNothingThatWouldForgeARequest) {
  serve();
  auto client = ApiClient::connect("http://" + address_);
  ASSERT_TRUE(client);
  EXPECT_FALSE(client->call("GET", "/a b", {}, ""));
  EXPECT_FALSE(client->call("GET", "no-slash", {}, ""));
  EXPECT_FALSE(client->call("GE T", "/", {}, ""));
  EXPECT_FALSE(client->call("GET", "/", {{"X-A", "a\r\nX-B: b"}}, ""));
  EXPECT_TRUE(client->call("GET", "/", {}, ""));
}

TEST_F(ApiClientTest, GivesUpOnAServerThatNeverAnswers) {
  std::vector<Responder> kept;
  serve({}, [&](HttpRequest, Responder responder) { kept.push_back(std::move(responder)); });
  auto client = ApiClient::connect("http://" + address_, 50);
  ASSERT_TRUE(client);
  auto answer = client->call("GET", "/", {}, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kIo);
  EXPECT_THAT(answer.error().detail, testing::HasSubstr("no answer in time"));
  server_->stop(0);
}

TEST_F(ApiClientTest, ReportsAServerThatResets) {
  serve({}, [&](HttpRequest, Responder responder) {
    HttpResponse response;
    response.reset = true;
    responder.send(std::move(response));
  });
  auto client = ApiClient::connect("http://" + address_);
  ASSERT_TRUE(client);
  auto answer = client->call("GET", "/", {}, "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kIo);
}

}  // namespace
}  // namespace tocsin::net
