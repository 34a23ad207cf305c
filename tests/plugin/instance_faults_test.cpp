// What a plugin can do wrong, and that it costs its own delivery only: an outcome, a line, a fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;

TEST(PluginFaults, AThrowEndsTheDeliveryAndTheNextOneRuns) {
  ChannelHost host;
  Script script;
  bool first = true;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    if (std::exchange(first, false)) throw std::runtime_error("out of ideas");
    script.complete(delivery);
  };
  const auto instance = host.make(script);
  std::vector<Job> jobs;
  jobs.push_back(make_job(1));
  jobs.push_back(make_job(2));
  (*instance)->deliver(std::move(jobs));
  const auto results = host.sink.wait(2);
  EXPECT_EQ(results[0].attempt.outcome.status, OutcomeStatus::kPluginFault);
  EXPECT_EQ(results[0].attempt.outcome.code, "plugin.threw");
  EXPECT_EQ(results[0].attempt.outcome.detail, "the plugin threw from deliver(): out of ideas");
  EXPECT_EQ(results[1].attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ((*instance)->fault(), "plugin test.channel threw from deliver(): out of ideas");
  EXPECT_THAT(host.log().back(), HasSubstr("threw from deliver()"));
  (*instance)->stop(10'000);
}

TEST(PluginFaults, AThrowOfNoExceptionIsCaughtToo) {
  ChannelHost host;
  Script script;
  script.deliver = [](const tocsin_message&, tocsin_delivery*) { throw 7; };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  EXPECT_THAT(host.sink.wait(1)[0].attempt.outcome.detail, HasSubstr("no std::exception"));
  (*instance)->stop(10'000);
}

TEST(PluginFaults, AThrowAfterCompletionIsAFaultButNoSecondEnd) {
  ChannelHost host;
  Script script;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    script.complete(delivery);
    throw std::runtime_error("late");
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kDelivered);
  (*instance)->stop(10'000);
  EXPECT_EQ(host.sink.count(), 1U);
  EXPECT_THAT((*instance)->fault(), HasSubstr("late"));
}

TEST(PluginFaults, ASecondCompletionChangesNothingAndIsBlamed) {
  ChannelHost host;
  Script script;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    script.complete(delivery);
    script.complete(delivery, TOCSIN_REJECTED);
    script.complete(delivery, TOCSIN_REJECTED);
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(77)});
  EXPECT_EQ(host.sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kDelivered);
  (*instance)->stop(10'000);
  EXPECT_EQ(host.sink.count(), 1U);
  EXPECT_EQ((*instance)->fault(), "plugin test.channel completed delivery " + format_delivery_id(77) +
                                      " twice (2 faults since it was made)");
}

TEST(PluginFaults, AHandleThatNeverWasIsBlamed) {
  ChannelHost host;
  Script script;
  const auto instance = host.make(script);
  ASSERT_TRUE(instance);
  script.complete(nullptr);
  script.complete(reinterpret_cast<tocsin_delivery*>(0x1234567800000009));
  EXPECT_THAT((*instance)->fault(), HasSubstr("never given"));
  (*instance)->stop(10'000);
}

TEST(PluginFaults, AnOutcomeThatMeansNothingIsAFault) {
  for (const int status : {0, -1, 10, 34}) {
    ChannelHost host;
    Script script;
    script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
      script.complete(delivery, status);
    };
    const auto instance = host.make(script);
    (*instance)->deliver({make_job(1)});
    const Outcome outcome = host.sink.wait(1)[0].attempt.outcome;
    EXPECT_EQ(outcome.status, OutcomeStatus::kPluginFault);
    EXPECT_EQ(outcome.code, "plugin.bad_outcome");
    EXPECT_THAT(outcome.detail, HasSubstr("the status " + std::to_string(status)));
    (*instance)->stop(10'000);
  }
}

TEST(PluginFaults, NoOutcomeOrATinyOneIsAFault) {
  ChannelHost host;
  Script script;
  bool first = true;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    tocsin_outcome tiny{};
    tiny.size = 8;
    tiny.status = TOCSIN_DELIVERED;
    script.host->complete(script.host, delivery, std::exchange(first, false) ? nullptr : &tiny);
  };
  const auto instance = host.make(script);
  std::vector<Job> jobs;
  jobs.push_back(make_job(1));
  jobs.push_back(make_job(2));
  (*instance)->deliver(std::move(jobs));
  for (const auto& result : host.sink.wait(2)) EXPECT_EQ(result.attempt.outcome.code, "plugin.bad_outcome");
  (*instance)->stop(10'000);
}

TEST(PluginFaults, ADeliveryThatIsNeverCompletedEndsAtItsDeadlineOnce) {
  ChannelHost host;
  Script script;
  Signal given, cancelled;
  tocsin_delivery* handle = nullptr;
  const tocsin_message* kept = nullptr;
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    handle = delivery;
    kept = &message;
    given.set();
  };
  script.cancel = [&](tocsin_delivery* delivery) {
    EXPECT_EQ(delivery, handle);
    cancelled.set();
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(9)});
  ASSERT_TRUE(given.wait());
  (*instance)->expire(host.clock.unix_ms() + 119'999);
  EXPECT_EQ(host.sink.count(), 0U);
  (*instance)->expire(host.clock.unix_ms() + 120'000);
  const Outcome outcome = host.sink.wait(1)[0].attempt.outcome;
  EXPECT_EQ(outcome.status, OutcomeStatus::kTimedOut);
  EXPECT_EQ(outcome.code, "plugin.timeout");
  EXPECT_THAT((*instance)->fault(), HasSubstr("did not complete delivery"));
  EXPECT_TRUE(cancelled.wait());
  // The message is the plugin's to read until it completes.
  EXPECT_EQ(std::string(kept->events[0]->title.ptr, kept->events[0]->title.len), "Disk full");
  (*instance)->expire(host.clock.unix_ms() + 200'000);
  script.complete(handle);
  EXPECT_EQ(host.sink.count(), 1U);
  EXPECT_THAT((*instance)->fault(), HasSubstr("completed delivery " + format_delivery_id(9) + " too late"));
  script.complete(handle);
  EXPECT_EQ(host.sink.count(), 1U);
  (*instance)->stop(10'000);
}

TEST(PluginFaults, AThrowFromCreateMakesTheChannelUnavailable) {
  ChannelHost host;
  Script script;
  script.create = [](const tocsin_doc&) { throw std::runtime_error("no licence"); };
  const auto instance = host.make(script);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code, Errc::kUnavailable);
  EXPECT_EQ(instance.error().detail, "plugin test.channel threw from create(): no licence");
}

TEST(PluginFaults, ARefusalOfTheSettingsNamesTheSettingWithoutItsSecret) {
  ChannelHost host;
  Script script;
  script.refuse = [](tocsin_error* error) {
    return tocsin_fail(error, "/url", "CANARY-ONE is not a good URL");
  };
  const auto instance = host.make(script, Table(), R"({"secret":"CANARY-ONE"})");
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code, Errc::kInvalid);
  ASSERT_EQ(instance.error().fields.size(), 1U);
  EXPECT_EQ(instance.error().fields[0].pointer, "/url");
  EXPECT_EQ(instance.error().fields[0].message, "[redacted] is not a good URL");
  EXPECT_EQ(script.destroyed, 0);
}

TEST(PluginFaults, NullWithoutAReasonBreaksTheContract) {
  ChannelHost host;
  Script script;
  script.refuse = [](tocsin_error*) -> tocsin_instance* { return nullptr; };
  const auto instance = host.make(script);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace tocsin::plugin::tests
