// Answering: from any thread, once, in order, whatever the handler does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/http_server_fixture.hpp"
#include "net/problem.hpp"

namespace tocsin::net {
namespace {

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

// Holds the responders of requests until a test takes them.
class Held {
 public:
  void put(HttpRequest request, Responder responder) {
    const std::lock_guard lock(mutex_);
    held_.emplace_back(std::move(request), std::move(responder));
    changed_.notify_all();
  }
  std::vector<std::pair<HttpRequest, Responder>> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return held_.size() >= count; });
    return std::move(held_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<HttpRequest, Responder>> held_;
};

class HttpServerAnswers : public HttpServerTest {
 protected:
  void serve_held(ServerOptions options = {}) {
    serve(std::move(options), [this](HttpRequest request, Responder responder) {
      held_.put(std::move(request), std::move(responder));
    });
  }
  Held held_;
};

TEST_F(HttpServerAnswers, GivesTheHandlerTheWholeRequest) {
  serve_held();
  RawClient peer = client();
  peer.send(
      "POST /v1/events?team=red%20one&at=+02:00&bare HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type:  application/json \r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 4\r\n\r\n{\"\"}");
  auto held = held_.take(1);
  ASSERT_EQ(held.size(), 1u);
  const HttpRequest& request = held[0].first;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/events");
  EXPECT_EQ(request.query, "team=red%20one&at=+02:00&bare");
  EXPECT_EQ(request.parameter("team"), "red one");
  EXPECT_EQ(request.parameter("at"), "+02:00");
  EXPECT_EQ(request.parameter("bare"), "");
  EXPECT_EQ(request.parameter("none"), std::nullopt);
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("x-twice"), "1");
  EXPECT_EQ(request.header("x-none"), "");
  EXPECT_EQ(request.body, "{\"\"}");
  EXPECT_THAT(request.id, testing::MatchesRegex("req_[0-9A-Z]{13}"));
  EXPECT_FALSE(request.peer.unix_socket);
  EXPECT_THAT(request.peer.address, testing::StartsWith("127.0.0.1:"));
  held[0].second.send({});
}

TEST_F(HttpServerAnswers, AnswersFromAnotherThread) {
  std::vector<std::thread> threads;
  serve({}, [&](HttpRequest, Responder responder) {
    threads.emplace_back([r = std::move(responder)]() mutable {
      HttpResponse response;
      response.status = 202;
      response.body = "{}";
      r.send(std::move(response));
    });
  });
  RawClient peer = client();
  for (int i = 0; i < 20; ++i) {
    peer.send(get("/"));
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->body, "{}");
    EXPECT_EQ(answer->headers.at("content-type"), "application/json");
    EXPECT_EQ(answer->headers.at("cache-control"), "no-store");
    EXPECT_EQ(answer->headers.at("x-content-type-options"), "nosniff");
    EXPECT_THAT(answer->headers.at("date"), testing::EndsWith(" GMT"));
  }
  server_->stop(1000);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerAnswers, AnswersPipelinedRequestsInOrder) {
  serve();
  RawClient peer = client();
  std::string burst;
  for (int i = 0; i < 500; ++i) burst += get("/" + std::to_string(i));
  std::thread sender([&] { peer.send(burst); });
  for (int i = 0; i < 500; ++i) {
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "GET /" + std::to_string(i) + " 0");
  }
  sender.join();
}

TEST_F(HttpServerAnswers, GivesTheHandlerAPipelinedRequestOnlyAfterTheOneBefore) {
  serve_held();
  RawClient peer = client();
  peer.send("POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" + get("/second"));
  auto first = held_.take(1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].first.path, "/first");
  EXPECT_EQ(first[0].first.body, "abc");
  HttpResponse response;
  response.body = "one";
  first[0].second.send(response);
  auto second = held_.take(1);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].first.path, "/second");
  response.body = "two";
  second[0].second.send(response);
  EXPECT_EQ(peer.read_answer()->body, "one");
  EXPECT_EQ(peer.read_answer()->body, "two");
}

TEST_F(HttpServerAnswers, SendsA500WhereTheResponderIsDropped) {
  serve({}, [](HttpRequest request, Responder responder) {
    if (request.path == "/throws") throw std::runtime_error("no");
    if (request.path == "/overwritten") {
      Responder other = std::move(responder);
      responder = std::move(other);
    }
  });
  RawClient peer = client();
  for (const char* path : {"/dropped", "/throws", "/overwritten"}) {
    peer.send(get(path));
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(boost::json::parse(answer->body).at("type").as_string(), "/problems/internal");
  }
}

TEST_F(HttpServerAnswers, SendsA500InsteadOfAnAnswerThatCouldForgeAnother) {
  HttpResponse faulty;
  serve({}, [&](HttpRequest request, Responder responder) {
    HttpResponse response;
    if (request.path == "/value") response.headers = {{"Location", "/a\r\nSet-Cookie: x"}};
    if (request.path == "/nul") response.headers = {{"X-A", std::string("a\0b", 3)}};
    if (request.path == "/name") response.headers = {{"X A", "b"}};
    if (request.path == "/framing") response.headers = {{"content-length", "0"}};
    if (request.path == "/type") response.content_type = "text/plain\r\nX-A: b";
    if (request.path == "/status") response.status = 99;
    responder.send(std::move(response));
  });
  RawClient peer = client();
  for (const char* path : {"/value", "/nul", "/name", "/framing", "/type", "/status"}) {
    peer.send(get(path));
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->headers.count("set-cookie"), 0u);
  }
}

