// What goes out and what comes back, over real sockets on loopback.
#include <gtest/gtest.h>

#include <condition_variable>

#include "net/egress_receiver.hpp"

namespace tocsin::net::tests {
namespace {

std::string answer(const std::string& head, const std::string& body = "") {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string_view find_header(const ExchangeResponse& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) {
      return header.value;
    }
  }
  return "(none)";
}

TEST(Egress, SendsARequestAndReadsItsAnswer) {
  Receiver receiver([](const Received&) {
    return Reply{"HTTP/1.1 201 Created\r\nX-Mixed-Case:  a b \r\nContent-Length: 5\r\n\r\nhello"};
  });
  const auto engine = start_engine();
  auto request = post(receiver.url("/a/../b?x=%2F&y"), "{\"k\":\"é\"}");
  request.headers.push_back({"X-Empty", ""});
  request.headers.push_back({"webhook-id", "evt_1"});
  const auto response = exchange(*engine, std::move(request));
  EXPECT_EQ(response.error, IoError::kNone);
  EXPECT_EQ(response.reason, "");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "hello");
  EXPECT_FALSE(response.body_truncated);
  EXPECT_TRUE(response.request_sent);
  EXPECT_EQ(find_header(response, "x-mixed-case"), "a b");
  EXPECT_EQ(response.remote_address, "127.0.0.1:" + std::to_string(receiver.port()));
  EXPECT_GT(response.duration_us, 0);
  const auto received = receiver.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].body, "{\"k\":\"é\"}");
  EXPECT_EQ(received[0].head,
            "POST /a/../b?x=%2F&y HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(receiver.port()) +
                "\r\nUser-Agent: tocsin\r\nAccept: */*\r\nContent-Type: application/json\r\n"
                "X-Empty:\r\nwebhook-id: evt_1\r\nContent-Length: 10\r\n\r\n");
}

TEST(Egress, SendsEveryMethodWithAndWithoutABody) {
  Receiver receiver;
  const auto engine = start_engine();
  for (const char* method : {"POST", "PUT", "PATCH", "GET", "DELETE", "POST"}) {
    for (const char* body : {"", "body"}) {
      ExchangeRequest request;
      request.method = method;
      request.url = receiver.url();
      request.body = body;
      EXPECT_EQ(exchange(*engine, request).status, 200) << method;
      const auto received = receiver.received().back();
      EXPECT_TRUE(received.head.starts_with(std::string(method) + " /hook HTTP/1.1\r\n")) << received.head;
      EXPECT_EQ(received.body, body);
      EXPECT_EQ(received.head.find("Content-Type"), std::string::npos);
      EXPECT_EQ(received.head.find("Expect"), std::string::npos);
    }
  }
  EXPECT_EQ(receiver.connections(), 1);  // kept alive throughout
}

TEST(Egress, SendsALargeBodyWithoutWaitingForAContinue) {
  Receiver receiver;
  const auto engine = start_engine();
  const std::string body(3 << 20, 'x');
  EXPECT_EQ(exchange(*engine, post(receiver.url(), body)).status, 200);
  EXPECT_EQ(receiver.received().at(0).body, body);
  EXPECT_EQ(receiver.received().at(0).head.find("Expect"), std::string::npos);
}

TEST(Egress, DoesNotFollowARedirect) {
  Receiver elsewhere;
  Receiver receiver(
      [&](const Received&) { return Reply{answer("302 Found\r\nLocation: " + elsewhere.url("/stolen"))}; });
  const auto engine = start_engine();
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kNone);
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(find_header(response, "location"), elsewhere.url("/stolen"));
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(Egress, ReportsTheFinalAnswerAfterInterimOnes) {
  Receiver receiver([](const Received&) {
    return Reply{"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer("410 Gone", "no")};
  });
  const auto engine = start_engine();
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.status, 410);
  EXPECT_EQ(find_header(response, "link"), "(none)");
}

TEST(Egress, NamesAConnectionThatIsRefused) {
  const auto engine = start_engine();
  const auto response =
      exchange(*engine, post("http://127.0.0.1:" + std::to_string(closed_port()) + "/s3cret"));
  EXPECT_EQ(response.error, IoError::kConnect);
  EXPECT_EQ(response.reason, "connection refused");
  EXPECT_FALSE(response.request_sent);
  EXPECT_EQ(response.status, 0);
}

TEST(Egress, TimesOutOnAServerThatNeverAnswersAndSaysThatTheRequestLeft) {
  Receiver receiver([](const Received&) { return Reply{""}; });
  const auto engine = start_engine();
  auto request = post(receiver.url());
  request.timeout_ms = 200;
  const auto response = exchange(*engine, std::move(request));
  EXPECT_EQ(response.error, IoError::kTimeout);
  EXPECT_TRUE(response.request_sent);
  EXPECT_GE(response.duration_us, 190'000);
}

TEST(Egress, KeepsTheStatusOfAnAnswerThatStalls) {
  Receiver receiver(
      [](const Received&) { return Reply{"HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nhalf"}; });
  const auto engine = start_engine();
  auto request = post(receiver.url());
  request.timeout_ms = 200;
  const auto response = exchange(*engine, std::move(request));
  EXPECT_EQ(response.error, IoError::kTimeout);
  EXPECT_EQ(response.status, 503);
}

TEST(Egress, ReportsAConnectionClosedBeforeTheAnswerWasWhole) {
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"}) {
    Receiver receiver([&](const Received&) { return Reply{bytes, true}; });
    const auto engine = start_engine();
    const auto response = exchange(*engine, post(receiver.url()));
    EXPECT_EQ(response.error, IoError::kClosed) << bytes;
    EXPECT_TRUE(response.request_sent);
  }
}

