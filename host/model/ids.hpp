// Host-made identifiers: 64-bit numbers inside, "evt_0RJ5…" outside. Numbers grow with time, so the newest
// rows of a table are neighbours, and an event's deliveries carry the numbers right after it: event E with n
// deliveries owns E+1 … E+n, which makes "the deliveries of an event" a range and needs no index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

using EventSeq = std::int64_t;    // primary key of an event
using DeliveryId = std::int64_t;  // primary key of a delivery
using ChannelId = std::int64_t;   // primary key of a channel, stable over restarts by (team, name)
using TeamId = std::int64_t;      // primary key of a team, stable over restarts by name
using InboxSeq = std::int64_t;    // place in the sequence of a team's inbox: of an item, or of a change
// A digest: the number of its first delivery; negative where that one was tried alone before, so that the id
// of the digest is not the one under which a receiver may have its first event already. 0: no digest.
using MessageId = std::int64_t;

// When what has the number was taken in, in milliseconds of Unix time: the number carries it.
[[nodiscard]] inline std::int64_t received_of(std::int64_t number) {
  return number >> 20;
}

[[nodiscard]] std::string format_event_id(EventSeq seq);       // "evt_" + 13 Crockford base-32 digits
[[nodiscard]] std::string format_delivery_id(DeliveryId id);   // "dlv_" + 13 digits
[[nodiscard]] std::string format_message_id(MessageId id);     // the first delivery's, or that and "-d"
[[nodiscard]] std::string format_item_id(InboxSeq seq);        // "itm_" + 13 digits; unique in its team
[[nodiscard]] std::string format_request_id(std::int64_t id);  // "req_" + 13 digits; never stored
[[nodiscard]] std::optional<EventSeq> parse_event_id(std::string_view text);
[[nodiscard]] std::optional<DeliveryId> parse_delivery_id(std::string_view text);
[[nodiscard]] std::optional<InboxSeq> parse_item_id(std::string_view text);

// Hands out number ranges: (unix ms << 20), never twice and never downwards, also when the clock steps back.
class IdSource {
 public:
  // `last_used` is the highest number in the store.
  explicit IdSource(std::int64_t last_used) : last_(last_used) {}
  // Reserves `count` consecutive numbers and returns the first. [one thread]
  [[nodiscard]] std::int64_t reserve(std::int64_t unix_ms, std::int64_t count);

 private:
  std::int64_t last_;
};

}  // namespace tocsin
