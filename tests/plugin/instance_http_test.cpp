// HTTP from a plugin to a real receiver and back, with secrets on the wire and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "channel_host.hpp"
#include "net/egress_receiver.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin::tests {
namespace {

using net::tests::Received;
using net::tests::Receiver;
using net::tests::Reply;
using ::testing::HasSubstr;
using ::testing::Not;

// What a plugin saw of an answer.
struct Answer {
  std::uint32_t io_error = 99;
  int status = 0;
  bool request_sent = false;
  std::int64_t retry_after_ms = 0;
  std::string headers, body;
};

Answer copy(const tocsin_http_response& response) {
  Answer answer{response.io_error,
                response.status,
                response.request_sent != 0,
                response.retry_after_ms,
                "",
                std::string(view(response.body))};
  for (std::size_t i = 0; i < response.n_headers; ++i) {
    answer.headers += std::string(view(response.headers[i].key)) + '=' +
                      std::string(view(response.headers[i].value)) + '\n';
  }
  return answer;
}

// A channel that posts once for each delivery.
struct Poster {
  Script script;
  std::string url, secret, key;
  std::string body = "{}";
  std::vector<Answer> answers;
  std::vector<tocsin_status> refusals;
  std::string seen;  // all that the plugin could read of its settings

  Poster() {
    script.create = [this](const tocsin_doc& settings) {
      url = view(tocsin_find(&settings, "/url"));
      secret = view(tocsin_find(&settings, "/secret"));
      key = view(tocsin_find(&settings, "/headers/X-Key"));
      seen = view(settings.json);
    };
    script.deliver = [this](const tocsin_message&, tocsin_delivery* delivery) { post(delivery, url); };
  }
  tocsin_status post(tocsin_delivery* delivery, const std::string& to) {
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit(to.c_str());
    request.body = tocsin_lit(body.c_str());
    request.body_secrets = TOCSIN_BODY_JSON;
    const tocsin_kv header{tocsin_lit("X-Key"), tocsin_lit(key.c_str())};
    request.headers = &header;
    request.n_headers = key.empty() ? 0 : 1;
    const tocsin_status status = script.http().submit(script.host, delivery, &request, &answered, this);
    if (status != TOCSIN_OK) {
      refusals.push_back(status);
      script.complete(delivery, TOCSIN_MISCONFIGURED);
    }
    return status;
  }
  static void answered(tocsin_instance*, tocsin_delivery* delivery, const tocsin_http_response* response,
                       void* user) {
    auto& self = *static_cast<Poster*>(user);
    self.answers.push_back(copy(*response));
    const int status = response->status;
    self.script.complete(delivery, status >= 200 && status < 300 ? TOCSIN_DELIVERED : TOCSIN_RETRY,
                         "test.answer", self.answers.back().body.c_str());
  }
};

std::string settings_for(const Receiver& receiver) {
  return R"({"url":")" + receiver.url() + R"(","secret":"CANARY-ONE","headers":{"X-Key":"CANARY-TWO"}})";
}

TEST(ChannelHttp, DeliversAndWritesDownTheAnswer) {
  const Receiver receiver([](const Received&) {
    return Reply{"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Note: Hello\r\nContent-Length: 4\r\n\r\nbusy",
                 false};
  });
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host.sink.wait(1)[0].attempt;
  EXPECT_EQ(attempt.outcome.status, OutcomeStatus::kRetry);
  EXPECT_EQ(attempt.outcome.code, "test.answer");
  EXPECT_EQ(attempt.http_status, 503);
  EXPECT_EQ(attempt.remote_address, "127.0.0.1:" + std::to_string(receiver.port()));
  EXPECT_EQ(attempt.response, "busy");
  ASSERT_EQ(poster.answers.size(), 1U);
  EXPECT_EQ(poster.answers[0].io_error, static_cast<std::uint32_t>(TOCSIN_IO_OK));
  EXPECT_EQ(poster.answers[0].retry_after_ms, 7'000);
  EXPECT_TRUE(poster.answers[0].request_sent);
  EXPECT_THAT(poster.answers[0].headers, HasSubstr("x-note=Hello\n"));
  (*instance)->stop(10'000);
}

TEST(ChannelHttp, SwapsSecretsOnTheWireAndShowsThemNowhereElse) {
  const Receiver receiver([](const Received& request) {  // a receiver that echoes all it got
    const std::string body = request.head + request.body;
    return Reply{"HTTP/1.1 400 No\r\nX-Echo: CANARY-TWO\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body,
                 false};
  });
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  ASSERT_TRUE(instance);
  poster.body = R"({"key":")" + poster.secret + R"("})";
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host.sink.wait(1)[0].attempt;
  const Received received = receiver.received().at(0);
  EXPECT_THAT(received.head, HasSubstr("X-Key: CANARY-TWO\r\n"));
  EXPECT_EQ(received.body, R"({"key":"CANARY-ONE"})");
  EXPECT_THAT(poster.seen, Not(HasSubstr("CANARY")));
  EXPECT_THAT(poster.answers[0].body, Not(HasSubstr("CANARY")));
  EXPECT_THAT(poster.answers[0].headers, HasSubstr("x-echo=[redacted]"));
  EXPECT_THAT(attempt.response, Not(HasSubstr("CANARY")));
  EXPECT_THAT(attempt.response, HasSubstr("X-Key: [redacted]"));
  EXPECT_THAT(attempt.outcome.detail, Not(HasSubstr("CANARY")));
  (*instance)->stop(10'000);
  for (const auto& line : host.log()) EXPECT_THAT(line, Not(HasSubstr("CANARY")));
}

TEST(ChannelHttp, RefusesEgressThatIsNotDeclared) {
  const Receiver declared, other;
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(), settings_for(declared));
  ASSERT_TRUE(instance);
  poster.url = other.url();
  (*instance)->deliver({make_job(1)});
  host.sink.wait(1);
  EXPECT_EQ(poster.refusals, std::vector<tocsin_status>{TOCSIN_E_DENIED});
  EXPECT_TRUE(other.received().empty());
  (*instance)->stop(10'000);
}

TEST(ChannelHttp, TellsThePluginAndTheRecordThatNobodyListens) {
  ChannelHost host;
  Poster poster;
  const std::string url = "http://127.0.0.1:" + std::to_string(net::tests::closed_port()) + "/";
  const auto instance = host.make(poster.script, Table(), R"({"url":")" + url + R"("})");
  ASSERT_TRUE(instance);
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host.sink.wait(1)[0].attempt;
  EXPECT_EQ(poster.answers[0].io_error, static_cast<std::uint32_t>(TOCSIN_IO_CONNECT));
  EXPECT_FALSE(poster.answers[0].request_sent);
  EXPECT_EQ(attempt.http_status, 0);
  EXPECT_NE(attempt.outcome.detail, "");  // the engine's reason, where the plugin gave none
  (*instance)->stop(10'000);
}

TEST(ChannelHttp, KnowsAHandleThatIsNotLive) {
  const Receiver receiver;
  ChannelHost host;
  Poster poster;
  tocsin_status after = TOCSIN_OK;
  Signal tried;  // before the stop, which would be the answer
  poster.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    poster.script.complete(delivery);
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit(poster.url.c_str());
    after = poster.script.http().submit(poster.script.host, delivery, &request, &Poster::answered, &poster);
    tried.set();
  };
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  (*instance)->deliver({make_job(1)});
  host.sink.wait(1);
  EXPECT_TRUE(tried.wait());
  (*instance)->stop(10'000);
  EXPECT_EQ(after, TOCSIN_E_STALE);
}

TEST(ChannelHttp, BoundsTheExchangesOfADelivery) {
  Signal release;
  const Receiver receiver([&](const Received&) {
    EXPECT_TRUE(release.wait());
    return Reply{};
  });
  ChannelHost host;
  Poster poster;
  std::vector<tocsin_status> statuses;
  std::atomic<int> answers{0};
  struct Count {
    static void answered(tocsin_instance*, tocsin_delivery*, const tocsin_http_response*, void* user) {
      ++*static_cast<std::atomic<int>*>(user);
    }
  };
  poster.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit(poster.url.c_str());
    for (int i = 0; i < 17; ++i) {
      statuses.push_back(
          poster.script.http().submit(poster.script.host, delivery, &request, &Count::answered, &answers));
    }
    poster.script.complete(delivery);
  };
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  (*instance)->deliver({make_job(1)});
  host.sink.wait(1);
  release.set();
  (*instance)->stop(10'000);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), TOCSIN_OK), 16);
  EXPECT_EQ(statuses.back(), TOCSIN_E_BUSY);
  EXPECT_EQ(answers, 16) << "each accepted submit has its callback, also after completion";
}

TEST(ChannelHttp, EndsExchangesAsCancelledWhenAskedToGiveUp) {
  Signal arrived, release;
  const Receiver receiver([&](const Received&) {
    arrived.set();
    EXPECT_TRUE(release.wait());
    return Reply{};
  });
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  (*instance)->deliver({make_job(3)});
  ASSERT_TRUE(arrived.wait());
  (*instance)->cancel(3);
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kRetry);
  EXPECT_EQ(poster.answers.at(0).io_error, static_cast<std::uint32_t>(TOCSIN_IO_CANCELLED));
  release.set();
  (*instance)->stop(10'000);
  EXPECT_EQ(poster.answers.size(), 1U);
}

TEST(ChannelHttp, CallsBackOnceAndForgetsTheAnswerThatComesAfterTheEnd) {
  Signal arrived, release;
  const Receiver receiver([&](const Received&) {
    arrived.set();
    EXPECT_TRUE(release.wait());
    return Reply{};
  });
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  (*instance)->deliver({make_job(3)});
  ASSERT_TRUE(arrived.wait());
  (*instance)->expire(host.clock.unix_ms() + 600'000);
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kTimedOut);
  release.set();
  (*instance)->stop(10'000);
  EXPECT_EQ(poster.answers.size(), 1U);
  EXPECT_EQ(host.sink.count(), 1U);
}

TEST(ChannelHttp, EndsWithBadRequestWhereASecretCannotBeSent) {
  const Receiver receiver;
  ChannelHost host;
  Poster poster;
  const auto instance = host.make(poster.script, Table(),
                                  R"({"url":")" + receiver.url() + R"(","headers":{"X-Key":"f\u00fcr"}})");
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host.sink.wait(1)[0].attempt;
  EXPECT_EQ(poster.answers.at(0).io_error, static_cast<std::uint32_t>(TOCSIN_IO_BAD_REQUEST));
  EXPECT_THAT(attempt.outcome.detail, HasSubstr("a secret cannot stand in a header"));
  EXPECT_TRUE(receiver.received().empty());
  (*instance)->stop(10'000);
}

TEST(ChannelHttp, AThrowFromACallbackEndsItsDelivery) {
  const Receiver receiver;
  ChannelHost host;
  Poster poster;
  poster.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit(poster.url.c_str());
    poster.script.http().submit(
        poster.script.host, delivery, &request,
        [](tocsin_instance*, tocsin_delivery*, const tocsin_http_response*, void*) {
          throw std::runtime_error("eek");
        },
        nullptr);
  };
  const auto instance = host.make(poster.script, Table(), settings_for(receiver));
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host.sink.wait(1)[0].attempt;
  EXPECT_EQ(attempt.outcome.code, "plugin.threw");
  EXPECT_EQ(attempt.http_status, 200);
  (*instance)->stop(10'000);
}

TEST(ChannelHttp, CarriesAThousandDeliveriesFromManyThreadsExactlyOnceEach) {
  const Receiver receiver;
  ChannelHost host(3);
  std::deque<Poster> posters(4);
  std::vector<std::shared_ptr<ChannelInstance>> instances;
  for (auto& poster : posters)
    instances.push_back(*host.make(poster.script, Table(), settings_for(receiver)));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        std::vector<Job> jobs;
        for (int j = 0; j < 10; ++j) jobs.push_back(make_job(1 + t * 1'000 + i * 10 + j));
        instances[static_cast<std::size_t>((t + i) % 4)]->deliver(std::move(jobs));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto results = host.sink.wait(1'000);
  std::sort(results.begin(), results.end(),
            [](const auto& a, const auto& b) { return a.delivery < b.delivery; });
  for (std::size_t i = 0; i + 1 < results.size(); ++i)
    EXPECT_NE(results[i].delivery, results[i + 1].delivery);
  for (const auto& result : results) EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kDelivered);
  for (const auto& instance : instances) {
    instance->stop(10'000);
    EXPECT_EQ(instance->fault(), "");
  }
  EXPECT_EQ(receiver.received().size(), 1'000U);
}

}  // namespace
}  // namespace tocsin::plugin::tests
