// Who holds a delivery: taking what is due, giving back, cancelling, and the figures of what waits.
#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

// How many attempts a delivery has: they are numbered from 1 without gaps.
#define TOCSIN_ATTEMPTS "(SELECT ifnull(max(number), 0) FROM attempt WHERE delivery = delivery.id)"

constexpr std::size_t kMaxClaimBytes = 4
                                       << 20;  // of texts in memory for one claim; the last event may pass it
constexpr std::int64_t kCancelStep = 1000;     // rows in one transaction: the log stays short

Attempt interrupted_attempt(std::int64_t now_ms) {
  Attempt attempt;
  attempt.started_ms = now_ms;
  attempt.outcome.status = OutcomeStatus::kInterrupted;
  attempt.outcome.code = "host.interrupted";
  attempt.outcome.detail = "The host stopped before an outcome of this delivery was recorded.";
  return attempt;
}

}  // namespace

Event read_stored_event(const std::string& payload, EventSeq seq, std::int64_t received_ms) {
  auto event = read_event_json(payload);
  if (!event) throw Failure{event.error()};
  event->seq = seq;
  event->received_ms = received_ms;
  return std::move(*event);
}

Result<std::vector<Claimed>> SqliteStore::claim(ChannelId channel, std::int64_t now_ms, std::size_t limit) {
  return on_handle([&] {
    std::vector<Claimed> claimed;
    std::vector<Due> due;
    find_due(due, channel, now_ms, limit);
    if (orphaned_channels_.contains(channel)) find_orphaned(due, channel, now_ms, limit);
    if (due.empty()) return claimed;
    claimed.reserve(due.size());
    Transaction transaction(connection_);
    std::size_t bytes = 0;
    for (auto& row : due) {
      if (bytes > kMaxClaimBytes) {
        claimed.back().more = true;
        break;
      }
      hold(row, now_ms);
      row.claimed.event = load_event(row.claimed.delivery);
      const Event& event = *row.claimed.event;
      bytes += event.data.size() + event.summary.size() + event.title.size();
      claimed.push_back(std::move(row.claimed));
    }
    transaction.commit();
    return claimed;
  });
}

void SqliteStore::find_due(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms, std::size_t limit) {
  Query rows(connection_,
             "SELECT id, tries, " TOCSIN_ATTEMPTS
             ", at_ms FROM delivery INDEXED BY delivery_due"
             " WHERE channel = ? AND epoch = 0 AND at_ms <= ? AND state < 10 ORDER BY at_ms LIMIT ?");
  rows.add(channel).add(now_ms).add(static_cast<std::int64_t>(limit));
  while (rows.step()) {
    auto& row = due.emplace_back().claimed;
    row.delivery = rows.number(0);
    row.tries = static_cast<std::uint32_t>(rows.number(1));
    row.attempts = static_cast<std::uint32_t>(rows.number(2));
    row.due_ms = rows.number(3);
  }
}

// Left by a host that did not stop in order: as many as its memory held, fewer with every claim.
void SqliteStore::find_orphaned(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms,
                                std::size_t limit) {
  Query rows(connection_, "SELECT id, tries, " TOCSIN_ATTEMPTS
                          ", at_ms FROM delivery INDEXED BY delivery_due WHERE channel = ?"
                          " AND epoch > 0 AND epoch < ? AND state < 10 ORDER BY at_ms LIMIT ?");
  rows.add(channel).add(epoch_).add(static_cast<std::int64_t>(limit) + 1);
  std::size_t found = 0;
  while (rows.step()) {
    ++found;
    if (rows.number(3) > now_ms) continue;
    auto& row = due.emplace_back();
    row.orphaned = true;
    row.claimed.delivery = rows.number(0);
    row.claimed.tries = static_cast<std::uint32_t>(rows.number(1));
    row.claimed.attempts = static_cast<std::uint32_t>(rows.number(2));
    row.claimed.due_ms = rows.number(3);
  }
  if (found == 0) orphaned_channels_.erase(channel);
  std::ranges::sort(due, [](const Due& a, const Due& b) {
    return std::pair(a.claimed.due_ms, a.claimed.delivery) < std::pair(b.claimed.due_ms, b.claimed.delivery);
  });
  if (due.size() > limit) due.resize(limit);
}

void SqliteStore::hold(Due& due, std::int64_t now_ms) {
  Query(connection_, "UPDATE delivery SET state = 1, epoch = ? WHERE id = ?")
      .add(epoch_)
      .add(due.claimed.delivery)
      .run();
  if (!due.orphaned) return;
  due.claimed.interrupted = true;
  insert_attempt(due.claimed.delivery, ++due.claimed.attempts, interrupted_attempt(now_ms));
}

EventPtr SqliteStore::load_event(DeliveryId delivery) {
  Query row(connection_,
            "SELECT seq, received_ms, payload FROM event WHERE seq < ? ORDER BY seq DESC LIMIT 1");
  row.add(delivery);
  if (!row.step()) {
    throw Failure{make_error(Errc::kStorageFailed, "the database " + file_ + " has lost the event of " +
                                                       format_delivery_id(delivery))};
  }
  return std::make_shared<const Event>(read_stored_event(row.text(2), row.number(0), row.number(1)));
}

Result<void> SqliteStore::release(std::span<const DeliveryId> deliveries, std::int64_t now_ms) {
  return on_handle([&] {
    Transaction transaction(connection_);
    for (const DeliveryId delivery : deliveries) {
      Query(connection_,
            "UPDATE delivery SET state = 0, epoch = 0, at_ms = ? WHERE id = ? AND state < 10 AND epoch = ?")
          .add(now_ms)
          .add(delivery)
          .add(epoch_)
          .run();
    }
    transaction.commit();
  });
}

Result<std::size_t> SqliteStore::cancel_channel(ChannelId channel, const std::string& reason,
                                                std::int64_t now_ms) {
  return on_handle([&] {
    std::size_t cancelled = 0;
    for (std::int64_t changed = kCancelStep; changed == kCancelStep;) {
      Transaction transaction(connection_);
      Query(connection_,
            "UPDATE delivery SET state = 13, epoch = 0, at_ms = ?, reason = ? WHERE id IN"
            " (SELECT id FROM delivery INDEXED BY delivery_due WHERE channel = ? AND epoch <> ?"
            " AND state < 10 LIMIT ?)")
          .add(now_ms)
          .add(reason)
          .add(channel)
          .add(epoch_)
          .add(kCancelStep)
          .run();
      changed = connection_.changed_rows();
      transaction.commit();
      cancelled += static_cast<std::size_t>(changed);
    }
    return cancelled;
  });
}

Result<std::vector<ChannelBacklog>> SqliteStore::list_backlogs() {
  return on_handle([&] {
    std::vector<ChannelBacklog> backlogs;
    Query rows(connection_,
               "SELECT channel, count(*), min(at_ms) FROM delivery INDEXED BY delivery_due"
               " WHERE state < 10 AND epoch <> ? GROUP BY channel ORDER BY channel");
    rows.add(epoch_);
    while (rows.step()) backlogs.push_back({rows.number(0), rows.number(1), rows.number(2)});
    return backlogs;
  });
}

}  // namespace tocsin::store
