// A channel with a rate whose type takes digests: a flood leaves as digests, a trickle one by one.
#include <gmock/gmock.h>

#include "delivery/fixtures.hpp"
#include "model/catalogue.hpp"

namespace tocsin::delivery {
namespace {

class EngineFlood : public EngineTest {
 protected:
  std::shared_ptr<ScriptedInstance> serve_chat(ScriptedInstance::Script script = {}) {
    auto target = instance(std::move(script));
    engine->configure({chat(target)}, backlogs);
    engine->start();
    return target;
  }
  ChannelSetup chat(std::shared_ptr<plugin::ChannelInstance> target) {
    ChannelSetup made = digesting(ids[0], std::move(target));
    made.rate_per_minute = 60;
    made.burst = 3;
    made.collapse = 20;
    return made;
  }
  // Every delivery that was sent, message by message.
  static std::vector<std::size_t> sizes(const ScriptedInstance& target) {
    std::vector<std::size_t> found;
    for (const auto& job : target.seen()) found.push_back(members(job).size());
    return found;
  }
};

TEST_F(EngineFlood, LetsATrickleGoOneByOne) {
  const auto target = serve_chat(always(OutcomeStatus::kDelivered));
  const auto all = push(ids[0], 20);
  settle();
  for (int second = 0; second < 20; ++second) advance(1000);
  EXPECT_EQ(sizes(*target), std::vector<std::size_t>(20, 1U));
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), 20U);
}

TEST_F(EngineFlood, SendsAFloodAsOneDigestAtTheNextPlaceInTheRate) {
  const auto target = serve_chat(always(OutcomeStatus::kDelivered));
  const auto few = push(ids[0], 3);
  settle();
  EXPECT_EQ(target->seen_count(), 3U) << "the burst";
  const auto flood = push(ids[0], 100);
  settle();
  EXPECT_EQ(target->seen_count(), 3U);
  advance(1000);
  advance(1000);
  EXPECT_THAT(sizes(*target), testing::ElementsAre(1U, 1U, 1U, 100U));
  EXPECT_EQ(members(target->seen()[3]), flood);
  EXPECT_EQ(target->seen()[3].message, flood[0]);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, flood), 100U);
  EXPECT_TRUE(engine->admit(ids[0])) << "and new ones go from memory again";
}

TEST_F(EngineFlood, NeverCollapsesWhereItIsSwitchedOff) {
  const auto target = instance(always(OutcomeStatus::kDelivered));
  ChannelSetup never = chat(target);
  never.collapse = 0;
  engine->configure({never}, backlogs);
  engine->start();
  push(ids[0], 40);
  settle();
  for (int second = 0; second < 40; ++second) advance(1000);
  EXPECT_EQ(sizes(*target), std::vector<std::size_t>(40, 1U));
}

TEST_F(EngineFlood, SendsATestByItself) {
  const auto target = serve_chat(always(OutcomeStatus::kDelivered));
  push(ids[0], 3);
  settle();
  const EventSeq seq = take_seqs(2);
  store::NewEvent test =
      store::make_new_event(seq, team(), {{ids[0], engine->admit(ids[0])}}, clock.unix_ms());
  Event changed = *test.event;
  changed.type = kTestEventType;
  test.event = std::make_shared<const Event>(std::move(changed));
  std::promise<void> done;
  std::vector<store::NewEvent> events;
  events.push_back(std::move(test));
  writer_->accept(std::move(events), [&](const auto&) { done.set_value(); });
  done.get_future().wait();
  push(ids[0], 50);
  for (int second = 0; second < 4; ++second) advance(1000);
  EXPECT_THAT(sizes(*target), testing::UnorderedElementsAre(1U, 1U, 1U, 1U, 50U));
  for (const auto& job : target->seen()) {
    EXPECT_EQ(job.test, job.delivery == seq + 1);
    EXPECT_TRUE(job.more.empty() || !job.test);
  }
}

TEST_F(EngineFlood, RecoversFromAnOutageWithOneProbeAndOneDigest) {
  bool down = true;
  const auto target = serve_chat(
      [&](const plugin::Job&) { return outcome(down ? OutcomeStatus::kRetry : OutcomeStatus::kDelivered); });
  std::vector<DeliveryId> all;
  for (int i = 0; i < 5; ++i) {
    const auto one = push(ids[0]);
    all.insert(all.end(), one.begin(), one.end());
    advance(1000);
  }
  ASSERT_EQ(status(ids[0]).state, "backing_off");
  const auto waiting = push(ids[0], 200);
  all.insert(all.end(), waiting.begin(), waiting.end());
  down = false;
  const std::size_t before = target->seen_count();
  for (int second = 0; second < 120; ++second) advance(1000);
  EXPECT_EQ(count_in(DeliveryState::kDelivered, all), all.size());
  const auto sent = sizes(*target);
  EXPECT_EQ(sent[before], 1U) << "the probe";
  EXPECT_LE(sent.size() - before, 7U);
  std::size_t events = 0;
  for (std::size_t i = before; i < sent.size(); ++i) events += sent[i];
  EXPECT_EQ(events, all.size());
}

TEST_F(EngineFlood, ProbesWithOneDeliverySoThatAnOutageCostsTheOthersNoTry) {
  const auto target = serve_chat(always(OutcomeStatus::kRetry));
  push(ids[0], 5);
  settle();
  for (int second = 0; second < 5; ++second) advance(1000);
  ASSERT_EQ(status(ids[0]).state, "backing_off");
  const auto waiting = push(ids[0], 100);
  for (int second = 0; second < 150; ++second) advance(1000);
  for (const auto& job : target->seen()) EXPECT_TRUE(job.more.empty());
  std::size_t untouched = 0;
  for (const DeliveryId id : waiting) untouched += record(id).tries == 0 ? 1 : 0;
  EXPECT_GE(untouched, 90U);
}

TEST_F(EngineFlood, TriesACollapsedMessageAgainAsOneAndMarksAnIdThatWasUsedAlone) {
  std::vector<OutcomeStatus> script = {OutcomeStatus::kUncertain};
  const auto target = serve_chat([&](const plugin::Job&) {
    return outcome(script.empty() ? OutcomeStatus::kDelivered : std::exchange(script, {}).front());
  });
  const auto first = push(ids[0]);
  settle();
  ASSERT_EQ(record(first[0]).state, DeliveryState::kScheduled);
  engine->pause(ids[0], true);
  const auto flood = push(ids[0], 30);
  advance(13'000);
  script = {OutcomeStatus::kRetry};
  engine->pause(ids[0], false);
  settle();
  ASSERT_EQ(target->seen_count(), 2U);
  const auto digest = target->seen()[1];
  EXPECT_EQ(members(digest).size(), 31U);
  EXPECT_EQ(digest.message, -first[0]) << "the receiver may have " << first[0] << " under its own id";
  EXPECT_EQ(digest.attempt, 1U) << "of the least tried in it";
  for (int seconds = 0; seconds < 14; ++seconds) advance(1000);
  ASSERT_EQ(target->seen_count(), 3U);
  EXPECT_EQ(members(target->seen()[2]), members(digest));
  EXPECT_EQ(target->seen()[2].message, digest.message);
  EXPECT_EQ(record(first[0]).tries, 3U);
  EXPECT_EQ(record(flood[0]).tries, 2U);
}

}  // namespace
}  // namespace tocsin::delivery
