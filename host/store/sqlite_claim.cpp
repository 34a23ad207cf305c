// Who holds a delivery: taking what is due, giving back, cancelling, and the figures of what waits. Which
// rows are taken is sqlite_due.cpp's.
#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kMaxClaimBytes = 4
                                       << 20;  // of texts in memory for one claim; a single event may pass it
constexpr std::int64_t kCancelStep = 1000;     // rows in one transaction: the log stays short

Attempt interrupted_attempt(std::int64_t now_ms) {
  Attempt attempt;
  attempt.started_ms = now_ms;
  attempt.outcome.status = OutcomeStatus::kInterrupted;
  attempt.outcome.code = "host.interrupted";
  attempt.outcome.detail = "The host stopped before an outcome of this delivery was recorded.";
  return attempt;
}

std::size_t text_bytes(const Event& event) {
  return event.data.size() + event.summary.size() + event.title.size();
}

}  // namespace

Event read_stored_event(const std::string& payload, EventSeq seq, std::int64_t received_ms) {
  auto event = read_event_json(payload);
  if (!event) throw Failure{event.error()};
  event->seq = seq;
  event->received_ms = received_ms;
  return std::move(*event);
}

Result<std::vector<Claimed>> SqliteStore::claim(ChannelId channel, std::int64_t now_ms,
                                                const ClaimWish& wish) {
  return on_handle([&] {
    auto due = wish.digests ? find_digest_or_alone(channel, now_ms, wish)
                            : find_due(channel, now_ms, {Pick::Kind::kAny, wish.limit});
    if (due.empty()) return std::vector<Claimed>();
    auto claimed = take(due, now_ms);
    if (wish.digests) claimed.back().more = true;  // of another kind: the next claim tells
    return claimed;
  });
}

// Either rows that leave alone, or one digest: an old one, which is taken whole whatever its size, or a new
// one, which is cut where it gets too large.
std::vector<Claimed> SqliteStore::take(std::vector<Due>& due, std::int64_t now_ms) {
  std::vector<Claimed> claimed;
  claimed.reserve(due.size());
  const MessageId message = due.front().claimed.message;
  const bool is_old = message != 0 && due.front().message == message;
  Transaction transaction(connection_);
  std::size_t bytes = 0;
  for (auto& row : due) {
    EventPtr event = load_event(row.claimed.delivery);
    bytes += text_bytes(*event);
    if (!is_old && !claimed.empty() && bytes > kMaxClaimBytes) {
      claimed.back().more = true;
      break;
    }
    if (message != 0) row.claimed.due_ms = due.front().claimed.due_ms;
    hold(row, static_cast<std::uint32_t>(due.size()), now_ms);
    row.claimed.event = std::move(event);
    if (row.claimed.attempts > 0 && (message == 0 || (is_old && claimed.empty()))) {
      row.claimed.carry = load_carry(row.claimed.delivery, message);
    }
    claimed.push_back(std::move(row.claimed));
  }
  transaction.commit();
  return claimed;
}

void SqliteStore::hold(Due& due, std::uint32_t events, std::int64_t now_ms) {
  if (due.claimed.message == 0) {
    Query(connection_, "UPDATE delivery SET state = 1, epoch = ? WHERE id = ?")
        .add(epoch_)
        .add(due.claimed.delivery)
        .run();
  } else {
    Query(connection_, "UPDATE delivery SET state = 1, epoch = ?, at_ms = ?, message = ? WHERE id = ?")
        .add(epoch_)
        .add(due.claimed.due_ms)
        .add(due.claimed.message)
        .add(due.claimed.delivery)
        .run();
  }
  if (!due.orphaned) return;
  due.claimed.interrupted = true;
  Attempt attempt = interrupted_attempt(now_ms);
  if (due.claimed.message != 0 && due.message == due.claimed.message) {
    attempt.message = due.claimed.message;
    attempt.events = events;
  }
  insert_attempt(due.claimed.delivery, ++due.claimed.attempts, attempt);
}

// What the plugin said last: of attempts that it did not end itself (interrupted, timed out, broken off)
// there is nothing, and what came before them still holds.
std::string SqliteStore::load_carry(DeliveryId delivery, MessageId message) {
  Query row(connection_,
            "SELECT carry FROM attempt WHERE delivery = ? AND message IS iif(? = 0, NULL, ?)"
            " AND (status < 32 OR carry IS NOT NULL) ORDER BY number DESC LIMIT 1");
  row.add(delivery).add(message).add(message);
  if (!row.step()) return {};
  const auto bytes = row.blob(0);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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

Result<std::vector<ChannelBacklog>> SqliteStore::reopen(std::span<const DeliveryId> deliveries,
                                                        std::int64_t now_ms) {
  return on_handle([&] {
    std::vector<ChannelBacklog> reopened;
    Transaction transaction(connection_);
    for (const DeliveryId delivery : deliveries) {
      Query row(connection_,
                "SELECT channel, state FROM delivery WHERE id = ? AND (state >= 10 OR (state = 2 AND "
                "ifnull(message, 0) = 0))");
      row.add(delivery);
      if (!row.step()) continue;
      const ChannelId channel = row.number(0);
      const bool was_final = is_final(static_cast<DeliveryState>(row.number(1)));
      Query(connection_,
            "UPDATE delivery SET state = 0, tries = 0, epoch = 0, at_ms = ?, reason = NULL, message = NULL"
            " WHERE id = ?")
          .add(now_ms)
          .add(delivery)
          .run();
      auto found = std::ranges::find(reopened, channel, &ChannelBacklog::channel);
      if (found == reopened.end()) found = reopened.insert(found, {channel, 0, now_ms});
      if (was_final) ++found->unfinished;
    }
    transaction.commit();
    return reopened;
  });
}

Result<bool> SqliteStore::cancel(DeliveryId delivery, bool taken, const std::string& reason,
                                 std::int64_t now_ms) {
  return on_handle([&] {
    Transaction transaction(connection_);
    Query(connection_,
          "UPDATE delivery SET state = 13, epoch = 0, at_ms = ?, reason = ? WHERE id = ? AND state < 10"
          " AND (epoch <> ? OR ?) AND ifnull(message, 0) = 0")
        .add(now_ms)
        .add(reason)
        .add(delivery)
        .add(epoch_)
        .add(taken ? 1 : 0)
        .run();
    const bool changed = connection_.changed_rows() == 1;
    transaction.commit();
    return changed;
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
