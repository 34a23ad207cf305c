// What happened lately, as numbers: of one team's events and deliveries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "model/ids.hpp"
#include "store/durations.hpp"

namespace tocsin::store {

struct EventFilter {
  TeamId team = 0;
  std::int64_t since_ms = 0;  // of the event's reception
  std::int64_t until_ms = 0;  // before it; 0: no end
  EventSeq before = 0;        // cursor: numbers below this; 0: from the newest
  std::size_t limit = 50;
  std::string type{};             // exact; empty: all
  std::optional<bool> matched{};  // whether it has deliveries
};

struct EventPage {
  std::vector<Event> events;             // newest first
  std::vector<std::int64_t> deliveries;  // how many the k-th of them has
  EventSeq next = 0;                     // 0: the end. May be set on a short page: the scan is bounded
};

struct ActivityFilter {
  TeamId team = 0;
  std::vector<ChannelId> channels;  // the team's: others' deliveries are not counted
  std::int64_t from_ms = 0;
  std::size_t minutes = 60;  // from from_ms on
};

struct ChannelActivity {
  ChannelId channel = 0;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::int64_t oldest_due_ms = 0;  // of what has not ended, whenever it was made; 0: there is nothing
};

// Of the events received in this time, and of the deliveries that ended in it.
struct Activity {
  std::vector<std::int64_t> events, delivered, failed;  // a minute each
  std::vector<ChannelActivity> channels;                // as in the filter
  Durations took;        // of those delivered: from their event's reception to the end
  bool complete = true;  // false: of the time before the last start not all is counted
};

}  // namespace tocsin::store