TEST_F(HttpServerAnswers, SendsHeadersOfTheHandlerAndItsCachingInsteadOfOurs) {
  serve({}, [](HttpRequest, Responder responder) {
    HttpResponse response;
    response.status = 204;
    response.headers = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=60"}};
    response.body = "not sent";
    responder.send(std::move(response));
  });
  RawClient peer = client();
  for (int i = 0; i < 2; ++i) {  // twice: a body after the 204 would break the second
    peer.send(get("/"));
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 204);
    EXPECT_EQ(answer->headers.at("etag"), "\"1\"");
    EXPECT_EQ(answer->headers.at("cache-control"), "max-age=60");
    EXPECT_EQ(answer->headers.count("content-length"), 0u);
  }
}

TEST_F(HttpServerAnswers, SendsNoBodyToAHeadRequest) {
  serve();
  RawClient peer = client();
  peer.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/y"));
  const auto head = peer.read_answer(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("content-length"), "9");
  EXPECT_EQ(peer.read_answer()->body, "GET /y 0");
}

TEST_F(HttpServerAnswers, SendsLargeAnswersToASlowReaderWhole) {
  const std::string large(8 << 20, 'x');
  serve({}, [&](HttpRequest, Responder responder) {
    HttpResponse response;
    response.body = large;
    responder.send(std::move(response));
  });
  RawClient peer = client();
  peer.send(get("/") + get("/"));
  for (int i = 0; i < 2; ++i) {
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, large);
  }
}

TEST_F(HttpServerAnswers, ClosesWhereTheHandlerSaysSo) {
  serve({}, [](HttpRequest, Responder responder) {
    HttpResponse response;
    response.close = true;
    responder.send(std::move(response));
  });
  RawClient peer = client();
  peer.send(get("/"));
  EXPECT_EQ(peer.read_answer()->headers.at("connection"), "close");
  EXPECT_TRUE(peer.read_end());
}

TEST_F(HttpServerAnswers, CanResetAndDelayForTheSink) {
  serve({}, [](HttpRequest request, Responder responder) {
    HttpResponse response;
    response.reset = request.path == "/reset";
    response.delay_ms = 30;
    response.body = "late";
    responder.send(std::move(response));
  });
  RawClient delayed = client();
  const auto before = std::chrono::steady_clock::now();
  delayed.send(get("/"));
  EXPECT_EQ(delayed.read_answer()->body, "late");
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(30));
  RawClient reset = client();
  reset.send(get("/reset"));
  EXPECT_TRUE(reset.read_reset());
}

TEST_F(HttpServerAnswers, RunsPostedWorkOnItsThreadInOrder) {
  serve();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    server_->post([&, i] {
      const std::lock_guard lock(mutex);
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return order.size() == 100; }));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_THAT(threads, testing::Each(threads[0]));
  EXPECT_NE(threads[0], std::this_thread::get_id());
}

TEST_F(HttpServerAnswers, FinishesARequestInFlightWhenItStops) {
  serve_held();
  RawClient busy = client();
  busy.send(get("/busy"));
  RawClient idle = client();
  auto held = held_.take(1);
  ASSERT_EQ(held.size(), 1u);
  std::thread stopping([&] { server_->stop(10'000); });
  EXPECT_TRUE(idle.read_end());  // so the stop has begun
  HttpResponse response;
  response.body = "done";
  held[0].second.send(response);
  const auto answer = busy.read_answer();
  stopping.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->headers.at("connection"), "close");
  EXPECT_TRUE(busy.read_end());
  EXPECT_FALSE(client().connected());
}

TEST_F(HttpServerAnswers, EndsWithItsGraceThoughARequestIsUnanswered) {
  serve_held();
  RawClient peer = client();
  peer.send(get("/"));
  auto held = held_.take(1);
  ASSERT_EQ(held.size(), 1u);
  server_->stop(20);
  EXPECT_TRUE(peer.read_end());
  held[0].second.send({});  // to no effect
  server_.reset();
}

TEST_F(HttpServerAnswers, LetsAResponderOutliveTheServer) {
  std::optional<Responder> kept;
  serve_held();
  RawClient peer = client();
  peer.send(get("/a"));
  RawClient other = client();
  other.send(get("/b"));
  std::vector<std::pair<HttpRequest, Responder>> held;
  while (held.size() < 2) {
    for (auto& one : held_.take(1)) held.push_back(std::move(one));
  }
  server_.reset();
  held[0].second.send({});
  held.clear();  // the second is dropped unanswered
}

TEST_F(HttpServerAnswers, StopsWithoutHavingStarted) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  auto opened = HttpServer::open(options, echo);
  ASSERT_TRUE(opened);
  (*opened)->post([] {});
  (*opened)->stop(1000);
  (*opened)->stop(1000);
}

}  // namespace
}  // namespace tocsin::net
