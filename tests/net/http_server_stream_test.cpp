// Answers that go on: what reaches the peer, who is cut off, and that neither the other streams nor the
// server's ordinary connections notice.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <vector>

#include "net/http_server_fixture.hpp"

namespace tocsin::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAsk = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n";

Frame frame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class HttpServerStream : public HttpServerTest {
 protected:
  ~HttpServerStream() override {
    if (server_) server_->stop(0);
  }

  void serve_streams(StreamOptions options = {}, ServerOptions server_options = {}) {
    serve(server_options, [this, options](HttpRequest request, Responder responder) {
      if (request.path != "/stream") return echo(std::move(request), std::move(responder));
      HttpResponse head;
      head.content_type = "text/event-stream";
      head.headers = {{"X-Accel-Buffering", "no"}};
      StreamOptions own = options;
      own.on_closed = [this, index = streams_.size()] {
        streams_[index].reset();
        ++closed_;
      };
      streams_.push_back(responder.stream(std::move(head), std::move(own)));
      ++opened_;
    });
  }
  // Runs on [api] and waits.
  void on_api(const std::function<void()>& work) {
    std::promise<void> done;
    server_->post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  bool send(std::size_t index, std::vector<Frame> frames) {
    bool open = false;
    on_api([&] { open = streams_.at(index) && streams_[index]->send(frames); });
    return open;
  }
  static bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      ::usleep(1000);
    }
    return false;
  }
  RawClient subscribe() {
    RawClient peer = client();
    peer.send(kAsk);
    EXPECT_TRUE(peer.read_until("\r\n\r\n"));
    return peer;
  }

  std::vector<std::unique_ptr<Stream>> streams_;  // [api]
  std::atomic<int> opened_{0}, closed_{0};
};

TEST_F(HttpServerStream, SendsItsHeadAtOnceAndFramesAsTheyCome) {
  serve_streams();
  RawClient peer = client();
  peer.send(kAsk);
  const auto head = peer.read_until("\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_THAT(*head, ::testing::AllOf(HasSubstr("HTTP/1.1 200 OK\r\n"),
                                      HasSubstr("Content-Type: text/event-stream\r\n"),
                                      HasSubstr("Cache-Control: no-store"),
                                      HasSubstr("X-Accel-Buffering: no"), HasSubstr("Connection: close"),
                                      Not(HasSubstr("Content-Length")), Not(HasSubstr("Transfer-Encoding"))));
  EXPECT_TRUE(send(0, {frame("one"), frame(""), frame("two")}));
  EXPECT_EQ(peer.read_until("two"), "onetwo");
  on_api([&] { streams_[0]->close(); });
  EXPECT_TRUE(peer.read_end());
  EXPECT_EQ(closed_, 0) << "the owner ended it";
}

TEST_F(HttpServerStream, EndsWithItsOwnersHandle) {
  serve_streams();
  RawClient peer = subscribe();
  on_api([&] {
    const Frame last = frame("bye");
    EXPECT_TRUE(streams_[0]->send({&last, 1}));
    streams_[0].reset();
  });
  EXPECT_TRUE(peer.read_until("bye"));
  EXPECT_TRUE(peer.read_end());
}

