// Time, numbers and places: slow clients, many clients, both kinds of socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "net/http_server_fixture.hpp"

namespace tocsin::net {
namespace {

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

class HttpServerLimits : public HttpServerTest {
 protected:
  void serve_hasty(std::int64_t header_ms, std::int64_t body_ms, std::int64_t idle_ms) {
    ServerOptions options;
    options.header_timeout_ms = header_ms;
    options.body_timeout_ms = body_ms;
    options.idle_timeout_ms = idle_ms;
    serve(options);
  }
  static void expect_timeout(RawClient& peer) {
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408) << answer->body;
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(peer.read_end());
  }
};

TEST_F(HttpServerLimits, RefusesAHeadThatDoesNotArriveInTime) {
  serve_hasty(50, 60'000, 60'000);
  RawClient peer = client();
  peer.send("GET / HTTP/1.1\r\nHost: local");
  expect_timeout(peer);
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerLimits, CountsTheHeadTimeFromItsFirstByteWhateverFollows) {
  serve_hasty(50, 60'000, 60'000);
  RawClient peer = client();
  peer.send("GET / HTTP/1.1\r\n");
  std::atomic<bool> answered = false;
  std::thread dripping([&] {
    while (!answered && peer.send("X-A: 1\r\n")) std::this_thread::yield();
  });
  const auto answer = peer.read_answer();
  answered = true;
  dripping.join();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->status == 408 || answer->status == 431) << answer->status;
}

TEST_F(HttpServerLimits, RefusesABodyThatDoesNotArriveInTime) {
  serve_hasty(60'000, 50, 60'000);
  RawClient peer = client();
  peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  expect_timeout(peer);
}

TEST_F(HttpServerLimits, RefusesABodyThatIsSlowerThanOneKibibyteASecond) {
  serve_hasty(50, 60'000, 60'000);
  RawClient peer = client();
  peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc");
  expect_timeout(peer);
}

TEST_F(HttpServerLimits, ClosesAnIdleConnectionWithoutAWord) {
  serve_hasty(60'000, 60'000, 50);
  RawClient fresh = client();
  EXPECT_TRUE(fresh.read_end());
  RawClient used = client();
  used.send(kGet);
  ASSERT_TRUE(used.read_answer());
  EXPECT_TRUE(used.read_end());
}

TEST_F(HttpServerLimits, TellsAClientThatWaitsForItToGoOn) {
  serve();
  RawClient peer = client();
  peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
  const auto go_on = peer.read_answer(false, true);
  ASSERT_TRUE(go_on);
  EXPECT_EQ(go_on->status, 100);
  peer.send("abc");
  EXPECT_EQ(peer.read_answer()->body, "POST / 3");
}

