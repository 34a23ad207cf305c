// What the engine does with outcomes: records, retries, holds a channel back, and leaves the others alone.
#include <random>
#include <set>

#include "delivery/fixtures.hpp"

namespace tocsin::delivery {
namespace {

class EngineOutcomes : public EngineTest {};

TEST_F(EngineOutcomes, RecordsWhatWasDelivered) {
  serve(instance(always(OutcomeStatus::kDelivered)));
  const auto id = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(id).state, DeliveryState::kDelivered);
  EXPECT_EQ(record(id).tries, 1U);
  ASSERT_EQ(attempts(id).size(), 1U);
  EXPECT_EQ(attempts(id).front().started_ms, clock.unix_ms());
  EXPECT_EQ(status(ids[0]).state, "ready");
  EXPECT_EQ(status(ids[0]).last_success_ms, clock.unix_ms());
}

TEST_F(EngineOutcomes, FailsAtOnceWhatTheTargetRefusesForGood) {
  serve(instance(always(OutcomeStatus::kRejected)));
  const auto id = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(id).state, DeliveryState::kFailed);
  EXPECT_EQ(record(id).reason, "test.rejected");
  EXPECT_EQ(status(ids[0]).last_failure, "test.rejected: It went so.");
}

TEST_F(EngineOutcomes, KeepsAtMostTheWindowInFlight) {
  const auto slow = instance();
  serve(slow);
  push(ids[0], 30);
  settle();
  EXPECT_EQ(slow->live().size(), 8U);
  EXPECT_EQ(status(ids[0]).in_flight, 8U);
  EXPECT_EQ(status(ids[0]).queued, 22U);
  slow->complete(slow->seen().front().delivery, outcome(OutcomeStatus::kDelivered));
  settle();
  EXPECT_EQ(slow->live().size(), 8U);
  EXPECT_EQ(slow->seen_count(), 9U);
  EXPECT_EQ(slow->most_live(), 8U);
}

TEST_F(EngineOutcomes, TriesAgainAtTheScheduledTimeAndNotBefore) {
  const auto target = instance(always(OutcomeStatus::kRetry));
  serve(target);
  const auto id = push(ids[0]).front();
  settle();
  for (std::uint32_t tries = 1; tries <= 3; ++tries) {
    const auto scheduled = record(id);
    ASSERT_EQ(scheduled.state, DeliveryState::kScheduled);
    EXPECT_EQ(scheduled.tries, tries);
    const std::int64_t wait = scheduled.due_ms - clock.unix_ms();
    const std::int64_t nominal = 10'000LL << (tries - 1);
    EXPECT_GE(wait, nominal * 8 / 10);
    EXPECT_LE(wait, nominal * 12 / 10);
    advance(wait - 1);
    EXPECT_EQ(target->seen_count(), tries);
    advance(1);
    ASSERT_EQ(target->seen_count(), tries + 1);
    EXPECT_EQ(target->seen().back().attempt, tries + 1);
  }
  EXPECT_EQ(record(id).state, DeliveryState::kFailed);
  EXPECT_EQ(record(id).reason, "test.retry");
  EXPECT_EQ(attempts(id).size(), 4U);
}

TEST_F(EngineOutcomes, SpreadsTheRetriesOfManyOverTheJitter) {
  options.hot_queue = 300;
  close();
  open();
  const auto target = instance(always(OutcomeStatus::kUncertain));
  ChannelSetup wide = setup(ids[0], target);
  wide.window = 300;
  engine->configure({wide}, {});
  engine->start();
  std::set<std::int64_t> dues;
  for (const DeliveryId id : push(ids[0], 100)) {
    settle(1);
    if (record(id).state == DeliveryState::kScheduled) dues.insert(record(id).due_ms);
  }
  EXPECT_GT(dues.size(), 3U);
}