TEST(Egress, CallsBytesThatAreNotHttpAProtocolError) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/9.9 200 OK\r\n\r\n", "\x16\x03\x01junk\r\n\r\n"}) {
    Receiver receiver([&](const Received&) { return Reply{bytes, true}; });
    const auto engine = start_engine();
    const auto response = exchange(*engine, post(receiver.url()));
    EXPECT_EQ(response.error, IoError::kProtocol) << bytes << to_string(response.error);
    EXPECT_EQ(response.status, 0);
  }
}

TEST(Egress, NeverSendsARequestTwiceOnItsOwn) {
  // The second request arrives on the kept connection, which then dies without an answer.
  Receiver receiver([](const Received& request) {
    return request.body == "second" ? Reply{"", true} : Reply{answer("200 OK")};
  });
  const auto engine = start_engine();
  EXPECT_EQ(exchange(*engine, post(receiver.url(), "first")).status, 200);
  const auto response = exchange(*engine, post(receiver.url(), "second"));
  EXPECT_EQ(response.error, IoError::kClosed);
  EXPECT_TRUE(response.request_sent);
  EXPECT_EQ(receiver.received().size(), 2U);
  EXPECT_EQ(exchange(*engine, post(receiver.url(), "third")).status, 200);
}

TEST(Egress, OpensANewConnectionWhereTheKeptOneWasClosed) {
  Receiver receiver([](const Received&) { return Reply{answer("200 OK"), true}; });
  const auto engine = start_engine();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(exchange(*engine, post(receiver.url())).status, 200);
    // A request that crosses the close on its way would rightly be uncertain.
    while (receiver.closed() <= i) std::this_thread::yield();
  }
  EXPECT_EQ(receiver.connections(), 3);
}

TEST(Egress, RefusesARequestThatIsNotSendable) {
  Receiver receiver;
  const auto engine = start_engine();
  const auto refused = [&](auto change) {
    auto request = post(receiver.url());
    change(request);
    const auto response = exchange(*engine, std::move(request));
    EXPECT_FALSE(response.request_sent);
    EXPECT_NE(response.reason, "");
    EXPECT_EQ(response.reason.find("s3cret"), std::string::npos);
    return response.error;
  };
  for (const char* method : {"", "HEAD", "post", "POST / HTTP/1.1\r\nX: y", "CONNECT", "OPTIONS"}) {
    EXPECT_EQ(refused([&](ExchangeRequest& r) { r.method = method; }), IoError::kInvalid) << method;
  }
  for (const char* name :
       {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "X A", "X:A", "", "X\r\nY"}) {
    EXPECT_EQ(refused([&](ExchangeRequest& r) {
                r.headers.push_back({name, "1"});
              }),
              IoError::kInvalid)
        << name;
  }
  for (const std::string& value : {std::string("s3cret\r\nX: y"), std::string("s3cret\n"),
                                   std::string("s3\0cret", 7), std::string("s3cret ")}) {
    EXPECT_EQ(refused([&](ExchangeRequest& r) { r.headers.push_back({"X-A", value}); }), IoError::kInvalid);
  }
  for (const char* url :
       {"", "ftp://127.0.0.1/", "s3cret", "http://127.0.0.1/\r\ns3cret", "http://u:s3cret@127.0.0.1/"}) {
    EXPECT_EQ(refused([&](ExchangeRequest& r) { r.url = url; }), IoError::kInvalid) << url;
  }
  EXPECT_EQ(receiver.connections(), 0);
}

TEST(Egress, CallsTheHookAfterEachBatchOfAnswers) {
  Receiver receiver;
  auto engine = ExchangeEngine::open(loopback_options()).value();
  std::mutex mutex;
  std::condition_variable changed;
  int answers = 0;
  int seen = 0;
  engine->on_batch_done([&] {
    const std::lock_guard lock(mutex);
    seen = answers;
    changed.notify_one();
  });
  engine->start();
  for (int i = 0; i < 20; ++i) {
    engine->submit(post(receiver.url()), [&](const ExchangeResponse&) {
      const std::lock_guard lock(mutex);
      ++answers;
    });
  }
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return seen == 20; }));
  lock.unlock();
  engine->stop();
}

TEST(Egress, RefusesToOpenWithoutItsTrustedCertificates) {
  auto options = loopback_options();
  options.ca_file = "/nonexistent/ca.pem";
  const auto opened = ExchangeEngine::open(options);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("egress.ca_file"), std::string::npos);
}

TEST(IoErrorName, IsOneWordForEach) {
  EXPECT_EQ(to_string(IoError::kNone), "none");
  EXPECT_EQ(to_string(IoError::kBlocked), "blocked");
  EXPECT_EQ(to_string(IoError::kLocal), "local");
}

}  // namespace
}  // namespace tocsin::net::tests