TEST_F(HttpServerLimits, RefusesALargeBodyBeforeAClientThatWaitsHasSentIt) {
  ServerOptions options;
  options.body_bytes = 10;
  serve(options);
  RawClient peer = client();
  peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  const auto answer = peer.read_answer(false, true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpServerLimits, RefusesConnectionsOverTheCapAndTakesThemAgainLater) {
  ServerOptions options;
  options.connections = 2;
  serve(options);
  {
    RawClient first = client();
    RawClient second = client();
    first.send(kGet);
    second.send(kGet);
    ASSERT_TRUE(first.read_answer());
    ASSERT_TRUE(second.read_answer());
    EXPECT_EQ(server_->open_connections(), 2u);
    RawClient third = client();
    const auto answer = third.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->headers.at("retry-after"), "1");
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(third.read_end());
    first.send(kGet);
    EXPECT_TRUE(first.read_answer());
  }
  while (server_->open_connections() > 0) std::this_thread::yield();
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerLimits, BoundsTheBodiesItReadsAtOnce) {
  ServerOptions options;
  options.held_bytes = 100'000;
  serve(options);
  RawClient first = client();
  first.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90001\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(first.read_answer(false, true)->status, 100);
  first.send(std::string(90'000, 'a'));
  std::optional<RawAnswer> answer;
  while (!answer || answer->status == 200) {  // until the first body has arrived
    RawClient second = client();
    second.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n" +
                std::string(50'000, 'b'));
    answer = second.read_answer();
    ASSERT_TRUE(answer);
  }
  EXPECT_EQ(answer->status, 503);
  first.send("a");
  EXPECT_EQ(first.read_answer()->body, "POST / 90001");
  RawClient third = client();
  third.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n" +
             std::string(50'000, 'c'));
  EXPECT_EQ(third.read_answer()->body, "POST / 50000");
}

TEST_F(HttpServerLimits, ServesTwoHundredKeepAliveConnectionsAtOnce) {
  serve();
  std::vector<RawClient> peers;
  for (int i = 0; i < 200; ++i) peers.push_back(client());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
      ASSERT_TRUE(peers[i].send("POST /" + std::to_string(i) +
                                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"));
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const auto answer = peers[i].read_answer();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, "POST /" + std::to_string(i) + " 5");
    }
  }
  EXPECT_EQ(server_->open_connections(), 200u);
}

TEST_F(HttpServerLimits, SurvivesClientsThatVanishAtAnyPoint) {
  serve();
  const std::string request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t length = 0; length <= request.size(); ++length) client().send(request.substr(0, length));
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerLimits, RefusesAnAddressThatIsTakenOrNone) {
  serve();
  ServerOptions options;
  options.listen = {address_};
  auto taken = HttpServer::open(options, echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kIo);
  EXPECT_THAT(taken.error().detail,
              testing::AllOf(testing::HasSubstr(address_), testing::HasSubstr("in use")));
  for (const char* address :
       {"localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:80", ":80"}) {
    options.listen = {address};
    auto odd = HttpServer::open(options, echo);
    ASSERT_FALSE(odd) << address;
    EXPECT_EQ(odd.error().code, Errc::kInvalid) << address;
  }
}

TEST_F(HttpServerLimits, ListensOnSeveralAddresses) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0", "[::1]:0"};
  auto opened = HttpServer::open(options, echo);
  if (!opened) GTEST_SKIP() << "no IPv6 here: " << opened.error().detail;
  ASSERT_EQ((*opened)->addresses().size(), 2u);
  EXPECT_THAT((*opened)->addresses()[1], testing::StartsWith("[::1]:"));
}

class HttpServerUnix : public HttpServerTest {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/tocsin-net-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    directory_ = pattern;
    path_ = directory_ + "/api.sock";
    options_.listen = {"127.0.0.1:0"};
    options_.socket = path_;
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::string directory_;
  std::string path_;
  ServerOptions options_;
};

TEST_F(HttpServerUnix, TellsTheHandlerWhoAsks) {
  serve(options_, [](HttpRequest request, Responder responder) {
    HttpResponse response;
    response.body = std::to_string(request.peer.unix_socket) + " " + std::to_string(request.peer.uid) + " [" +
                    request.peer.address + "]";
    responder.send(std::move(response));
  });
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0660u);
  RawClient peer("unix:" + path_);
  ASSERT_TRUE(peer.connected());
  peer.send(kGet);
  EXPECT_EQ(peer.read_answer()->body, "1 " + std::to_string(::getuid()) + " []");
  server_->stop(1000);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(HttpServerUnix, TakesAnyHostButExactlyOne) {
  serve(options_);
  RawClient peer("unix:" + path_);
  peer.send("GET / HTTP/1.1\r\nHost: whatever.example\r\n\r\n");
  EXPECT_EQ(peer.read_answer()->status, 200);
  peer.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer()->status, 400);
  RawClient doubled("unix:" + path_);
  doubled.send("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
  EXPECT_EQ(doubled.read_answer()->status, 400);
}

TEST_F(HttpServerUnix, RefusesASocketThatALiveServerHolds) {
  serve(options_);
  auto second = HttpServer::open(options_, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kIo);
  EXPECT_THAT(second.error().detail, testing::HasSubstr("another server"));
  EXPECT_TRUE(RawClient("unix:" + path_).connected());
}

TEST_F(HttpServerUnix, ReplacesASocketFileThatNobodyListensOn) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const int stale = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(stale);
  ASSERT_TRUE(std::filesystem::exists(path_));
  serve(options_);
  RawClient peer("unix:" + path_);
  peer.send(kGet);
  EXPECT_TRUE(peer.read_answer());
}

TEST_F(HttpServerUnix, NeverRemovesAFileThatIsNoSocket) {
  std::ofstream(path_) << "precious";
  auto opened = HttpServer::open(options_, echo);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().detail, testing::HasSubstr("no socket"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(HttpServerUnix, LeavesASuccessorsSocketAloneWhenItStops) {
  serve(options_);
  std::filesystem::remove(path_);
  std::unique_ptr<HttpServer> first = std::move(server_);
  serve(options_);
  first->stop(0);
  EXPECT_TRUE(RawClient("unix:" + path_).connected());
}

}  // namespace
}  // namespace tocsin::net