TEST_F(EngineOutcomes, PausesTheWholeChannelForARetryAfter) {
  const auto target = instance([n = 0](const plugin::Job&) mutable -> std::optional<Outcome> {
    return ++n == 1 ? outcome(OutcomeStatus::kRateLimited, 120'000) : outcome(OutcomeStatus::kDelivered);
  });
  serve(target);
  const auto limited = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(limited).due_ms, clock.unix_ms() + 120'000);
  EXPECT_EQ(status(ids[0]).state, "backing_off");
  EXPECT_EQ(status(ids[0]).resume_ms, clock.unix_ms() + 120'000);
  EXPECT_FALSE(engine->admit(ids[0]));
  const auto other = push(ids[0]).front();
  advance(119'999);
  EXPECT_EQ(target->seen_count(), 1U);
  advance(1);
  EXPECT_EQ(record(other).state, DeliveryState::kDelivered);
  EXPECT_EQ(record(other).tries, 1U);
  EXPECT_EQ(record(limited).state, DeliveryState::kDelivered);
  EXPECT_TRUE(engine->admit(ids[0]));
}

TEST_F(EngineOutcomes, PostponesWithoutSpendingTriesWhileTheBreakerIsOpen) {
  std::atomic<bool> alive{false};
  const auto target = instance([&](const plugin::Job&) -> std::optional<Outcome> {
    return outcome(alive ? OutcomeStatus::kDelivered : OutcomeStatus::kRetry);
  });
  ChannelSetup patient = setup(ids[0], target);
  patient.retries = {{3'600'000, 3'600'000}};
  engine->configure({patient}, {});
  const auto all = push(ids[0], 100);
  engine->start();
  settle();
  EXPECT_EQ(target->seen_count(), 8U) << "what had started when the fifth failed";
  EXPECT_EQ(status(ids[0]).state, "backing_off");
  EXPECT_LE(status(ids[0]).queued, 8U) << "the rest went back to the store";
  EXPECT_EQ(status(ids[0]).backlog, 100 - status(ids[0]).queued);

  advance(29'999);
  EXPECT_EQ(target->seen_count(), 8U);
  advance(1);
  EXPECT_EQ(target->seen_count(), 9U) << "one probe";
  advance(59'999);
  EXPECT_EQ(target->seen_count(), 9U);
  advance(1);
  EXPECT_EQ(target->seen_count(), 10U);

  alive = true;
  advance(120'000);
  settle(30);
  EXPECT_EQ(status(ids[0]).state, "ready");
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 90U);
  EXPECT_EQ(count_in(DeliveryState::kScheduled, all), 10U);
  for (const DeliveryId id : all) EXPECT_EQ(record(id).tries, 1U);
}

TEST_F(EngineOutcomes, EndsAnAttemptAtItsDeadline) {
  const auto hung = instance();
  serve(hung);
  const auto id = push(ids[0]).front();
  settle();
  advance(119'000);
  EXPECT_EQ(hung->live().size(), 1U);
  advance(1000);
  EXPECT_EQ(record(id).state, DeliveryState::kScheduled);
  EXPECT_EQ(record(id).reason, "test.timed_out");
}

TEST_F(EngineOutcomes, LeavesNineteenChannelsAloneWhenOneHangs) {
  std::vector<ChannelSetup> setups;
  const auto hung = instance();
  setups.push_back(setup(ids[0], hung));
  std::vector<std::shared_ptr<ScriptedInstance>> healthy;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    healthy.push_back(instance(always(OutcomeStatus::kDelivered)));
    setups.push_back(setup(ids[i], healthy.back()));
  }
  engine->configure(setups, {});
  engine->start();
  for (int round = 0; round < 10; ++round) {
    push(ids[0], 40);
    for (std::size_t i = 1; i < ids.size(); ++i) push(ids[i], 5);
  }
  for (const auto& one : healthy) ASSERT_TRUE(one->wait_for_jobs(50));
  EXPECT_EQ(hung->seen_count(), 8U);
  EXPECT_LE(status(ids[0]).queued, 256U);
  settle();
  for (const auto& one : engine->statuses()) {
    if (one.id == ids[0]) continue;
    EXPECT_EQ(one.in_flight + one.queued, 0U);
  }
}

TEST_F(EngineOutcomes, FailsTheDeliveryAndDisablesTheChannelWhenTheTargetIsGone) {
  const auto target = instance();
  serve(target);
  const auto all = push(ids[0], 10);
  settle();
  target->complete(all[0], outcome(OutcomeStatus::kGone));
  settle();
  target->complete_all(outcome(OutcomeStatus::kDelivered));
  settle();
  EXPECT_EQ(record(all[0]).state, DeliveryState::kFailed);
  EXPECT_EQ(record(all[0]).reason, "test.gone");
  EXPECT_EQ(status(ids[0]).state, "disabled");
  EXPECT_EQ(status(ids[0]).reason, "test.gone: It went so.");
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 7U);
  advance(24 * 3'600'000LL);
  EXPECT_EQ(target->seen_count(), 8U) << "the others are kept";

  engine->configure({setup(ids[0], target)}, {});
  EXPECT_EQ(status(ids[0]).state, "disabled") << "nothing has changed";
  engine->configure({setup(ids[0], instance(always(OutcomeStatus::kDelivered)))}, {});
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 9U);
}

TEST_F(EngineOutcomes, ProbesAMisconfiguredChannelEveryTenMinutesUntilItIsChanged) {
  const auto target = instance(always(OutcomeStatus::kMisconfigured));
  ChannelSetup one = setup(ids[0], target);
  one.window = 1;
  one.retries = {{3'600'000, 3'600'000}};
  engine->configure({one}, {});
  engine->start();
  const auto all = push(ids[0], 3);
  settle();
  EXPECT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(record(target->seen()[0].delivery).tries, 1U);
  EXPECT_EQ(status(ids[0]).state, "backing_off");
  EXPECT_EQ(status(ids[0]).reason, "test.misconfigured: It went so.");
  EXPECT_EQ(status(ids[0]).resume_ms, clock.unix_ms() + 600'000);
  advance(599'999);
  EXPECT_EQ(target->seen_count(), 1U);
  advance(1);
  EXPECT_EQ(target->seen_count(), 2U);

  one.instance = instance(always(OutcomeStatus::kDelivered));
  engine->configure({one}, {});
  settle();
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 1U);
  EXPECT_EQ(count_in(DeliveryState::kScheduled, all), 2U);
  EXPECT_TRUE(target->wait_until_stopped());
}

TEST_F(EngineOutcomes, ResumesADisabledChannelWhenAnAdminSaysSo) {
  const auto target = instance([n = 0](const plugin::Job&) mutable -> std::optional<Outcome> {
    return outcome(++n == 1 ? OutcomeStatus::kGone : OutcomeStatus::kDelivered);
  });
  serve(target);
  push(ids[0]);
  settle();
  const auto kept = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(kept).state, DeliveryState::kPending);
  engine->pause(ids[0], false);
  settle();
  EXPECT_EQ(record(kept).state, DeliveryState::kDelivered);
}

TEST_F(EngineOutcomes, SendsNothingWhilePausedAndEverythingAfter) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  serve(target);
  engine->pause(ids[0], true);
  settle();
  EXPECT_FALSE(engine->admit(ids[0]));
  const auto all = push(ids[0], 30);
  advance(60'000);
  EXPECT_EQ(target->seen_count(), 0U);
  EXPECT_EQ(status(ids[0]).state, "paused");
  EXPECT_EQ(status(ids[0]).backlog, 30);
  engine->pause(ids[0], false);
  settle(20);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 30U);
  EXPECT_EQ(status(ids[0]).backlog, 0);
}

TEST_F(EngineOutcomes, KeepsTheRateOfAChannel) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  ChannelSetup limited = setup(ids[0], target);
  limited.rate_per_minute = 60;
  limited.burst = 2;
  engine->configure({limited}, {});
  engine->start();
  push(ids[0], 5);
  settle();
  EXPECT_EQ(target->seen_count(), 2U);
  advance(999);
  EXPECT_EQ(target->seen_count(), 2U);
  advance(1);
  EXPECT_EQ(target->seen_count(), 3U);
  advance(2000);
  EXPECT_EQ(target->seen_count(), 5U);
}

TEST_F(EngineOutcomes, KeepsItsHandsOffADeliveryThatSomebodyElseHasFinished) {
  const auto target = instance();
  serve(target);
  const auto id = push(ids[0]).front();
  settle();
  with_store([&](store::Store& store) {
    const std::vector<store::Finish> other = {store::make_finish(id, 0, DeliveryState::kCancelled)};
    EXPECT_TRUE(store::must(store.write({}, other, clock.unix_ms())).applied.front());
  });
  target->complete(id, outcome(OutcomeStatus::kRetry));
  settle();
  EXPECT_EQ(record(id).state, DeliveryState::kCancelled);
  EXPECT_EQ(attempts(id).size(), 2U) << "the attempt stays on record";
  advance(3'600'000);
  EXPECT_EQ(target->seen_count(), 1U);
  EXPECT_EQ(status(ids[0]).backlog, 0);
}

TEST_F(EngineOutcomes, DoesNotSpinOnAnInstanceThatInterruptsEverything) {
  const auto target = instance(always(OutcomeStatus::kInterrupted));
  serve(target);
  const auto id = push(ids[0]).front();
  settle();
  EXPECT_EQ(record(id).state, DeliveryState::kPending);
  EXPECT_EQ(record(id).tries, 0U);
  for (int second = 0; second < 20; ++second) advance(1000);
  EXPECT_EQ(target->seen_count(), 5U) << "then the breaker is open";
  EXPECT_EQ(record(id).tries, 0U);
}

TEST_F(EngineOutcomes, IgnoresASecondResultOfOneAttempt) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  serve(target);
  const auto id = push(ids[0]).front();
  settle();
  plugin::JobResult again;
  again.delivery = id;
  again.attempt.outcome = outcome(OutcomeStatus::kRetry);
  engine->sink().job_done(std::move(again));
  settle();
  EXPECT_EQ(record(id).state, DeliveryState::kDelivered);
  EXPECT_EQ(attempts(id).size(), 1U);
}

