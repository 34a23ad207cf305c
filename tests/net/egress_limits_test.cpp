// Bounds: of answers, of connections, of time, and of one endpoint's effect on the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "net/egress_receiver.hpp"

namespace tocsin::net::tests {
namespace {

std::string chunked(std::size_t bytes) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (; bytes > 0; bytes -= std::min<std::size_t>(bytes, 4096)) {
    const std::size_t size = std::min<std::size_t>(bytes, 4096);
    char line[16];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    text.append(line).append(size, 'x').append("\r\n");
  }
  return text + "0\r\nX-Trailer: t\r\n\r\n";
}

TEST(EgressLimits, KeepsTheBeginningOfALongBodyAndStillJudgesByStatus) {
  for (const std::size_t size : {std::size_t{20'000}, std::size_t{20'001}, std::size_t{1} << 20}) {
    Receiver receiver([&](const Received&) { return Reply{chunked(size)}; });
    const auto engine = start_engine();
    const auto response = exchange(*engine, post(receiver.url()));
    EXPECT_EQ(response.error, IoError::kNone) << response.reason;
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body.size(), 20'000U);
    EXPECT_EQ(response.body_truncated, size > 20'000) << size;
    EXPECT_EQ(response.headers.size(), 1U);  // no trailer among them
  }
}

TEST(EgressLimits, StopsReadingABodyWhoseLengthIsDeclaredHuge) {
  Receiver receiver([&](const Received&) {
    return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + std::string(200'000, 'x')};
  });
  const auto engine = start_engine();
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kNone) << response.reason;
  EXPECT_TRUE(response.body_truncated);
}

TEST(EgressLimits, GivesUpOnEndlessHeaders) {
  const auto flood = [](const std::string& line, int times) {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < times; ++i) {
      head += line;
    }
    return head;
  };
  for (const std::string& head :
       {flood("X: y\r\n", 1'000), flood("X: " + std::string(8'000, 'y') + "\r\n", 20),
        flood("X: " + std::string(200'000, 'y') + "\r\n", 1)}) {
    Receiver receiver([&](const Received&) { return Reply{head + "Content-Length: 0\r\n\r\n"}; });
    const auto engine = start_engine();
    const auto response = exchange(*engine, post(receiver.url()));
    EXPECT_EQ(response.error, IoError::kProtocol) << response.reason;
    EXPECT_LE(response.headers.size(), 100U);
  }
}

TEST(EgressLimits, HasNoMoreConnectionsThanAPoolMayHave) {
  Receiver receiver;
  const auto engine = start_engine();
  std::vector<std::future<ExchangeResponse>> answers;
  for (int i = 0; i < 200; ++i) {
    answers.push_back(send(*engine, post(receiver.url())));
  }
  for (auto& answer : answers) {
    EXPECT_EQ(answer.get().status, 200);
  }
  EXPECT_LE(receiver.connections(), 8);
}

TEST(EgressLimits, RunsAThousandExchangesAtOnce) {
  Receiver receiver([](const Received& request) {
    return Reply{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
                 request.body};
  });
  const auto engine = start_engine();
  std::vector<std::future<ExchangeResponse>> answers;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    auto request = post(receiver.url("/" + std::to_string(i)), std::to_string(i));
    request.pool = i / 4;
    request.timeout_ms = 60'000;
    answers.push_back(send(*engine, std::move(request)));
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto response = answers[i].get();
    EXPECT_EQ(response.status, 200) << response.reason;
    EXPECT_EQ(response.body, std::to_string(i));
  }
  EXPECT_EQ(receiver.received().size(), 1'000U);
  EXPECT_LE(receiver.connections(), 512);
}

TEST(EgressLimits, LetsNoHungEndpointDelayTheOthers) {
  Receiver hung([](const Received&) { return Reply{""}; });
  Receiver healthy;
  auto options = loopback_options();
  options.max_connections = 40;  // fewer than what the hung pools would like to have
  const auto engine = start_engine(options);
  std::vector<std::future<ExchangeResponse>> stuck;
  for (std::uint64_t i = 0; i < 100; ++i) {
    auto request = post(hung.url());
    request.pool = 1'000 + i % 5;
    request.timeout_ms = 600'000;
    stuck.push_back(send(*engine, std::move(request)));
  }
  const auto before = std::chrono::steady_clock::now();
  for (int round = 0; round < 20; ++round) {
    for (std::uint64_t pool = 0; pool < 19; ++pool) {
      auto request = post(healthy.url());
      request.pool = pool;
      ASSERT_EQ(exchange(*engine, std::move(request)).status, 200);
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
  for (auto& answer : stuck) {
    EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  }
  engine->stop();
  for (auto& answer : stuck) {
    EXPECT_EQ(answer.get().error, IoError::kCancelled);
  }
}

TEST(EgressLimits, CountsTheWaitForAConnectionTowardsTheTimeout) {
  Receiver hung([](const Received&) { return Reply{""}; });
  const auto engine = start_engine();
  std::vector<std::future<ExchangeResponse>> stuck;
  for (int i = 0; i < 8; ++i) {
    auto request = post(hung.url());
    request.timeout_ms = 600'000;
    stuck.push_back(send(*engine, std::move(request)));
  }
  auto request = post(hung.url());
  request.timeout_ms = 150;
  const auto response = exchange(*engine, std::move(request));
  EXPECT_EQ(response.error, IoError::kTimeout);
  EXPECT_FALSE(response.request_sent);
  engine->stop();
  for (auto& answer : stuck) {
    EXPECT_EQ(answer.get().error, IoError::kCancelled);
  }
}

TEST(EgressStop, CancelsWhatIsInFlightAndKnowsWhetherItLeft) {
  std::promise<void> arrived;
  Receiver hung([&](const Received&) {
    arrived.set_value();
    return Reply{""};
  });
  const auto engine = start_engine();
  auto request = post(hung.url());
  request.timeout_ms = 600'000;
  auto answer = send(*engine, std::move(request));
  arrived.get_future().wait();
  engine->stop();
  const auto response = answer.get();
  EXPECT_EQ(response.error, IoError::kCancelled);
  EXPECT_TRUE(response.request_sent);
}

TEST(EgressStop, AnswersWhatIsSubmittedBeforeTheStartOrAfterTheStop) {
  auto engine = ExchangeEngine::open(loopback_options()).value();
  auto early = send(*engine, post("http://127.0.0.1:1/"));
  engine->stop();
  EXPECT_EQ(early.get().error, IoError::kCancelled);
  EXPECT_EQ(exchange(*engine, post("http://127.0.0.1:1/")).error, IoError::kCancelled);
  engine->stop();
}

TEST(EgressStop, AnswersEachExactlyOnceWhenManyThreadsSubmitWhileItStops) {
  Receiver receiver;
  const auto engine = start_engine();
  std::vector<std::thread> threads;
  std::vector<std::vector<std::future<ExchangeResponse>>> answers(4);
  for (auto& mine : answers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        mine.push_back(send(*engine, post(receiver.url())));
      }
    });
  }
  engine->stop();
  for (auto& thread : threads) {
    thread.join();
  }
  for (auto& mine : answers) {
    for (auto& answer : mine) {
      ASSERT_EQ(answer.wait_for(std::chrono::seconds(60)), std::future_status::ready);
      const auto response = answer.get();
      EXPECT_TRUE(response.status == 200 || response.error == IoError::kCancelled) << response.reason;
    }
  }
}

}  // namespace
}  // namespace tocsin::net::tests
