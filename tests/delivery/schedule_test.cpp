// The pure decisions: retry waits, what each outcome does, the breaker, the token bucket.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "delivery/breaker.hpp"
#include "delivery/rate_bucket.hpp"
#include "delivery/transition.hpp"

namespace tocsin::delivery {
namespace {

constexpr std::int64_t kNow = 1'795'420'800'000;
constexpr double kMiddle = 0.5;  // a factor of exactly 1

TEST(RetrySchedule, JittersByAFifthEitherWay) {
  const RetrySchedule schedule{{1000, 60'000}};
  EXPECT_EQ(schedule.wait_after(1, 0.0), 800);
  EXPECT_EQ(schedule.wait_after(1, 0.5), 1000);
  for (double uniform = 0; uniform < 1; uniform += 0.001) {
    const auto wait = schedule.wait_after(2, uniform);
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, 48'000);
    EXPECT_LE(*wait, 72'000);
  }
}

TEST(RetrySchedule, EndsWhenEveryWaitHasBeenUsed) {
  const RetrySchedule schedule{{1000, 60'000}};
  EXPECT_EQ(schedule.wait_after(0, kMiddle), 0);
  EXPECT_EQ(schedule.wait_after(2, kMiddle), 60'000);
  EXPECT_EQ(schedule.wait_after(3, kMiddle), std::nullopt);
  EXPECT_EQ(schedule.wait_after(4'000'000'000U, kMiddle), std::nullopt);
  EXPECT_EQ(RetrySchedule{}.wait_after(1, kMiddle), std::nullopt);
}

TEST(RetrySchedule, KnowsTheThreeKindsOfChannel) {
  EXPECT_EQ(
      RetrySchedule::standard().waits_ms,
      (std::vector<std::int64_t>{5'000, 300'000, 1'800'000, 7'200'000, 18'000'000, 36'000'000, 36'000'000}));
  EXPECT_EQ(RetrySchedule::chat().waits_ms,
            (std::vector<std::int64_t>{2'000, 10'000, 60'000, 300'000, 900'000, 3'600'000}));
  EXPECT_EQ(RetrySchedule::mail().waits_ms, (std::vector<std::int64_t>{60'000, 300'000, 900'000, 3'600'000,
                                                                       14'400'000, 43'200'000, 86'400'000}));
}

// ---- transitions: every status x first, middle, last try x Retry-After absent, zero, present, absurd

enum class Fate { kEnds, kTriedAgain, kInterrupted };
struct Expected {
  Fate fate;
  DeliveryState final_state;  // where it ends
  ChannelEffect effect;
};

const std::map<OutcomeStatus, Expected> kTable = {
    {OutcomeStatus::kDelivered, {Fate::kEnds, DeliveryState::kDelivered, ChannelEffect::kSuccess}},
    {OutcomeStatus::kAccepted, {Fate::kEnds, DeliveryState::kAccepted, ChannelEffect::kSuccess}},
    {OutcomeStatus::kRetry, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kFailure}},
    {OutcomeStatus::kRateLimited, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kPauseFor}},
    {OutcomeStatus::kRejected, {Fate::kEnds, DeliveryState::kFailed, ChannelEffect::kAnswered}},
    {OutcomeStatus::kUnreachable, {Fate::kEnds, DeliveryState::kFailed, ChannelEffect::kAnswered}},
    {OutcomeStatus::kMisconfigured, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kHold}},
    {OutcomeStatus::kGone, {Fate::kEnds, DeliveryState::kFailed, ChannelEffect::kDisable}},
    {OutcomeStatus::kUncertain, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kFailure}},
    {OutcomeStatus::kInterrupted, {Fate::kInterrupted, DeliveryState::kFailed, ChannelEffect::kNone}},
    {OutcomeStatus::kTimedOut, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kFailure}},
    {OutcomeStatus::kPluginFault, {Fate::kTriedAgain, DeliveryState::kFailed, ChannelEffect::kFailure}},
};

struct Case {
  OutcomeStatus status;
  std::uint32_t tries;
  std::int64_t retry_after_ms;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& [status, expected] : kTable) {
    for (const std::uint32_t tries : {0U, 3U, 7U}) {
      for (const std::int64_t after : {-1LL, 0LL, 900'000LL, 1LL << 62, -(1LL << 62)}) {
        cases.push_back({status, tries, after});
      }
    }
  }
  return cases;
}

void check(const Case& given) {
  const auto& [status, tries, after] = given;
  const Expected& expected = kTable.at(status);
  const RetrySchedule schedule = RetrySchedule::standard();
  const Outcome outcome{status, after, "test.code", "It went so.", ""};
  const Transition next = next_transition(tries, outcome, schedule, kNow, kMiddle);
  const std::int64_t wish = after <= 0 ? 0 : std::min(after, kMaxRetryAfterMs);

  EXPECT_EQ(next.effect, expected.effect);
  EXPECT_EQ(next.counted, expected.fate != Fate::kInterrupted);
  switch (expected.fate) {
    case Fate::kEnds:
      EXPECT_EQ(next.state, expected.final_state);
      EXPECT_EQ(next.resume_ms, 0);
      break;
    case Fate::kInterrupted:
      EXPECT_EQ(next.state, DeliveryState::kPending);
      EXPECT_EQ(next.due_ms, kNow + kInterruptedWaitMs);
      EXPECT_EQ(next.resume_ms, 0);
      break;
    case Fate::kTriedAgain:
      if (tries == 7) {
        EXPECT_EQ(next.state, DeliveryState::kFailed);
      } else {
        EXPECT_EQ(next.state, DeliveryState::kScheduled);
        EXPECT_EQ(next.due_ms, kNow + std::max(schedule.waits_ms[tries], wish));
      }
      if (wish > 0) {
        EXPECT_EQ(next.resume_ms, kNow + wish);
      } else {
        EXPECT_EQ(next.resume_ms, status == OutcomeStatus::kRateLimited ? kNow + 5000 : 0);
      }
      break;
  }
  const bool is_good = next.state == DeliveryState::kDelivered || next.state == DeliveryState::kAccepted;
  EXPECT_EQ(next.reason, is_good ? "" : "test.code");
}

TEST(Transition, DoesWhatTheTableSaysForEveryOutcomeTryAndRetryAfter) {
  for (const Case& given : all_cases()) {
    SCOPED_TRACE(std::string(to_string(given.status)) + " after " + std::to_string(given.tries) +
                 " tries, Retry-After " + std::to_string(given.retry_after_ms));
    check(given);
  }
}

TEST(Transition, GivesAReasonWhereThePluginGaveNoCode) {
  const auto next = next_transition(0, {OutcomeStatus::kRejected, -1, "", "", ""}, {}, kNow, kMiddle);
  EXPECT_EQ(next.reason, "rejected");
}

TEST(Transition, PausesARateLimitedChannelEvenWithoutASchedule) {
  const auto next = next_transition(0, {OutcomeStatus::kRateLimited, -1, "", "", ""}, {}, kNow, kMiddle);
  EXPECT_EQ(next.state, DeliveryState::kFailed);
  EXPECT_EQ(next.resume_ms, kNow + kPauseMs);
}

TEST(Transition, TriesAgainOnAStatusThatIsNone) {
  const Outcome garbage{static_cast<OutcomeStatus>(77), -1, "", "", ""};
  EXPECT_EQ(next_transition(0, garbage, RetrySchedule::chat(), kNow, kMiddle).state,
            DeliveryState::kScheduled);
}

// ---- breaker

void fail(Breaker& breaker, int times, std::int64_t now) {
  for (int i = 0; i < times; ++i) breaker.failed(now, false);
}

TEST(Breaker, OpensAfterFiveFailuresInARow) {
  Breaker breaker;
  fail(breaker, 4, 0);
  EXPECT_TRUE(breaker.allows(0));
  breaker.succeeded();
  fail(breaker, 4, 0);
  EXPECT_EQ(breaker.state(0), Breaker::State::kClosed);
  fail(breaker, 1, 0);
  EXPECT_EQ(breaker.state(0), Breaker::State::kOpen);
  EXPECT_FALSE(breaker.allows(29'999));
}

TEST(Breaker, LetsOneProbeThroughAfterThirtySecondsDoublingToTenMinutes) {
  Breaker breaker;
  fail(breaker, 5, 0);
  std::int64_t now = 0;
  for (const std::int64_t wait : {30'000, 60'000, 120'000, 240'000, 480'000, 600'000, 600'000}) {
    EXPECT_FALSE(breaker.allows(now + wait - 1));
    now += wait;
    EXPECT_TRUE(breaker.allows(now));
    EXPECT_TRUE(breaker.begin(now));
    EXPECT_FALSE(breaker.allows(now)) << "one probe at a time";
    breaker.failed(now, true);
  }
  now += 600'000;
  EXPECT_TRUE(breaker.begin(now));
  breaker.succeeded();
  EXPECT_EQ(breaker.state(now), Breaker::State::kClosed);
  fail(breaker, 5, now);
  EXPECT_EQ(breaker.probe_at_ms(), now + 30'000) << "the wait starts anew";
}

TEST(Breaker, IgnoresFailuresOfAttemptsThatStartedBeforeItOpened) {
  Breaker breaker;
  fail(breaker, 8, 0);
  EXPECT_EQ(breaker.probe_at_ms(), 30'000);
  fail(breaker, 1, 31'000);
  EXPECT_TRUE(breaker.allows(31'000));
}

TEST(Breaker, ProbesAgainWhereAProbeToldNothing) {
  Breaker breaker;
  fail(breaker, 5, 0);
  EXPECT_TRUE(breaker.begin(30'000));
  breaker.abandoned(false);
  EXPECT_FALSE(breaker.allows(30'000));
  breaker.abandoned(true);
  EXPECT_TRUE(breaker.allows(30'000));
}

// ---- rate

TEST(RateBucket, HasNoLimitWhereNoneIsSet) {
  RateBucket bucket(0, 1);
  bucket.take();
  EXPECT_GT(bucket.available(0), 1'000'000U);
  EXPECT_EQ(bucket.next_ms(7), 7);
}

TEST(RateBucket, GivesABurstAndThenTheRate) {
  RateBucket bucket(60, 3);
  EXPECT_EQ(bucket.available(0), 3U);
  for (int i = 0; i < 3; ++i) bucket.take();
  EXPECT_EQ(bucket.available(0), 0U);
  EXPECT_EQ(bucket.next_ms(0), 1000);
  EXPECT_EQ(bucket.available(999), 0U);
  EXPECT_EQ(bucket.available(1000), 1U);
  EXPECT_EQ(bucket.available(1'000'000), 3U);
}

TEST(RateBucket, KeepsTheRateOverAnHour) {
  RateBucket bucket(50, 1);
  std::int64_t now = 0;
  int sent = 0;
  while (now < 3'600'000) {
    now = bucket.next_ms(now);
    ASSERT_EQ(bucket.available(now), 1U);
    bucket.take();
    ++sent;
  }
  EXPECT_NEAR(sent, 3000, 1);
}

}  // namespace
}  // namespace tocsin::delivery
