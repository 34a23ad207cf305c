// What goes into a store and comes out of it, as plain values. The calls are in store.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/delivery.hpp"
#include "model/event.hpp"
#include "model/ids.hpp"

namespace tocsin::store {

using BodyHash = std::array<std::uint8_t, 32>;  // SHA-256 of what the producer meant

// ---- accept
// -----------------------------------------------------------------------------------------------------

struct NewDelivery {
  ChannelId channel = 0;
  // True: the engine takes it from memory right after the commit (it belongs to this epoch). False: it stays
  // in the backlog and is claimed when due.
  bool hot = false;
  // Not 0: the end of its channel's digest window. It is due then, never hot, and leaves in one message with
  // whatever else is due by then.
  std::int64_t due_ms = 0;
  std::string
      cancelled{};  // why it is not to be made at all: recorded as kCancelled; never hot. Empty: it is
};

struct NewEvent {
  EventPtr event;  // seq is set; deliveries[i] gets the id seq + 1 + i
  TeamId team = 0;
  std::int64_t generation = 0;    // the team's rule-set generation that planned it
  std::vector<std::string> keys;  // idempotency keys, scoped to the team; empty: none
  BodyHash body_hash{};           // compared where a key is known already
  std::vector<NewDelivery> deliveries;
};

// The first answer again, or the refusal.
struct Accepted {
  enum class Kind : std::uint8_t { kStored, kDuplicate, kConflict };
  Kind kind = Kind::kStored;
  EventSeq seq = 0;                 // of the first event where it is a duplicate or conflict
  std::string id;                   // the first event's id
  std::vector<ChannelId> channels;  // of its deliveries, in order: ids are seq + 1 + i
};

// ---- finish
// -----------------------------------------------------------------------------------------------------

// What an attempt did to its delivery. Applied only while the delivery is unfinished, owned by `epoch` and
// has had `tries` counted tries; otherwise the store ignores the state change, keeps the attempt row and says
// so.
struct Finish {
  DeliveryId delivery = 0;
  ChannelId channel = 0;    // for the numbers of the last hour
  std::uint32_t tries = 0;  // counted tries before this attempt
  bool counted = true;      // false: an interruption, not a try
  DeliveryState state = DeliveryState::kDelivered;
  std::int64_t due_ms = 0;  // when kScheduled or kPending: claimable from then on
  Attempt attempt;          // number is given by the store: the next one of the delivery
  // The other deliveries of a digest: all get the state, the due time and an attempt row, in one transaction.
  // The answer's body and the carry are kept once, with `delivery`, which is the digest's first.
  struct Other {
    DeliveryId delivery = 0;
    std::uint32_t tries = 0;
  };
  std::vector<Other> others;
};

// ---- claim
// ------------------------------------------------------------------------------------------------------

// How much to take, and of which kind.
struct ClaimWish {
  static constexpr std::size_t kMaxDigest = 1000;  // events in one message; their texts are bounded as well

  ClaimWish(std::size_t deliveries) : limit(deliveries) {}  // NOLINT: claim(channel, now, 10) reads well
  std::size_t limit;                                        // of deliveries that leave alone
  // False: each leaves alone, whatever was meant for it (a type that takes no digests). True: what was
  // accepted for a window, or was in a digest before, leaves together.
  bool digests = false;
  // Above so many that are due and would leave alone, they leave together, too (but for tests). 0: never.
  std::uint32_t collapse = 0;
};

struct Claimed {
  DeliveryId delivery = 0;
  std::uint32_t tries = 0;     // counted tries so far
  std::uint32_t attempts = 0;  // attempt rows so far
  std::int64_t due_ms = 0;
  bool interrupted = false;  // was held by an older epoch; an interrupted attempt row was written
  bool more = false;         // on the last one: more may be due, left for the next claim
  MessageId message = 0;     // not 0: all rows of the claim are this one digest, in order of acceptance
  std::string carry;  // of the newest attempt that its plugin ended; of a digest: with its first delivery
  EventPtr event;
};

struct ChannelBacklog {
  ChannelId channel = 0;
  std::int64_t unfinished = 0;  // deliveries that are not final and not owned by this epoch
  std::int64_t next_due_ms = 0;
};

// ---- reading
// ----------------------------------------------------------------------------------------------------

struct DeliveryRecord {
  DeliveryId id = 0;
  EventSeq event = 0;
  ChannelId channel = 0;
  std::string channel_name;
  std::string channel_type;
  DeliveryState state = DeliveryState::kPending;
  std::uint32_t tries = 0;
  std::int64_t due_ms = 0;       // when unfinished
  std::int64_t finished_ms = 0;  // when final
  std::string reason;            // the last outcome's code, or why it was cancelled
  std::string event_id;
  std::string event_type;
  std::string event_title;
  Severity severity = Severity::kInfo;
};

struct EventRecord {
  Event event;
  TeamId team = 0;
  std::int64_t generation = 0;
  std::vector<DeliveryRecord> deliveries;
};

struct DeliveryFilter {
  std::optional<TeamId> team;
  std::optional<ChannelId> channel;
  std::optional<DeliveryState> state;
  std::string event_type;     // exact; empty: all
  std::int64_t since_ms = 0;  // of the event's reception
  std::int64_t until_ms = 0;  // before it; 0: no end
  DeliveryId before = 0;      // cursor: ids below this; 0: from the newest
  std::size_t limit = 50;
};

struct DeliveryPage {
  std::vector<DeliveryRecord> deliveries;  // newest first
  DeliveryId next = 0;                     // 0: the end. May be set on a short page: the scan is bounded
};

}  // namespace tocsin::store