TEST_F(HttpServerStream, TellsItsOwnerThatThePeerIsGone) {
  serve_streams();
  {
    RawClient peer = subscribe();
    EXPECT_TRUE(send(0, {frame("x")}));
  }
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  EXPECT_FALSE(send(0, {frame("x")}));
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerStream, DropsWhatThePeerSends) {
  serve_streams();
  RawClient peer = subscribe();
  peer.send("GET /probe HTTP/1.1\r\nHost: localhost\r\n\r\n");
  peer.send(std::string(100'000, 'x'));
  EXPECT_TRUE(send(0, {frame("still here")}));
  EXPECT_TRUE(peer.read_until("still here"));
  EXPECT_EQ(closed_, 0);
}

TEST_F(HttpServerStream, DropsAPipelinedRequestWithIt) {
  serve_streams();
  RawClient peer = client();
  peer.send(std::string(kAsk) + "GET /probe HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(peer.read_until("\r\n\r\n"));
  EXPECT_TRUE(eventually([&] { return opened_ == 1; }));
  EXPECT_TRUE(send(0, {frame("first frame")}));
  const auto got = peer.read_until("first frame");
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, "first frame");
}

TEST_F(HttpServerStream, CutsOffWhoDoesNotReadAndNobodyElse) {
  StreamOptions options;
  options.queued_bytes = 256 << 10;
  serve_streams(options);
  RawClient slow = subscribe();
  RawClient quick = subscribe();
  const Frame large = frame(std::string(64 << 10, 'x'));
  int sent = 0;
  // The kernel's buffers take some megabytes, then ours a quarter of one.
  while (sent < 2000 && send(0, {large})) ++sent;
  EXPECT_LT(sent, 2000) << "a reader that never reads is cut off";
  EXPECT_FALSE(send(0, {large}));
  EXPECT_TRUE(send(1, {frame("hello")}));
  EXPECT_TRUE(quick.read_until("hello"));
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerStream, CutsOffWhoLeavesTooManyFrames) {
  StreamOptions options;
  options.queued_frames = 16;
  options.queued_bytes = SIZE_MAX;
  serve_streams(options);
  RawClient slow = subscribe();
  const Frame large = frame(std::string(1 << 20, 'x'));
  int sent = 0;
  while (sent < 2000 && send(0, {large})) ++sent;
  EXPECT_LT(sent, 2000);
}

TEST_F(HttpServerStream, CutsOffWhoStalls) {
  StreamOptions options;
  options.stalled_ms = 50;
  options.queued_bytes = SIZE_MAX;
  ServerOptions server_options;
  server_options.header_timeout_ms = 100;  // makes the sweep run often
  serve_streams(options, server_options);
  RawClient slow = subscribe();
  EXPECT_TRUE(send(0, {frame(std::string(32 << 20, 'x'))}));
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
}

TEST_F(HttpServerStream, DeliversWhatASlowReaderTakesInTheEnd) {
  serve_streams();
  RawClient peer = subscribe();
  std::string expected;
  std::vector<Frame> frames;
  for (int i = 0; i < 200; ++i) {
    frames.push_back(frame(std::to_string(i) + std::string(3000, static_cast<char>('a' + i % 26)) + "\n"));
    expected += *frames.back();
  }
  frames.push_back(frame("END"));
  EXPECT_TRUE(send(0, frames));
  EXPECT_EQ(peer.read_until("END"), expected + "END");
}

TEST_F(HttpServerStream, KeepsAQuietStreamAlive) {
  StreamOptions options;
  options.idle = frame(":\n\n");
  options.idle_ms = 20;
  ServerOptions server_options;
  server_options.header_timeout_ms = 100;
  serve_streams(options, server_options);
  RawClient peer = subscribe();
  EXPECT_TRUE(peer.read_until(":\n\n:\n\n:\n\n"));
}

TEST_F(HttpServerStream, EndsWhenItsTimeIsOver) {
  StreamOptions options;
  options.lives_ms = 30;
  ServerOptions server_options;
  server_options.header_timeout_ms = 100;
  serve_streams(options, server_options);
  RawClient peer = subscribe();
  EXPECT_TRUE(peer.read_end());
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
}

TEST_F(HttpServerStream, SaysItsLastWordWhereTheServerStops) {
  StreamOptions options;
  options.last = frame("event: bye\n\n");
  serve_streams(options);
  RawClient peer = subscribe();
  server_->stop(5000);
  EXPECT_TRUE(peer.read_until("event: bye\n\n"));
  EXPECT_TRUE(peer.read_end());
  EXPECT_EQ(closed_, 1);
}

TEST_F(HttpServerStream, AnswersHeadWithTheHeadAlone) {
  serve_streams();
  RawClient peer = client();
  peer.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_until("\r\n\r\n"));
  EXPECT_TRUE(peer.read_end());
}

TEST_F(HttpServerStream, DoesNotUseUpTheConnections) {
  ServerOptions options;
  options.connections = 4;
  serve_streams({}, options);
  std::vector<RawClient> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(subscribe());
  EXPECT_EQ(server_->open_connections(), 0U);
  EXPECT_TRUE(still_serves());
  for (std::size_t i = 0; i < peers.size(); ++i) EXPECT_TRUE(send(i, {frame("all")}));
  for (auto& peer : peers) EXPECT_TRUE(peer.read_until("all"));
}

TEST_F(HttpServerStream, RefusesAHeadThatCouldNotBeSent) {
  serve({}, [this](HttpRequest, Responder responder) {
    HttpResponse head;
    head.headers = {{"X-Broken", "a\r\nb"}};
    EXPECT_EQ(responder.stream(std::move(head), {}), nullptr);
    ++opened_;
  });
  RawClient peer = client();
  peer.send(kAsk);
  EXPECT_TRUE(eventually([&] { return opened_ == 1; }));
}

}  // namespace
}  // namespace tocsin::net
