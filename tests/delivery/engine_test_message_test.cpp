// Tests that somebody waits for: a test message passes what holds the channel back and is tried once; a look
// at the connection sends nothing. Both are told their end, or that they still wait.
#include <gmock/gmock.h>

#include "delivery/fixtures.hpp"
#include "model/catalogue.hpp"

namespace tocsin::delivery {
namespace {

// Where a test's end arrives. What the engine holds of it outlives it.
class Told {
 public:
  TestDone listener() {
    return [told = told_](TestEnd end) {
      const std::lock_guard lock(told->mutex);
      told->ends.push_back(std::move(end));
      told->changed.notify_all();
    };
  }
  TestEnd wait() {
    std::unique_lock lock(told_->mutex);
    EXPECT_TRUE(told_->changed.wait_for(lock, kPatience, [&] { return !told_->ends.empty(); }));
    return told_->ends.empty() ? TestEnd{} : told_->ends.front();
  }
  std::size_t count() const {
    const std::lock_guard lock(told_->mutex);
    return told_->ends.size();
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<TestEnd> ends;
  };
  std::shared_ptr<Shared> told_ = std::make_shared<Shared>();
};

class EngineTestMessage : public EngineTest {
 protected:
  static constexpr std::int64_t kWait = 25'000;

  store::NewEvent make_test(ChannelId channel) {
    store::NewEvent test = store::make_new_event(take_seqs(2), team(), {{channel, true}}, clock.unix_ms());
    Event changed = *test.event;
    changed.type = kTestEventType;
    test.event = std::make_shared<const Event>(std::move(changed));
    return test;
  }
  // As the API does it; the delivery's id.
  DeliveryId send_test(ChannelId channel, Told& told) {
    auto test = make_test(channel);
    const DeliveryId delivery = test.event->seq + 1;
    EXPECT_TRUE(engine->expect_test(channel, delivery, kWait, told.listener()));
    std::vector<store::NewEvent> events;
    events.push_back(std::move(test));
    std::promise<void> done;
    writer_->accept(std::move(events), [&](const auto&) { done.set_value(); });
    done.get_future().wait();
    return delivery;
  }
};

TEST_F(EngineTestMessage, TellsHowItEndedOnceThatIsOnDisk) {
  const auto target = instance(always(OutcomeStatus::kAccepted));
  serve(target);
  Told told;
  const DeliveryId test = send_test(ids[0], told);
  const TestEnd end = told.wait();
  EXPECT_TRUE(end.ended);
  EXPECT_EQ(end.state, DeliveryState::kAccepted);
  EXPECT_EQ(end.attempt.outcome.detail, "It went so.");
  EXPECT_EQ(record(test).state, DeliveryState::kAccepted);
  EXPECT_TRUE(target->seen().at(0).test);
}

TEST_F(EngineTestMessage, IsTriedOnceAndFailsWithTheReason) {
  const auto target = instance(always(OutcomeStatus::kRetry));
  serve(target);
  Told told;
  const DeliveryId test = send_test(ids[0], told);
  EXPECT_EQ(told.wait().state, DeliveryState::kFailed);
  EXPECT_EQ(record(test).reason, "test.retry");
  advance(100'000);
  EXPECT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(status(ids[0]).backlog, 0);
}

TEST_F(EngineTestMessage, PassesAPauseAndLeavesItAsItIs) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  ChannelSetup paused = setup(ids[0], target);
  paused.paused = true;
  engine->configure({paused}, backlogs);
  engine->start();
  const auto waiting = push(ids[0], 3);
  Told told;
  send_test(ids[0], told);
  EXPECT_EQ(told.wait().state, DeliveryState::kDelivered);
  settle();
  EXPECT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(status(ids[0]).state, "paused");
  EXPECT_EQ(count_in(DeliveryState::kPending, waiting), 3U);
}

TEST_F(EngineTestMessage, PassesAnOpenBreakerAndClosesItWhereItArrives) {
  OutcomeStatus answer = OutcomeStatus::kRetry;
  const auto target = instance([&](const plugin::Job&) { return outcome(answer); });
  serve(target);
  push(ids[0], 5);
  settle();
  ASSERT_EQ(status(ids[0]).state, "backing_off");
  Told failed;
  send_test(ids[0], failed);
  EXPECT_EQ(failed.wait().state, DeliveryState::kFailed);
  EXPECT_EQ(status(ids[0]).state, "backing_off");
  answer = OutcomeStatus::kDelivered;
  Told arrived;
  send_test(ids[0], arrived);
  EXPECT_EQ(arrived.wait().state, DeliveryState::kDelivered);
  EXPECT_EQ(status(ids[0]).state, "ready");
}

TEST_F(EngineTestMessage, EndsADisablementAndAHoldWhereItArrives) {
  for (const auto status_then : {OutcomeStatus::kGone, OutcomeStatus::kMisconfigured}) {
    OutcomeStatus answer = status_then;
    const auto target = instance([&](const plugin::Job&) { return outcome(answer); });
    engine->configure({setup(ids[0], target)}, backlogs);
    engine->start();
    push(ids[0]);
    settle();
    ASSERT_NE(status(ids[0]).state, "ready");
    answer = OutcomeStatus::kRejected;
    Told refused;
    send_test(ids[0], refused);
    EXPECT_EQ(refused.wait().state, DeliveryState::kFailed);
    answer = OutcomeStatus::kDelivered;
    Told arrived;
    send_test(ids[0], arrived);
    EXPECT_EQ(arrived.wait().state, DeliveryState::kDelivered);
    EXPECT_EQ(status(ids[0]).state, "ready");
  }
}

TEST_F(EngineTestMessage, RespectsTheReceiversWishAndSaysThatItWaits) {
  int calls = 0;
  const auto target = instance([&](const plugin::Job&) {
    return ++calls == 1 ? outcome(OutcomeStatus::kRateLimited, 60'000) : outcome(OutcomeStatus::kDelivered);
  });
  serve(target);
  push(ids[0]);
  settle();
  Told told;
  const DeliveryId test = send_test(ids[0], told);
  settle();
  EXPECT_EQ(told.count(), 0U);
  advance(kWait);
  EXPECT_FALSE(told.wait().ended);
  EXPECT_THAT(told.wait().waits_for, testing::HasSubstr("waits until 20"));
  advance(60'000);
  EXPECT_EQ(record(test).state, DeliveryState::kDelivered) << "it went on waiting";
  EXPECT_EQ(told.count(), 1U);
}

TEST_F(EngineTestMessage, GoesBeforeTheQueueAndKeepsToTheRate) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  ChannelSetup chat = setup(ids[0], target);
  chat.rate_per_minute = 60;
  chat.burst = 1;
  engine->configure({chat}, backlogs);
  engine->start();
  push(ids[0], 10);
  settle();
  ASSERT_EQ(target->seen_count(), 1U);
  Told told;
  const DeliveryId test = send_test(ids[0], told);
  settle();
  EXPECT_EQ(target->seen_count(), 1U);
  advance(1000);
  EXPECT_EQ(told.wait().state, DeliveryState::kDelivered);
  EXPECT_EQ(target->seen().at(1).delivery, test);
}

TEST_F(EngineTestMessage, IsRefusedWithoutAnInstanceAndWhileAnotherIsUnderWay) {
  ChannelSetup missing = setup(ids[1], nullptr);
  missing.unavailable = "its plugin is not loaded";
  const auto target = instance();
  engine->configure({setup(ids[0], target), missing}, backlogs);
  engine->start();
  Told told;
  EXPECT_EQ(engine->expect_test(ids[1], 9, kWait, told.listener()).error().detail,
            "the channel cannot deliver: its plugin is not loaded");
  EXPECT_EQ(engine->expect_test(ids[2], 9, kWait, told.listener()).error().code, Errc::kNotFound);
  const DeliveryId test = send_test(ids[0], told);
  EXPECT_EQ(engine->expect_test(ids[0], 9, kWait, told.listener()).error().code, Errc::kConflict);
  EXPECT_EQ(engine->verify(ids[0], kWait, told.listener()).error().code, Errc::kConflict);
  ASSERT_TRUE(target->wait_for_jobs(1));
  EXPECT_TRUE(target->complete(test, outcome(OutcomeStatus::kDelivered)));
  EXPECT_TRUE(told.wait().ended);
  Told next;
  send_test(ids[0], next);
  EXPECT_EQ(next.count(), 0U);
}

TEST_F(EngineTestMessage, IsForgottenWhereItWasNotStored) {
  serve(instance());
  Told told, next;
  auto test = make_test(ids[0]);
  const DeliveryId delivery = test.event->seq + 1;
  ASSERT_TRUE(engine->expect_test(ids[0], delivery, kWait, told.listener()));
  std::vector<store::NewEvent> events;
  events.push_back(std::move(test));
  const std::vector<Result<store::Accepted>> refused = {make_error(Errc::kStorageFull, "no room")};
  engine->offer(events, refused);
  engine->forget_test(delivery);
  EXPECT_TRUE(engine->expect_test(ids[0], delivery + 10, kWait, next.listener()));
  advance(kWait);
  EXPECT_EQ(told.count(), 0U);
}

TEST_F(EngineTestMessage, SurvivesACrashAndIsStillTriedOnce) {
  serve(instance());
  Told told;
  const DeliveryId test = send_test(ids[0], told);
  settle();
  crash();
  open();
  const auto target = instance(always(OutcomeStatus::kRetry));
  serve(target);
  ASSERT_TRUE(target->wait_for_jobs(1));
  settle();
  EXPECT_EQ(record(test).state, DeliveryState::kFailed);
}

TEST_F(EngineTestMessage, IsToldThatTheDaemonStops) {
  serve(instance());
  Told told;
  send_test(ids[0], told);
  engine->drain(0);
  EXPECT_FALSE(told.wait().ended);
  EXPECT_EQ(told.wait().waits_for, "the daemon is stopping");
  EXPECT_EQ(engine->expect_test(ids[0], 9, kWait, told.listener()).error().code, Errc::kUnavailable);
}

TEST_F(EngineTestMessage, AVerificationTellsItsEndAndSendsNothing) {
  const auto target = instance();
  serve(target);
  Told told;
  ASSERT_TRUE(engine->verify(ids[0], kWait, told.listener()));
  const auto done = target->wait_for_verification();
  ASSERT_TRUE(done);
  Attempt attempt;
  attempt.outcome = outcome(OutcomeStatus::kDelivered);
  done(attempt);
  EXPECT_TRUE(told.wait().ended);
  EXPECT_EQ(told.wait().attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ(target->seen_count(), 0U);
}

TEST_F(EngineTestMessage, AReplacedInstanceIsStoppedAfterItsLastVerification) {
  const auto old = instance();
  serve(old);
  Told told;
  ASSERT_TRUE(engine->verify(ids[0], kWait, told.listener()));
  const auto done = old->wait_for_verification();
  engine->configure({setup(ids[0], instance())}, backlogs);
  settle();
  done({});
  EXPECT_TRUE(told.wait().ended);
  EXPECT_TRUE(old->wait_until_stopped());
}

TEST_F(EngineTestMessage, AVerificationThatTakesLongIsSaidToWait) {
  const auto target = instance();
  serve(target);
  Told told;
  ASSERT_TRUE(engine->verify(ids[0], kWait, told.listener()));
  const auto done = target->wait_for_verification();
  advance(kWait);
  EXPECT_EQ(told.wait().waits_for, "the receiver has not answered yet");
  done({});
  settle();
  EXPECT_EQ(told.count(), 1U);
}

}  // namespace
}  // namespace tocsin::delivery
