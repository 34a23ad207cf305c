// One channel as the engine sees it: what waits in memory, how much is in flight, and everything that can
// hold it back (window, rate, breaker, Retry-After, settings that do not work, an admin's pause). It decides
// on values it is given and touches neither the store nor a plugin; the core does (core.hpp). [core]
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/backlog.hpp"
#include "delivery/breaker.hpp"
#include "delivery/engine.hpp"
#include "delivery/gate.hpp"
#include "delivery/rate_bucket.hpp"
#include "delivery/transition.hpp"

namespace tocsin::delivery {

// A plugin instance while the engine uses it. Replaced ones live on until their last attempt has ended.
struct Lease {
  std::shared_ptr<plugin::ChannelInstance> instance;
  std::uint32_t in_flight = 0;
  bool replaced = false;
  bool watched = false;  // in the core's list of instances with something in flight
};

// What leaves as one message. One delivery is the rule, so that is kept small.
struct Waiting {
  struct Digest {
    MessageId message = 0;
    std::vector<store::Finish::Other> others;  // but the first
    std::vector<EventPtr> events;              // of the others, in the same order
  };
  DeliveryId delivery = 0;  // of a digest the first
  std::uint32_t tries = 0;
  EventPtr event;
  std::string carry = {};
  std::unique_ptr<Digest> digest = {};

  [[nodiscard]] std::size_t size() const { return digest ? 1 + digest->others.size() : 1; }
};

class ChannelQueue {
 public:
  static constexpr std::int64_t kHoldProbeMs = 600'000;
  // Held back for longer than this, a channel gives what waits in memory back to the store, but a window.
  static constexpr std::int64_t kShedMs = 5000;

  ChannelQueue(ChannelSetup setup, Gate& gate, GateTable& gates);

  // Takes the new setup; queue and statistics stay. With another instance, what was held against the old one
  // is forgotten and its lease returned.
  [[nodiscard]] std::shared_ptr<Lease> configure(ChannelSetup setup);
  void pause(bool paused);  // resuming also ends a hold and a disablement

  // ---- what waits
  void push(Waiting waiting, bool reserved);
  [[nodiscard]] Waiting pop();
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }           // messages
  [[nodiscard]] std::size_t waiting_deliveries() const { return deliveries_; }  // in them
  // Takes this one out where it waits by itself. Its row is the caller's then.
  [[nodiscard]] bool take_back(DeliveryId delivery);
  // Takes all but the first `keep` out of the queue; test messages stay.
  void shed(std::size_t keep, std::vector<DeliveryId>& out);
  void shed_all(std::vector<DeliveryId>& out);
  // More wait alone than the channel's rate is meant for, and nothing but the rate holds them back.
  [[nodiscard]] bool is_flooded(Instant now) const;
  // Takes those out (but for tests), so that a claim finds them and makes a digest of them.
  void shed_flood(std::vector<DeliveryId>& out);

  // ---- what may start
  [[nodiscard]] std::uint32_t startable(Instant now);
  // A test message that may start: an admin's pause, a breaker, a hold or a disablement do not hold it back,
  // since it is there to find out; the receiver's own wish to be left alone and its rate do.
  [[nodiscard]] std::optional<Waiting> pop_test(Instant now);
  // One attempt starts; true: it is a probe.
  [[nodiscard]] bool begin(Instant now);
  // One attempt ended, on the lease it started with.
  void ended() { --in_flight_; }
  // What the outcome says of the target. Only for attempts of the present instance. A test message that
  // arrives ends a disablement.
  void judge(const Transition& transition, const Attempt& attempt, bool probe, bool test, Instant now);
  // A probe of a replaced instance or one that said nothing.
  void abandon_probe(bool probe);

  // One attempt at a time, to see whether the target works again.
  [[nodiscard]] bool probing(Instant now) const;
  // Held back as a whole (not merely busy).
  [[nodiscard]] bool blocked(Instant now) const;
  [[nodiscard]] bool blocked_for_long(Instant now) const;
  [[nodiscard]] std::optional<std::int64_t> next_look(Instant now);
  void update_gate(Instant now, bool draining);
  // The state in one word, as in ChannelStatus::state; cheap.
  [[nodiscard]] std::string_view condition(Instant now) const;
  [[nodiscard]] ChannelStatus status(Instant now) const;

  [[nodiscard]] const ChannelSetup& setup() const { return setup_; }
  [[nodiscard]] const std::shared_ptr<Lease>& lease() const { return lease_; }
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }

  Backlog backlog;
  // The core's notes.
  bool listed = false;                             // in the list of channels to look at
  bool in_claim_line = false;                      // waits for its turn to claim
  bool gone = false;                               // no longer configured
  std::int64_t troubled_since_ms = 0;              // steady; 0: it delivers
  bool trouble_told = false;                       // since then
  std::uint64_t generation = 0;                    // of the configuration that named it last
  std::optional<std::int64_t> timer_at_steady_ms;  // its earliest entry in the timer heap

 private:
  [[nodiscard]] bool stopped() const;  // until somebody acts
  [[nodiscard]] Waiting take_first(std::deque<Waiting>& line);
  void give_back(const Waiting& waiting, std::vector<DeliveryId>& out);
  // Steady time from which a test message may start; nullopt: there is nothing to send it with.
  [[nodiscard]] std::optional<std::int64_t> test_at(Instant now);
  // Steady time at which a hold, a pause or the breaker lets something through; nullopt: nothing holds.
  [[nodiscard]] std::optional<std::int64_t> resume_at(Instant now) const;
  void forget_holds();

  ChannelSetup setup_;
  std::shared_ptr<Lease> lease_;  // null where the channel has no instance
  Gate& gate_;
  GateTable& gates_;
  std::deque<Waiting> queue_;
  std::deque<Waiting> tests_;
  std::size_t deliveries_ = 0;  // in both
  std::uint32_t in_flight_ = 0;

  Breaker breaker_;
  RateBucket bucket_;
  std::int64_t pause_until_ms_ = 0;  // steady
  bool disabled_ = false;
  bool held_ = false;  // misconfigured
  bool hold_probing_ = false;
  std::int64_t hold_probe_ms_ = 0;  // steady
  std::string hold_reason_;         // of a hold or a disablement

  std::int64_t last_success_ms_ = 0;
  std::int64_t last_failure_ms_ = 0;
  std::string last_failure_;
};

}  // namespace tocsin::delivery
