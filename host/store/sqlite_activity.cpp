// What happened lately: events and deliveries by their numbers, which carry the time, with a bounded number
// of rows looked at. No index is kept for it.
#include <algorithm>

#include "store/sqlite_engine.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kLooksPerPage = 20'000;
constexpr std::size_t kLooksPerRecount = 300'000;  // of events, and of deliveries: about a second in all

}  // namespace

Result<EventPage> SqliteReader::list_events(const EventFilter& filter) {
  return guard([&] {
    EventPage page;
    Query rows(
        connection_,
        "SELECT seq, team, received_ms, payload, deliveries, type FROM event WHERE seq < ? AND seq >= ?"
        " ORDER BY seq DESC");
    rows.add(filter.before > 0 ? filter.before : INT64_MAX).add(lowest_number_since(filter.since_ms));
    for (std::size_t looks = 0; rows.step(); ++looks) {
      const EventSeq seq = rows.number(0);
      if (page.events.size() >= filter.limit || looks >= kLooksPerPage) {
        page.next = seq + 1;
        break;
      }
      if (rows.number(1) != filter.team || rows.number(2) < filter.since_ms) continue;
      if (filter.until_ms != 0 && rows.number(2) >= filter.until_ms) continue;
      if (filter.matched && *filter.matched != (rows.number(4) > 0)) continue;
      if (!filter.type.empty() && rows.text(5) != filter.type) continue;
      page.deliveries.push_back(rows.number(4));
      page.events.push_back(read_stored_event(rows.text(3), seq, rows.number(2)));
    }
    return page;
  });
}

// From when on they are counted.
std::int64_t SqliteReader::count_events(std::int64_t from_ms, std::int64_t before_ms, ActivityBook& book) {
  Query rows(connection_, "SELECT team, received_ms FROM event WHERE seq >= ? ORDER BY seq DESC");
  rows.add(lowest_number_since(from_ms));
  for (std::size_t looks = 0; rows.step(); ++looks) {
    const std::int64_t received_ms = rows.number(1);
    if (looks >= kLooksPerRecount) return received_ms;
    if (received_ms >= from_ms && received_ms < before_ms) book.took_in(rows.number(0), received_ms);
  }
  return from_ms;
}

std::int64_t SqliteReader::count_deliveries(std::int64_t from_ms, std::int64_t before_ms,
                                            ActivityBook& book) {
  Query rows(connection_, "SELECT id, channel, state, at_ms FROM delivery WHERE id > ? ORDER BY id DESC");
  rows.add(lowest_number_since(from_ms));
  for (std::size_t looks = 0; rows.step(); ++looks) {
    const std::int64_t received_ms = received_of(rows.number(0));
    if (looks >= kLooksPerRecount) return received_ms;
    const auto state = static_cast<DeliveryState>(rows.number(2));
    if (!is_final(state) || rows.number(3) >= before_ms) continue;
    book.ended(rows.number(1), state, rows.number(3), received_ms);
  }
  return from_ms;
}

Result<void> SqliteReader::recount(std::int64_t from_ms, std::int64_t before_ms, ActivityBook& book) {
  return guard([&] {
    const std::int64_t events = count_events(from_ms, before_ms, book);
    book.covers_since(std::max(events, count_deliveries(from_ms, before_ms, book)));
  });
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

Result<std::vector<std::int64_t>> SqliteReader::list_oldest_due(std::span<const ChannelId> channels) {
  return guard([&] {
    std::vector<std::int64_t> due;
    due.reserve(channels.size());
    for (const ChannelId channel : channels) due.push_back(oldest_due(channel));
    return due;
  });
}

}  // namespace tocsin::store
