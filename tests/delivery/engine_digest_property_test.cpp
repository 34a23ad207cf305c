// Random lives of two channels, one with windows and one with a rate: accepts, outcomes of every kind,
// pauses, reloads, stops and kills in any order. Whatever happens, every delivery ends once, no event is in
// two successful messages of one life of the daemon, and a message that comes back holds what it held.
#include <map>
#include <random>
#include <set>

#include "delivery/fixtures.hpp"

namespace tocsin::delivery {
namespace {

class EngineDigestProperty : public EngineTest, public testing::WithParamInterface<unsigned> {
 protected:
  // What the receivers saw. The scripts run on the core's thread, the checks while nothing runs.
  struct Seen {
    std::map<MessageId, std::vector<DeliveryId>> messages;  // of digests
    std::map<DeliveryId, std::vector<MessageId>> alone;     // deliveries that left under their own id
    std::map<DeliveryId, int> delivered_in;                 // the life in which it was confirmed
    std::vector<std::string> faults;
  };

  std::optional<Outcome> answer(const plugin::Job& job) {
    const std::lock_guard lock(mutex_);
    const auto in_it = members(job);
    if (job.message != 0) {
      const auto [known, fresh] = seen_.messages.try_emplace(job.message, in_it);
      if (!fresh && known->second != in_it) seen_.faults.push_back("a message came back with other events");
      if (job.message > 0 && seen_.alone.contains(job.message)) {
        seen_.faults.push_back("a digest has the id under which its first event left alone");
      }
    } else {
      seen_.alone[job.delivery];
    }
    const auto luck = calm_ ? 0 : luck_() % 100;
    if (luck < 60) return confirm(in_it);
    if (luck < 75) return outcome(OutcomeStatus::kRetry);
    if (luck < 80) return outcome(OutcomeStatus::kUncertain);
    if (luck < 83) return outcome(OutcomeStatus::kRateLimited, 2000);
    if (luck < 85) return outcome(OutcomeStatus::kRejected);
    return std::nullopt;  // hangs until its deadline, a stop or a kill
  }
  Outcome confirm(const std::vector<DeliveryId>& in_it) {
    for (const DeliveryId id : in_it) {
      const auto [before, fresh] = seen_.delivered_in.try_emplace(id, life_);
      if (!fresh && before->second == life_) {
        seen_.faults.push_back("event of " + std::to_string(id) + " was confirmed twice in one life");
      }
      before->second = life_;
    }
    return outcome(OutcomeStatus::kDelivered);
  }

  void configure() {
    auto script = [this](const plugin::Job& job) { return answer(job); };
    ChannelSetup windows = digesting(ids[0], instance(script));
    ChannelSetup chat = digesting(ids[1], instance(script));
    chat.rate_per_minute = 60;
    chat.burst = 3;
    chat.collapse = 5;
    for (ChannelSetup* each : {&windows, &chat}) {
      each->window = 2;
      each->retries = {{1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000}};
    }
    engine->configure({windows, chat}, backlogs);
    backlogs.clear();
  }
  void restart() {
    open();
    configure();
    engine->start();
  }

  void act() {
    const auto what = chance_() % 100;
    const auto some = [&](std::int64_t most) { return 1 + static_cast<std::int64_t>(chance_()) % most; };
    if (what < 30) {
      keep(push_in_window(ids[0], (clock.unix_ms() / 15'000 + 1) * 15'000,
                          static_cast<std::size_t>(some(12))));
    } else if (what < 55) {
      keep(push(ids[1], static_cast<std::size_t>(some(15))));
    } else if (what < 85) {
      clock.advance_ms(some(8000));
      engine->wake();
      settle(static_cast<int>(some(4)));
    } else if (what < 90) {
      engine->pause(ids[chance_() % 2], chance_() % 2 == 0);
    } else if (what < 94) {
      configure();
    } else if (what < 97) {
      crash();
      ++life_;
      restart();
    } else {
      close();
      restart();
    }
  }
  void keep(const std::vector<DeliveryId>& pushed) { all_.insert(all_.end(), pushed.begin(), pushed.end()); }

  std::mutex mutex_;
  std::mt19937 chance_{GetParam()};       // of what is done
  std::mt19937 luck_{GetParam() + 1000};  // of what comes of it, on the core's thread
  Seen seen_;
  std::vector<DeliveryId> all_;
  std::atomic<bool> calm_ = false;
  std::atomic<int> life_ = 0;
};

TEST_P(EngineDigestProperty, EveryDeliveryEndsOnceAndNoMessageChanges) {
  configure();
  engine->start();
  for (int step = 0; step < 120; ++step) act();
  calm_ = true;
  for (const ChannelId channel : {ids[0], ids[1]}) engine->pause(channel, false);
  const auto is_over = [&] {
    return std::ranges::all_of(all_, [&](DeliveryId id) { return is_final(record(id).state); });
  };
  for (int minute = 0; minute < 120 && !is_over(); ++minute) advance(20'000);
  EXPECT_TRUE(is_over());
  const std::lock_guard lock(mutex_);
  for (const auto& fault : seen_.faults) ADD_FAILURE() << fault;
  for (const DeliveryId id : all_) {
    const auto state = record(id).state;
    EXPECT_TRUE(state != DeliveryState::kDelivered || seen_.delivered_in.contains(id));
    EXPECT_TRUE(state == DeliveryState::kDelivered || state == DeliveryState::kFailed);
    int successes = 0;
    for (const auto& attempt : attempts(id)) {
      successes += attempt.outcome.status == OutcomeStatus::kDelivered ? 1 : 0;
    }
    EXPECT_EQ(successes, state == DeliveryState::kDelivered ? 1 : 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineDigestProperty, testing::Range(1U, 13U));

}  // namespace
}  // namespace tocsin::delivery
