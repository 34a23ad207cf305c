// The [core] thread: every channel's queue, window, rate, breaker and retries. It takes freshly accepted
// deliveries from memory, claims the backlog from the store when there is room, hands attempts to the
// channel's plugin instance and records what came of them. It reads no SQL and no HTTP; decisions are in
// transition.hpp, pure.
//
// Memory is bounded: a channel holds at most hot_queue waiting + window in flight; the rest of a backlog
// stays on disk. A digest (up to 1,000 events, 4 MiB) is claimed only while no more deliveries wait than the
// window has places, so there is one waiting at most, and up to a window in flight.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "delivery/retry_schedule.hpp"
#include "model/clock.hpp"
#include "plugin/channel_instance.hpp"
#include "store/writer.hpp"

namespace tocsin::delivery {

struct ChannelSetup {
  ChannelId id = 0;
  std::string team;
  std::string name;
  std::string type;
  // Null: cannot deliver now (plugin not loaded, settings refused); deliveries wait and `unavailable` says
  // why.
  std::shared_ptr<plugin::ChannelInstance> instance;
  std::string unavailable;
  bool paused = false;
  std::uint32_t window = 8;
  RetrySchedule retries;
  std::uint32_t rate_per_minute = 0;  // 0: none
  std::uint32_t burst = 1;
  bool takes_digests = false;  // one message may be given many events
  // With takes_digests and a rate: where more than so many wait, they leave as one digest. 0: never.
  std::uint32_t collapse = 0;
};

struct ChannelStatus {
  ChannelId id = 0;
  std::string team, name, type;
  std::string state;  // "ready", "paused", "unavailable", "disabled", "backing_off"
  std::string reason;
  std::uint32_t in_flight = 0;
  std::uint32_t queued = 0;  // in memory
  std::int64_t backlog = 0;  // on disk, about
  std::int64_t last_success_ms = 0;
  std::int64_t last_failure_ms = 0;
  std::string last_failure;    // code and detail
  std::int64_t resume_ms = 0;  // when a breaker or Retry-After lets it go on
};

// What a team has to know of one of its channels.
struct Trouble {
  enum class Kind : std::uint8_t {
    kStopped,  // settings that do not work, a receiver that is gone, or nothing delivered for kLongMs
    kFailed,   // deliveries failed for good
  };
  static constexpr std::int64_t kLongMs = 600'000;
  Kind kind = Kind::kStopped;
  ChannelStatus channel;
  DeliveryId delivery = 0;      // kFailed: the delivery, of a digest the first
  std::int64_t deliveries = 0;  // kFailed: how many
  std::string reason;           // kFailed: code and detail
};
using TroubleHook = std::function<void(const Trouble&)>;  // [core]; must not block

// How a test of a channel went.
struct TestEnd {
  bool ended = false;                             // false: it still waits, `waits_for` says for what
  DeliveryState state = DeliveryState::kPending;  // of a message that ended
  Attempt attempt;
  std::string waits_for;  // one sentence
};
using TestDone = std::function<void(TestEnd)>;  // [core] or [store]; must not block

struct EngineOptions {
  std::uint32_t hot_queue = 256;      // places a channel
  std::uint32_t hot_in_all = 32'768;  // of all channels together; each may always use a few (gate.hpp)
  std::int64_t attempt_deadline_ms = 120'000;
  std::uint64_t seed = 0;  // of the retries' jitter; 0: from the system
};

class Engine {
 public:
  Engine(store::Writer& writer, const Clock& clock, EngineOptions options);
  ~Engine();

  // Before start(), and at reload: the whole set. Channels not in it are let go: their hot deliveries are
  // released to the store. Attempts in flight finish on the instance they started with; a replaced instance
  // is stopped after its last one, on a thread of the engine's. Holds, breaker and disablement are forgotten
  // where the instance is another one. Returns when the new set is in force. [any]
  void configure(std::vector<ChannelSetup> channels, const std::vector<store::ChannelBacklog>& backlogs);
  void start();

  // [any] True: there is room, a place is reserved and the delivery may be stored as hot. Must be followed by
  // offer() of the batch it was stored in, whatever became of it (also where the writer refused the batch).
  [[nodiscard]] bool admit(ChannelId channel);
  // The writer's on_accepted hook. One wake-up a batch. [any]
  void offer(std::span<store::NewEvent> events, std::span<const Result<store::Accepted>> results);

  // Wiring, before start(). Not told of test messages and of events of tocsin's own.
  void on_trouble(TroubleHook hook);

  // Where the channels' instances report what came of their jobs.
  [[nodiscard]] plugin::JobSink& sink();

  // False resumes: it also ends a hold for wrong settings and a disablement. [any]
  void pause(ChannelId channel, bool paused);
  // By channel id. Waits for the core's answer, well below a millisecond. [any but the core's callbacks]
  [[nodiscard]] std::vector<ChannelStatus> statuses() const;

  // [any] Finished deliveries that the store took up again; told on the store's thread, before the answer of
  // a claim that could see them.
  void recall(const std::vector<store::ChannelBacklog>& reopened);
  // Where the delivery waits in memory, by itself: it is taken out and will not be sent. False: it does not.
  // [any but the core's callbacks]
  [[nodiscard]] bool take_back(ChannelId channel, DeliveryId delivery);

  // Before a test message is given to the writer, as an event of kTestEventType with this one delivery, hot:
  // a place is reserved for it, as by admit(). It is sent at once, whatever holds the channel back, but for
  // the receiver's own wish to be left alone, and tried once. `done` is told its end when that is on disk, or
  // that it still waits after `patience_ms`. kNotFound, kConflict (with the reason: no instance to send with,
  // a test is under way): `done` is not called. [any but the core's callbacks]
  Result<void> expect_test(ChannelId channel, DeliveryId delivery, std::int64_t patience_ms, TestDone done);
  // The message was not stored after all; `done` is not called. [any]
  void forget_test(DeliveryId delivery);
  // Tests the connection. Says nothing about the channel's state. As above; kInvalid: its type has none to
  // test. [any but the core's callbacks]
  Result<void> verify(ChannelId channel, std::int64_t patience_ms, TestDone done);

  // Starts nothing new, releases what is queued, waits up to `grace_ms` for what is in flight, stops the
  // instances of the rest (interrupted, pending again). Then the thread ends and every instance is stopped;
  // every finish has been handed to the writer. [any]
  void drain(std::int64_t grace_ms);

  // For tests with a ManualClock: look at the time again now. [any]
  void wake();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace tocsin::delivery
