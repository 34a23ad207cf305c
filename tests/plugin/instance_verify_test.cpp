// Testing a connection: the plugin's verify(), which ends like a delivery does, but for whom it is told to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tocsin/ext/inbox.h>

#include <future>
#include <stdexcept>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;

// Where a verification's end arrives.
class Verified {
 public:
  VerifyDone listener() {
    return [this](Attempt attempt) { promise_.set_value(std::move(attempt)); };  // throws where told twice
  }
  Attempt wait() {
    EXPECT_EQ(future_.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    return future_.get();
  }

 private:
  std::promise<Attempt> promise_;
  std::future<Attempt> future_ = promise_.get_future();
};

TEST(PluginVerify, TellsTheOneWhoAskedAndNotTheSink) {
  ChannelHost host;
  Script script;
  script.verify = [&](tocsin_delivery* delivery) {
    script.complete(delivery, TOCSIN_MISCONFIGURED, "test.auth", "wrong password");
  };
  const auto instance = host.make(script);
  EXPECT_TRUE((*instance)->type().verifies);
  Verified verified;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  const Attempt attempt = verified.wait();
  EXPECT_EQ(attempt.outcome.status, OutcomeStatus::kMisconfigured);
  EXPECT_EQ(attempt.outcome.code, "test.auth");
  EXPECT_EQ(attempt.outcome.detail, "wrong password");
  EXPECT_GT(attempt.started_ms, 0);
  (*instance)->stop(10'000);
  EXPECT_EQ(host.sink.count(), 0U);
}

TEST(PluginVerify, IsNotOfferedByATypeWithoutIt) {
  ChannelHost host;
  Script script;
  Table table;
  table.api.verify = nullptr;
  table.type.api = &table.api;
  const auto instance = host.make(script, table);
  EXPECT_FALSE((*instance)->type().verifies);
  (*instance)->stop(10'000);
}

TEST(PluginVerify, AThrowIsAFaultOfThePlugin) {
  ChannelHost host;
  Script script;
  script.verify = [](tocsin_delivery*) { throw std::runtime_error("no idea"); };
  const auto instance = host.make(script);
  Verified verified;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  EXPECT_EQ(verified.wait().outcome.detail, "the plugin threw from verify(): no idea");
  (*instance)->stop(10'000);
}

TEST(PluginVerify, ASecondCompletionIsBlamed) {
  ChannelHost host;
  Script script;
  script.verify = [&](tocsin_delivery* delivery) {
    script.complete(delivery);
    script.complete(delivery);
  };
  const auto instance = host.make(script);
  Verified verified;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  EXPECT_EQ(verified.wait().outcome.status, OutcomeStatus::kDelivered);
  (*instance)->stop(10'000);
  EXPECT_THAT((*instance)->fault(), HasSubstr("completed a verification twice"));
}

TEST(PluginVerify, EndsAtItsDeadline) {
  ChannelHost host;
  Script script;
  Signal asked;
  script.verify = [&](tocsin_delivery*) { asked.set(); };
  const auto instance = host.make(script);
  Verified verified;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  ASSERT_TRUE(asked.wait());
  (*instance)->expire(host.clock.unix_ms() + 2000);
  EXPECT_EQ(verified.wait().outcome.status, OutcomeStatus::kTimedOut);
  EXPECT_THAT((*instance)->fault(), HasSubstr("did not complete a verification in its time"));
  (*instance)->stop(10'000);
}

TEST(PluginVerify, EndsWhenTheInstanceIsStoppedAndIsRefusedAfterwards) {
  ChannelHost host;
  Script script;
  Signal asked;
  script.verify = [&](tocsin_delivery*) { asked.set(); };
  const auto instance = host.make(script);
  Verified verified, late;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  ASSERT_TRUE(asked.wait());
  (*instance)->stop(10'000);
  EXPECT_EQ(verified.wait().outcome.status, OutcomeStatus::kInterrupted);
  (*instance)->verify(host.clock.unix_ms() + 1000, late.listener());
  EXPECT_EQ(late.wait().outcome.status, OutcomeStatus::kInterrupted);
  EXPECT_EQ(host.sink.count(), 0U);
}

TEST(PluginVerify, MayNotLeaveAnInboxItem) {
  ChannelHost host;
  host.services.put_item = [](const std::string&, const InboxItem&, const auto&) {
    ADD_FAILURE() << "an item was put";
  };
  Script script;
  Table table;
  table.requires_ext[4] = TOCSIN_EXT_INBOX;
  tocsin_status status = TOCSIN_OK;
  script.verify = [&](tocsin_delivery* delivery) {
    tocsin_inbox_item item{};
    item.size = sizeof item;
    item.id = tocsin_lit("k");
    item.title = tocsin_lit("t");
    item.type = tocsin_lit("scan.failed");
    status = script.extension<tocsin_inbox>(TOCSIN_EXT_INBOX)
                 .put(
                     script.host, delivery, &item,
                     [](tocsin_instance*, tocsin_delivery*, const tocsin_inbox_result*, void*) {}, nullptr);
    script.complete(delivery);
  };
  const auto instance = host.make(script, table);
  ASSERT_TRUE(instance) << instance.error().detail;
  Verified verified;
  (*instance)->verify(host.clock.unix_ms() + 1000, verified.listener());
  verified.wait();
  EXPECT_EQ(status, TOCSIN_E_INVALID);
  (*instance)->stop(10'000);
}

}  // namespace
}  // namespace tocsin::plugin::tests
