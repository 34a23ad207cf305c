// What happened lately: events and deliveries by their numbers, which carry the time, with a bounded number
// of rows looked at. No index is kept for it.
#include <algorithm>
#include <unordered_map>

#include "store/sqlite_engine.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kLooksPerPage = 20'000;
constexpr std::size_t kLooksPerSummary = 50'000;  // of events, and of deliveries: about 50 ms each
constexpr std::int64_t kMinuteMs = 60'000;

// Which of the minutes; the last one too late or none too early.
std::size_t minute_of(std::int64_t at_ms, const ActivityFilter& filter) {
  const std::int64_t minute = (at_ms - filter.from_ms) / kMinuteMs;
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(minute, 0, static_cast<std::int64_t>(filter.minutes) - 1));
}

}  // namespace

Result<EventPage> SqliteReader::list_events(const EventFilter& filter) {
  return guard([&] {
    EventPage page;
    Query rows(connection_,
               "SELECT seq, team, received_ms, payload FROM event WHERE seq < ? AND seq >= ?"
               " ORDER BY seq DESC");
    rows.add(filter.before > 0 ? filter.before : INT64_MAX).add(lowest_number_since(filter.since_ms));
    for (std::size_t looks = 0; rows.step(); ++looks) {
      const EventSeq seq = rows.number(0);
      if (page.events.size() >= filter.limit || looks >= kLooksPerPage) {
        page.next = seq + 1;
        break;
      }
      if (rows.number(1) != filter.team || rows.number(2) < filter.since_ms) continue;
      page.events.push_back(read_stored_event(rows.text(3), seq, rows.number(2)));
    }
    return page;
  });
}

void SqliteReader::count_events(const ActivityFilter& filter, Activity& activity) {
  Query rows(connection_, "SELECT team, received_ms FROM event WHERE seq >= ? ORDER BY seq DESC");
  rows.add(lowest_number_since(filter.from_ms));
  for (std::size_t looks = 0; rows.step(); ++looks) {
    if (looks >= kLooksPerSummary) {
      activity.complete = false;
      return;
    }
    if (rows.number(0) == filter.team && rows.number(1) >= filter.from_ms) {
      ++activity.events[minute_of(rows.number(1), filter)];
    }
  }
}

void SqliteReader::count_deliveries(const ActivityFilter& filter, Activity& activity) {
  std::unordered_map<ChannelId, std::size_t> places;
  for (std::size_t i = 0; i < filter.channels.size(); ++i) places.emplace(filter.channels[i], i);
  Query rows(connection_, "SELECT id, channel, state, at_ms FROM delivery WHERE id > ? ORDER BY id DESC");
  rows.add(lowest_number_since(filter.from_ms));
  for (std::size_t looks = 0; rows.step(); ++looks) {
    if (looks >= kLooksPerSummary) {
      activity.complete = false;
      return;
    }
    const auto place = places.find(rows.number(1));
    if (place == places.end()) continue;
    const auto state = static_cast<DeliveryState>(rows.number(2));
    const std::size_t minute = minute_of(rows.number(3), filter);
    if (state == DeliveryState::kFailed) {
      ++activity.channels[place->second].failed;
      ++activity.failed[minute];
    } else if (state == DeliveryState::kDelivered || state == DeliveryState::kAccepted) {
      ++activity.channels[place->second].delivered;
      ++activity.delivered[minute];
      // The number carries when its event was taken in.
      activity.took_ms.push_back(std::max<std::int64_t>(0, rows.number(3) - received_of(rows.number(0))));
    }
  }
}

// The one that is due the longest: the index has it first within each epoch, and there are few of them.
std::int64_t SqliteReader::oldest_due(ChannelId channel) {
  std::int64_t oldest = 0;
  for (std::int64_t epoch = 0;;) {
    Query row(connection_,
              "SELECT epoch, at_ms FROM delivery INDEXED BY delivery_due"
              " WHERE channel = ? AND epoch >= ? AND state < 10 ORDER BY epoch, at_ms LIMIT 1");
    if (!row.add(channel).add(epoch).step()) return oldest;
    oldest = oldest == 0 ? row.number(1) : std::min(oldest, row.number(1));
    epoch = row.number(0) + 1;
  }
}

Result<Activity> SqliteReader::summarize(const ActivityFilter& filter) {
  return guard([&] {
    Activity activity;
    for (auto* counts : {&activity.events, &activity.delivered, &activity.failed}) {
      counts->resize(filter.minutes);
    }
    for (const ChannelId channel : filter.channels) {
      activity.channels.push_back({channel, 0, 0, oldest_due(channel)});
    }
    count_events(filter, activity);
    count_deliveries(filter, activity);
    return activity;
  });
}

}  // namespace tocsin::store