// Whatever the outcomes, each delivery ends final or is scheduled or pending, and with time all end final.
TEST_F(EngineOutcomes, NeverLosesADeliveryWhateverTheOutcomes) {
  std::mt19937 answers(42);  // the core's
  std::mt19937 random(43);   // this thread's
  const auto target = [&](const plugin::Job&) -> std::optional<Outcome> {
    static constexpr OutcomeStatus kAny[] = {
        OutcomeStatus::kDelivered,   OutcomeStatus::kAccepted,     OutcomeStatus::kRetry,
        OutcomeStatus::kRateLimited, OutcomeStatus::kRejected,     OutcomeStatus::kUnreachable,
        OutcomeStatus::kUncertain,   OutcomeStatus::kInterrupted,  OutcomeStatus::kTimedOut,
        OutcomeStatus::kPluginFault, OutcomeStatus::kMisconfigured};
    const auto after = static_cast<std::int64_t>(answers() % 3) * 30'000 - 1;
    return outcome(kAny[answers() % std::size(kAny)], after);
  };
  std::vector<ChannelSetup> setups;
  for (std::size_t i = 0; i < 4; ++i) setups.push_back(setup(ids[i], instance(target)));
  engine->configure(setups, {});
  engine->start();
  std::vector<DeliveryId> all;
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < 4; ++i) {
      const auto more = push(ids[i], 1 + random() % 12);
      all.insert(all.end(), more.begin(), more.end());
    }
    advance(static_cast<std::int64_t>(random() % 20'000));
  }
  const auto is_open = [&](DeliveryId id) { return !is_final(record(id).state); };
  for (int step = 0; step < 3000 && std::ranges::any_of(all, is_open); ++step) advance(60'000);
  for (const DeliveryId id : all) {
    const auto end = record(id);
    EXPECT_TRUE(is_final(end.state)) << to_string(end.state) << " due in " << end.due_ms - clock.unix_ms();
    EXPECT_FALSE(end.reason.empty());
    EXPECT_LE(end.tries, 4U);
    std::uint32_t counted = 0;
    for (const auto& attempt : attempts(id)) {
      counted += attempt.outcome.status == OutcomeStatus::kInterrupted ? 0 : 1;
    }
    EXPECT_EQ(counted, end.tries);
  }
  for (const auto& one : engine->statuses()) EXPECT_EQ(one.in_flight + one.queued, 0U);
}

}  // namespace
}  // namespace tocsin::delivery
