// The engine's thread and what it owns. The loop: take the mail, look at the timers, look at every channel
// that something happened to, hand collected work on. Nothing here is proportional to the number of channels
// but a reload and a status query. Split by concern: core.cpp (loop, mail), core_dispatch.cpp (starting and
// ending attempts), core_claims.cpp (the backlog), core_tests.cpp (tests somebody waits for),
// core_lifecycle.cpp (configuration and drain).
#pragma once

#include <atomic>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "delivery/channel_queue.hpp"
#include "delivery/engine.hpp"
#include "delivery/inbox.hpp"
#include "delivery/instance_stopper.hpp"

namespace tocsin::delivery {

class Engine::Core final : public plugin::JobSink {
 public:
  static constexpr std::size_t kMaxClaimsOut = 16;  // of all channels: accepts share the store's thread
  static constexpr std::int64_t kTickMs = 1000;     // how often deadlines of attempts are looked at
  static constexpr std::int64_t kStopGraceMs = 5000;
  static constexpr std::int64_t kLastStopGraceMs = 2000;

  Core(store::Writer& writer, const Clock& clock, EngineOptions options);
  ~Core() override;

  // [any]
  void job_done(plugin::JobResult result) override;
  void offer(std::span<store::NewEvent> events, std::span<const Result<store::Accepted>> results);
  [[nodiscard]] bool admit(ChannelId channel) { return gates_.admit(channel); }
  void configure(std::vector<ChannelSetup> channels, const std::vector<store::ChannelBacklog>& backlogs);
  void pause(ChannelId channel, bool paused);
  [[nodiscard]] std::vector<ChannelStatus> statuses();
  void on_trouble(TroubleHook hook) { trouble_ = std::move(hook); }
  void recall(const std::vector<store::ChannelBacklog>& reopened);
  [[nodiscard]] bool take_back(ChannelId channel, DeliveryId delivery);
  Result<void> expect_test(ChannelId channel, DeliveryId delivery, std::int64_t patience_ms, TestDone done);
  void forget_test(DeliveryId delivery);
  Result<void> verify(ChannelId channel, std::int64_t patience_ms, TestDone done);
  void start();
  void drain(std::int64_t grace_ms);
  void wake() { inbox_->wake(); }

 private:
  struct InFlight {
    ChannelQueue* channel = nullptr;
    Lease* lease = nullptr;
    std::uint32_t tries = 0;
    bool probe = false;
    bool test = false;
    bool own = false;  // of an event that tocsin made: its failure is told to nobody
    std::int64_t started_ms = 0;
    std::uint32_t first_tries = 0;             // of the first delivery; `tries` are the fewest in a digest
    MessageId message = 0;                     // of a digest
    std::vector<store::Finish::Other> others;  // the other deliveries of it
  };
  // Somebody waits for its end: of a test message by its delivery, of a verification by a number below 0.
  struct Test {
    ChannelId channel = 0;
    std::int64_t until_steady_ms = 0;
    TestDone done;
  };
  struct Timer {
    std::int64_t at_steady_ms = 0;
    ChannelId channel = 0;
    bool operator>(const Timer& other) const { return at_steady_ms > other.at_steady_ms; }
  };

  // core.cpp
  void run();
  [[nodiscard]] std::optional<std::int64_t> wait_ms() const;
  void turn(std::vector<Mail>& batch);
  void sweep();  // handles mail where no thread runs
  void send(Mail mail);
  void run_on_core(Order order);
  void handle(Offered& offered);
  void handle(RetryRecorded& retry);
  void fire_timers();
  void list(ChannelQueue& channel);
  void look_at_listed();
  void arm(ChannelQueue& channel);
  [[nodiscard]] ChannelQueue* find_channel(ChannelId id);

  // core_dispatch.cpp
  void handle(plugin::JobResult& result);
  void start_attempts(ChannelQueue& channel);
  [[nodiscard]] bool start(ChannelQueue& channel, Waiting waiting, plugin::Job& job);
  void record(InFlight& attempt, const Transition& transition, plugin::JobResult& result);
  void close_attempt(const InFlight& attempt, const Transition& transition, const Attempt& told);
  void report_condition(const ChannelQueue& channel, std::string_view before) const;
  void look_for_trouble(ChannelQueue& channel, ChannelEffect effect) const;
  void watch(const std::shared_ptr<Lease>& lease);
  void tick();
  void retire(const std::shared_ptr<Lease>& lease);

  // core_claims.cpp
  void handle(ClaimAnswer& answer);
  static void push_claimed(ChannelQueue& channel, std::vector<store::Claimed>& claimed);
  void ask_for_claim(ChannelQueue& channel);
  void send_claims();
  void flush_releases();

  // core_tests.cpp
  [[nodiscard]] Result<ChannelQueue*> find_testable(ChannelId channel);
  [[nodiscard]] TestDone take_test(DeliveryId key);
  [[nodiscard]] store::FinishDone end_test(const store::Finish& finish);
  void end_verification(DeliveryId key, const std::shared_ptr<Lease>& lease, Attempt attempt);
  void look_at_tests();
  void give_up_tests();

  // core_lifecycle.cpp
  void apply(std::vector<ChannelSetup> channels, const std::vector<store::ChannelBacklog>& backlogs);
  void let_go(ChannelQueue& channel);
  void begin_drain(std::int64_t grace_ms);
  void step_drain();
  void stop_everything_in_flight();
  void give_up(const Lease& lease);
  void stop_idle_instances();

  store::Writer& writer_;
  const Clock& clock_;
  const EngineOptions options_;
  GateTable gates_;
  const std::shared_ptr<Inbox> inbox_;
  InstanceStopper stopper_;

  // Where no thread runs (before start, after drain), whoever sends mail handles it under this lock.
  std::mutex loose_mutex_;
  std::atomic<bool> loose_{true};
  std::thread thread_;

  // The core's own from here.
  Instant now_;
  std::mt19937_64 random_;
  std::unordered_map<ChannelId, std::unique_ptr<ChannelQueue>> channels_;
  std::unordered_map<DeliveryId, InFlight> in_flight_;
  std::vector<ChannelQueue*> listed_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::map<DeliveryId, Test> tests_;
  DeliveryId last_verification_ = 0;  // counts down
  std::vector<std::shared_ptr<Lease>> watched_;
  std::optional<std::int64_t> tick_at_;
  TroubleHook trouble_;
  std::deque<ChannelId> claim_line_;
  std::size_t claims_out_ = 0;
  std::vector<DeliveryId> releases_;
  std::uint64_t generation_ = 0;
  bool draining_ = false;
  bool stopping_ = false;  // the drain's grace is over
  bool finished_ = false;
  std::int64_t drain_until_ = 0;
};

}  // namespace tocsin::delivery
