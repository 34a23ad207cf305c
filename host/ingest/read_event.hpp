// From bytes a service posted to a checked event, or to every fault in it with a JSON pointer. Pure: knows no
// store, no clock of its own and no principal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalogue.hpp"
#include "model/event.hpp"
#include "store/store.hpp"

namespace tocsin::ingest {

struct EventLimits {
  std::size_t event_bytes = 1 << 20;
  std::size_t batch_events = 1000;
};

// An event that is right in itself; team and id may still be empty (the caller knows the token and the
// number).
struct Draft {
  Event event;
  bool named_id = false;  // the producer gave the id
  // Over what the producer meant: member order and white space do not count. Only where it is needed: the
  // producer gave the id, or the caller said keyed.
  store::BodyHash body_hash{};
};

// `json`: one event object as text. kInvalid: not JSON, or `fields` says where it is wrong (at most 20
// faults). kTooLarge: over limits.event_bytes. `keyed`: the request has an idempotency key.
[[nodiscard]] Result<Draft> read_event(std::string_view json, const Catalogue& catalogue,
                                       const EventLimits& limits, std::int64_t now_ms, bool keyed = false);

// Cuts a JSON array into the texts of its elements without building a tree. kInvalid: not an array or not
// closed; what the elements hold is read_event's matter. kTooLarge: more than limits.batch_events.
[[nodiscard]] Result<std::vector<std::string_view>> split_array(std::string_view json,
                                                                const EventLimits& limits);
// Cuts newline-delimited JSON into its non-empty lines (LF or CRLF).
[[nodiscard]] Result<std::vector<std::string_view>> split_lines(std::string_view text,
                                                                const EventLimits& limits);

}  // namespace tocsin::ingest
