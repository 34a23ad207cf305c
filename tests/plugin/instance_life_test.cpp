// The end of an instance: nothing is lost, nothing comes after it, and nothing waits for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel_host.hpp"
#include "net/egress_receiver.hpp"

namespace tocsin::plugin::tests {
namespace {

using net::tests::Received;
using net::tests::Receiver;
using net::tests::Reply;
using ::testing::HasSubstr;

TEST(ChannelLife, InterruptsWhatIsInFlightAndDestroysAfterTheLastCallback) {
  Signal arrived, release;
  const Receiver receiver([&](const Received&) {
    arrived.set();
    EXPECT_TRUE(release.wait());
    return Reply{};
  });
  ChannelHost host;
  Script script;
  int answers = 0;
  std::string title;
  struct Context {
    int* answers;
    const tocsin_message* message;
    std::string* title;
  } context{&answers, nullptr, &title};
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    context.message = &message;
    const std::string url = receiver.url();
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit(url.c_str());
    script.http().submit(
        script.host, delivery, &request,
        [](tocsin_instance*, tocsin_delivery*, const tocsin_http_response* response, void* user) {
          auto& seen = *static_cast<Context*>(user);
          ++*seen.answers;
          EXPECT_EQ(response->io_error, static_cast<std::uint32_t>(TOCSIN_IO_CANCELLED));
          const tocsin_str text = seen.message->events[0]->title;  // still there
          *seen.title = std::string(text.ptr, text.len);
        },
        &context);
  };
  script.destroy = [&] { EXPECT_EQ(answers, 1); };
  const auto instance = host.make(script, Table(), R"({"url":")" + receiver.url() + R"("})");
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver({make_job(1)});
  ASSERT_TRUE(arrived.wait());
  (*instance)->stop(10'000);
  EXPECT_EQ(script.destroyed, 1);
  EXPECT_EQ(title, "Disk full");
  const auto result = host.sink.wait(1)[0];
  EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kInterrupted);
  (*instance)->stop(10'000);  // again: nothing
  release.set();
  EXPECT_EQ(script.destroyed, 1);
  EXPECT_EQ(host.sink.count(), 1U);
}

TEST(ChannelLife, RefusesWorkAfterTheStopByInterruptingIt) {
  ChannelHost host;
  Script script;
  const auto instance = host.make(script);
  (*instance)->stop(10'000);
  (*instance)->deliver({make_job(5)});
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kInterrupted);
}

TEST(ChannelLife, LeavesAPluginBehindThatDoesNotReturn) {
  ChannelHost host(2);
  Script script;
  Signal entered, release, left;
  tocsin_status late = TOCSIN_OK;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    entered.set();
    EXPECT_TRUE(release.wait());
    tocsin_http_request request{};
    request.size = sizeof request;
    request.url = tocsin_lit("https://example.com/");
    late = script.http().submit(
        script.host, delivery, &request,
        [](tocsin_instance*, tocsin_delivery*, const tocsin_http_response*, void*) {}, nullptr);
    EXPECT_EQ(script.clock().unix_ms(script.host), 0);
    script.complete(delivery);
  };
  script.destroy = [&] { left.set(); };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  ASSERT_TRUE(entered.wait());
  (*instance)->stop(1);
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kInterrupted);
  EXPECT_THAT(host.log().back(), HasSubstr("is left behind"));
  release.set();
  EXPECT_TRUE(left.wait());
  EXPECT_EQ(late, TOCSIN_E_CLOSING);
  EXPECT_EQ(host.sink.count(), 1U);
}

TEST(ChannelLife, DestroysThePluginWhenItIsDroppedWithoutAStop) {
  ChannelHost host;
  Script script;
  {
    const auto instance = host.make(script);
    ASSERT_TRUE(instance);
    (*instance)->deliver({make_job(1)});
    host.sink.wait(1);
  }
  host.pool.stop();
  EXPECT_EQ(script.destroyed, 1);
}

TEST(ChannelLife, ForgetsTheSecretsWithTheInstance) {
  ChannelHost host;
  Script script;
  std::string token;
  script.create = [&](const tocsin_doc& settings) {
    const tocsin_str text = tocsin_find(&settings, "/secret");
    token.assign(text.ptr, text.len);
  };
  const auto instance = host.make(script, Table(), R"({"secret":"Jefe"})");
  (*instance)->stop(10'000);
  std::string text = token;
  for (std::uint64_t owner = 0; owner < 10; ++owner) std::ignore = host.vault.swap(owner, text);
  EXPECT_EQ(text, token);
}

TEST(ChannelLife, CancelsADeliveryThatThePluginHasNotSeen) {
  ChannelHost host(1);
  Script script;
  Signal entered, release;
  int given = 0;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    ++given;
    entered.set();
    EXPECT_TRUE(release.wait());
    script.complete(delivery);
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  ASSERT_TRUE(entered.wait());
  (*instance)->deliver({make_job(2)});
  (*instance)->cancel(2);
  (*instance)->cancel(3);  // nobody's
  const auto result = host.sink.wait(1)[0];
  EXPECT_EQ(result.delivery, 2);
  EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kInterrupted);
  release.set();
  host.sink.wait(2);
  (*instance)->stop(10'000);
  EXPECT_EQ(given, 1);
}

}  // namespace
}  // namespace tocsin::plugin::tests
