// The end of an instance: nothing is lost, nothing comes after it, and nothing waits for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tocsin/ext/inbox.h>

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

constexpr const char* kLate =
    "ops/pager: plugin test.channel called its host after destroy() had returned: a thread of its own goes "
    "on";

// Of every function that a plugin has, as a thread of its own would that nobody joined.
void call_everything(const Script& script, tocsin_delivery* delivery) {
  const tocsin_host* const host = script.host;
  EXPECT_EQ(std::string(host->team.ptr, host->team.len), "ops");
  script.complete(delivery, TOCSIN_REJECTED);
  tocsin_http_request request{};
  request.size = sizeof request;
  request.url = tocsin_lit("https://example.com/");
  const auto answered = [](tocsin_instance*, tocsin_delivery*, const tocsin_http_response*, void*) {};
  EXPECT_EQ(script.http().submit(host, delivery, &request, answered, nullptr), TOCSIN_E_CLOSING);
  tocsin_smtp_mail mail{};
  mail.size = sizeof mail;
  const auto mailed = [](tocsin_instance*, tocsin_delivery*, const tocsin_smtp_reply*, void*) {};
  EXPECT_EQ(script.smtp().submit(host, delivery, &mail, mailed, nullptr), TOCSIN_E_CLOSING);
  tocsin_error error{};
  EXPECT_EQ(script.smtp().check(host, &mail, &error), TOCSIN_E_CLOSING);
  tocsin_inbox_item item{};
  item.size = sizeof item;
  const auto put = [](tocsin_instance*, tocsin_delivery*, const tocsin_inbox_result*, void*) {};
  EXPECT_EQ(script.extension<tocsin_inbox>(TOCSIN_EXT_INBOX).put(host, delivery, &item, put, nullptr),
            TOCSIN_E_CLOSING);
  std::uint64_t timer = 0;
  const auto fired = [](tocsin_instance*, void*) {};
  EXPECT_EQ(script.clock().unix_ms(host), 0);
  EXPECT_EQ(script.clock().steady_ms(host), 0);
  EXPECT_EQ(script.clock().start_timer(host, 1, fired, nullptr, &timer), TOCSIN_E_CLOSING);
  EXPECT_EQ(script.clock().cancel_timer(host, 1), TOCSIN_E_CLOSING);
  std::uint8_t mac[64];
  const tocsin_str key = tocsin_lit("tsec_1");
  EXPECT_EQ(script.secret().hmac_sha256(host, key, TOCSIN_KEY_RAW, nullptr, 0, mac), TOCSIN_E_CLOSING);
  EXPECT_EQ(script.secret().sign_ed25519(host, key, TOCSIN_KEY_WHSK, nullptr, 0, mac), TOCSIN_E_CLOSING);
  script.extension<tocsin_log>(TOCSIN_EXT_LOG)
      .write(host, delivery, TOCSIN_LOG_INFO, tocsin_lit("still there"), nullptr, 0);
  EXPECT_EQ(host->get_extension(host, "acme.teleport/1"), nullptr);
}

void complete_and_keep(Script& script, tocsin_delivery*& last) {
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    last = delivery;
    script.complete(delivery);
  };
}

TEST(ChannelLife, ACallAfterDestroyTouchesNothingAndIsNamedOnce) {
  ChannelHost host;
  Script script;
  tocsin_delivery* last = nullptr;
  complete_and_keep(script, last);
  {
    const auto instance = host.make(script);
    ASSERT_TRUE(instance) << instance.error().detail;
    (*instance)->deliver({make_job(1)});
    host.sink.wait(1);
    (*instance)->stop(10'000);
    EXPECT_THAT(host.log(), ::testing::IsEmpty());
    call_everything(script, last);
    EXPECT_EQ((*instance)->fault(), "") << "it is nobody's any more";
  }
  call_everything(script, last);  // and now its memory is somebody else's
  EXPECT_THAT(host.log(), ::testing::ElementsAre(kLate));
  EXPECT_EQ(host.sink.count(), 1U);
}

TEST(ChannelLife, ACallAfterARefusalOfTheSettingsIsNamedAsThat) {
  ChannelHost host;
  Script script;
  script.refuse = [](tocsin_error* error) { return tocsin_fail(error, "/url", "no"); };
  ASSERT_FALSE(host.make(script));
  call_everything(script, nullptr);
  EXPECT_THAT(host.log(), ::testing::ElementsAre(HasSubstr("after create() had made no instance")));
}

TEST(ChannelLife, ACallFromDestroyIsNotTakenForALateOne) {
  ChannelHost host;
  Script script;
  tocsin_delivery* last = nullptr;
  complete_and_keep(script, last);
  script.destroy = [&] { script.complete(last, TOCSIN_REJECTED); };
  {
    const auto stopped = host.make(script);
    (*stopped)->deliver({make_job(1)});
    host.sink.wait(1);
    (*stopped)->stop(10'000);
  }
  EXPECT_THAT(host.log(),
              ::testing::ElementsAre(HasSubstr("completed delivery " + format_delivery_id(1) + " twice")));
  {
    const auto dropped = host.make(script);
    (*dropped)->deliver({make_job(2)});
    host.sink.wait(2);
  }
  host.pool.stop();
  EXPECT_EQ(script.destroyed, 2);
  EXPECT_EQ(host.log().size(), 1U);
  script.complete(last);
  EXPECT_EQ(host.log().back(), kLate);
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
