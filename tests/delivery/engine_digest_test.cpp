// Digests: a window leaves as one message, fails and comes back as one, and none of its deliveries is lost or
// doubled by a pause, a reload, a stop or a crash. And the note that an attempt leaves for the next.
#include <gmock/gmock.h>

#include "delivery/backlog.hpp"
#include "delivery/fixtures.hpp"

namespace tocsin::delivery {
namespace {

using testing::ElementsAre;

class EngineDigest : public EngineTest {
 protected:
  static constexpr std::int64_t kWindowMs = 60'000;

  std::shared_ptr<ScriptedInstance> serve_digests(ScriptedInstance::Script script = {}) {
    auto target = instance(std::move(script));
    engine->configure({digesting(ids[0], target)}, backlogs);
    engine->start();
    return target;
  }
  [[nodiscard]] std::int64_t window_end() const { return clock.unix_ms() + kWindowMs; }
  // Past a window's end and the moment that is waited for what is still on its way.
  void pass_window() { advance(kWindowMs + Backlog::kGatherMs); }
};

TEST_F(EngineDigest, SendsAWindowAtItsEndAsOneMessage) {
  const auto target = serve_digests(always(OutcomeStatus::kDelivered));
  const auto all = push_in_window(ids[0], window_end(), 5);
  settle();
  EXPECT_EQ(target->seen_count(), 0U);
  EXPECT_EQ(status(ids[0]).backlog, 5);
  pass_window();
  ASSERT_EQ(target->seen_count(), 1U);
  const plugin::Job job = target->seen()[0];
  EXPECT_EQ(members(job), all);
  EXPECT_EQ(job.message, all[0]);
  EXPECT_EQ(job.attempt, 1U);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 5U);
  for (const DeliveryId id : all) {
    ASSERT_EQ(attempts(id).size(), 1U);
    EXPECT_EQ(attempts(id)[0].message, all[0]);
    EXPECT_EQ(attempts(id)[0].events, 5U);
  }
  EXPECT_EQ(status(ids[0]).backlog, 0);
}

TEST_F(EngineDigest, WaitsForWhatWasAcceptedInTheLastMoment) {
  const auto target = serve_digests(always(OutcomeStatus::kDelivered));
  const std::int64_t end = window_end();
  push_in_window(ids[0], end, 2);
  advance(kWindowMs - 1);
  advance(1);
  EXPECT_EQ(target->seen_count(), 0U);
  push_in_window(ids[0], end, 1);  // planned before the end, on disk after it
  advance(Backlog::kGatherMs);
  ASSERT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(members(target->seen()[0]).size(), 3U);
}

TEST_F(EngineDigest, SendsWhatMissedItsDigestSoonAfter) {
  const auto target = serve_digests(always(OutcomeStatus::kDelivered));
  const std::int64_t end = window_end();
  push_in_window(ids[0], end, 2);
  pass_window();
  const auto late = push_in_window(ids[0], end, 1);
  advance(1);
  ASSERT_EQ(target->seen_count(), 2U);
  EXPECT_EQ(members(target->seen()[1]), late);
}

TEST_F(EngineDigest, CountsADigestAsOneAttempt) {
  const auto target = instance();
  ChannelSetup one = digesting(ids[0], target);
  one.window = 1;
  engine->configure({one}, backlogs);
  engine->start();
  push_in_window(ids[0], window_end(), 50);
  pass_window();
  EXPECT_EQ(status(ids[0]).in_flight, 1U);
  target->complete_all(outcome(OutcomeStatus::kRetry));
  settle();
  EXPECT_EQ(status(ids[0]).state, "ready") << "fifty failures would have opened the breaker";
}

TEST_F(EngineDigest, TriesADigestAgainAsTheSameMessage) {
  int tries = 0;
  const auto target = serve_digests([&](const plugin::Job&) {
    return outcome(++tries == 1 ? OutcomeStatus::kUncertain : OutcomeStatus::kDelivered);
  });
  const auto all = push_in_window(ids[0], window_end(), 30);
  pass_window();
  const std::int64_t due = record(all[0]).due_ms;
  for (const DeliveryId id : all) {
    EXPECT_EQ(record(id).state, DeliveryState::kScheduled);
    EXPECT_EQ(record(id).due_ms, due);
    EXPECT_EQ(record(id).tries, 1U);
  }
  const auto next_window = push_in_window(ids[0], clock.unix_ms() + 1000, 3);
  advance(13'000);
  ASSERT_EQ(target->seen_count(), 3U);
  std::vector<std::vector<DeliveryId>> sent;
  for (const auto& job : target->seen()) sent.push_back(members(job));
  EXPECT_THAT(sent, testing::UnorderedElementsAre(all, all, next_window)) << "the next window joins no retry";
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 30U);
}

TEST_F(EngineDigest, FailsADigestAsAWhole) {
  const auto target = serve_digests(always(OutcomeStatus::kRejected));
  const auto all = push_in_window(ids[0], window_end(), 3);
  pass_window();
  EXPECT_EQ(count_in(DeliveryState::kFailed, all), 3U);
  EXPECT_EQ(record(all[2]).reason, "test.rejected");
}

TEST_F(EngineDigest, SplitsAWindowOfMoreThanAThousand) {
  const auto target = serve_digests(always(OutcomeStatus::kDelivered));
  const auto all = push_in_window(ids[0], window_end(), 2300);
  pass_window();
  settle(20);
  std::vector<DeliveryId> sent;
  std::vector<std::size_t> sizes;
  for (const auto& job : target->seen()) {
    const auto in_it = members(job);
    sizes.push_back(in_it.size());
    sent.insert(sent.end(), in_it.begin(), in_it.end());
  }
  EXPECT_THAT(sizes, ElementsAre(1000U, 1000U, 300U));
  EXPECT_EQ(sent, all);
}

TEST_F(EngineDigest, HoldsOneDigestInMemoryWhileAnotherIsInFlight) {
  const auto target = instance();
  ChannelSetup one = digesting(ids[0], target);
  one.window = 1;
  engine->configure({one}, backlogs);
  engine->start();
  push_in_window(ids[0], window_end(), 5000);
  pass_window();
  settle(20);
  EXPECT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(status(ids[0]).queued, 1000U);
}

TEST_F(EngineDigest, SendsAllThatIsDueAsOneAfterAPause) {
  const auto target = serve_digests(always(OutcomeStatus::kDelivered));
  engine->pause(ids[0], true);
  auto all = push_in_window(ids[0], window_end(), 3);
  pass_window();
  const auto more = push_in_window(ids[0], window_end(), 2);
  all.insert(all.end(), more.begin(), more.end());
  pass_window();
  EXPECT_EQ(target->seen_count(), 0U);
  engine->pause(ids[0], false);
  settle();
  ASSERT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(members(target->seen()[0]), all);
}

TEST_F(EngineDigest, KeepsTheDueTimeOfWhatWaitsOverAReload) {
  serve_digests(always(OutcomeStatus::kDelivered));
  const std::int64_t end = window_end();
  const auto all = push_in_window(ids[0], end, 4);
  const auto other = instance(always(OutcomeStatus::kDelivered));
  engine->configure({digesting(ids[0], other)}, {});
  settle();
  EXPECT_EQ(record(all[0]).due_ms, end);
  pass_window();
  ASSERT_EQ(other->seen_count(), 1U);
  EXPECT_EQ(members(other->seen()[0]), all);
}

TEST_F(EngineDigest, InterruptsADigestAtAStopAndSendsItAgainUnderItsId) {
  options.attempt_deadline_ms = 100'000;
  const auto target = serve_digests();
  const auto all = push_in_window(ids[0], window_end(), 4);
  pass_window();
  ASSERT_EQ(target->seen_count(), 1U);
  close();  // stops the instance, which interrupts
  open();
  for (const DeliveryId id : all) {
    EXPECT_EQ(record(id).state, DeliveryState::kPending);
    EXPECT_EQ(record(id).tries, 0U);
  }
  const auto again = serve_digests(always(OutcomeStatus::kDelivered));
  advance(2000);
  advance(15'000);
  ASSERT_EQ(again->seen_count(), 1U);
  EXPECT_EQ(members(again->seen()[0]), all);
  EXPECT_EQ(again->seen()[0].message, all[0]);
}

TEST_F(EngineDigest, GivesUpAllDeliveriesOfAnInstanceThatNeverReports) {
  const auto target = serve_digests();
  target->deaf = true;
  const auto all = push_in_window(ids[0], window_end(), 4);
  pass_window();
  close();
  open();
  for (const DeliveryId id : all) {
    EXPECT_EQ(record(id).state, DeliveryState::kPending);
    EXPECT_EQ(attempts(id)[0].outcome.code, "host.interrupted");
  }
}

TEST_F(EngineDigest, TimesADigestOutAsAWhole) {
  const auto target = serve_digests();
  const auto all = push_in_window(ids[0], window_end(), 3);
  pass_window();
  advance(125'000);
  for (const DeliveryId id : all) {
    ASSERT_EQ(attempts(id).size(), 1U);
    EXPECT_EQ(attempts(id)[0].outcome.status, OutcomeStatus::kTimedOut);
    EXPECT_EQ(record(id).state, DeliveryState::kScheduled);
  }
}

TEST_F(EngineDigest, CancelsADigestWhoseChannelIsGone) {
  const auto target = serve_digests();
  const auto all = push_in_window(ids[0], window_end(), 3);
  pass_window();
  engine->configure({}, {});
  target->complete_all(outcome(OutcomeStatus::kRetry));
  settle();
  EXPECT_EQ(count_in(DeliveryState::kCancelled, all), 3U);
}

TEST_F(EngineDigest, GivesTheNoteOfAnAttemptToTheNext) {
  std::vector<std::string> carried;
  auto& sink = engine->sink();
  const auto target = serve_digests();
  const auto windowed = push_in_window(ids[0], window_end(), 2);
  pass_window();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(target->forget(windowed[0]));
    plugin::JobResult result;
    result.delivery = windowed[0];
    result.attempt.outcome = outcome(OutcomeStatus::kRetry);
    result.attempt.carry = "anna has it " + std::to_string(i);
    sink.job_done(std::move(result));
    settle();
    advance(25'000);
    ASSERT_EQ(target->seen_count(), 2U + static_cast<std::size_t>(i));
    EXPECT_EQ(target->seen().back().carry, "anna has it " + std::to_string(i));
  }
  EXPECT_EQ(target->seen()[0].carry, "");
}

TEST_F(EngineDigest, SendsEachAloneToATypeThatTakesNoDigests) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  serve(target);
  const auto all = push_in_window(ids[0], window_end(), 3);
  pass_window();
  EXPECT_EQ(target->seen_count(), 3U);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 3U);
}

}  // namespace
}  // namespace tocsin::delivery
