// Which of a channel's deliveries a claim takes: those that are due and not held, and among them who leaves
// with whom. All rows of a digest always have the same due time and the same holder, since every step takes
// them together; so a digest is found again by its number near one due time.
#include <algorithm>
#include <limits>

#include "model/catalogue.hpp"
#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

// How many attempts a delivery has: they are numbered from 1 without gaps.
#define TOCSIN_DUE_ROWS                                                                                      \
  "SELECT id, tries, (SELECT ifnull(max(number), 0) FROM attempt WHERE delivery = delivery.id), at_ms,"      \
  " message FROM delivery INDEXED BY delivery_due WHERE channel = ? AND state < 10 AND at_ms BETWEEN ? AND " \
  "?"
// By the number of a Pick::Kind.
#define TOCSIN_OF_KIND                                                                                \
  " AND CASE ? WHEN 0 THEN 1 WHEN 1 THEN message IS NULL WHEN 2 THEN message = 0"                     \
  " WHEN 3 THEN message IS NULL AND"                                                                  \
  " (SELECT type FROM event WHERE seq < delivery.id ORDER BY seq DESC LIMIT 1) <> ? ELSE message = ?" \
  " END"

}  // namespace

std::vector<SqliteStore::Due> SqliteStore::find_due(ChannelId channel, std::int64_t now_ms,
                                                    const Pick& pick) {
  std::vector<Due> due;
  find_unheld(due, channel, now_ms, pick);
  if (!orphaned_channels_.contains(channel)) return due;
  find_orphaned(due, channel, now_ms, pick);
  std::ranges::sort(due, [](const Due& a, const Due& b) {
    return std::pair(a.claimed.due_ms, a.claimed.delivery) < std::pair(b.claimed.due_ms, b.claimed.delivery);
  });
  if (due.size() > pick.limit) due.resize(pick.limit);
  return due;
}

void SqliteStore::find_unheld(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms,
                              const Pick& pick) {
  Query rows(connection_, TOCSIN_DUE_ROWS " AND epoch = 0" TOCSIN_OF_KIND " ORDER BY at_ms LIMIT ?");
  rows.add(channel);
  read_due(rows, now_ms, pick, false, due);
}

// Left by a host that did not stop in order: as many as its memory held, fewer with every claim.
void SqliteStore::find_orphaned(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms,
                                const Pick& pick) {
  const std::size_t before = due.size();
  {
    Query rows(connection_,
               TOCSIN_DUE_ROWS " AND epoch > 0 AND epoch < ?" TOCSIN_OF_KIND " ORDER BY at_ms LIMIT ?");
    rows.add(channel);
    read_due(rows, now_ms, pick, true, due);
  }
  if (due.size() > before) return;
  Query any(connection_,
            "SELECT 1 FROM delivery INDEXED BY delivery_due WHERE channel = ? AND epoch > 0 AND epoch < ?"
            " AND state < 10 LIMIT 1");
  if (!any.add(channel).add(epoch_).step()) orphaned_channels_.erase(channel);
}

void SqliteStore::read_due(Query& rows, std::int64_t now_ms, const Pick& pick, bool orphaned,
                           std::vector<Due>& due) {
  static const std::string test_type(kTestEventType);
  rows.add(pick.due_ms.value_or(std::numeric_limits<std::int64_t>::min())).add(pick.due_ms.value_or(now_ms));
  if (orphaned) rows.add(epoch_);
  rows.add(static_cast<std::int64_t>(pick.kind)).add(test_type).add(pick.message);
  rows.add(static_cast<std::int64_t>(pick.limit));
  while (rows.step()) {
    auto& row = due.emplace_back();
    row.orphaned = orphaned;
    row.claimed.delivery = rows.number(0);
    row.claimed.tries = static_cast<std::uint32_t>(rows.number(1));
    row.claimed.attempts = static_cast<std::uint32_t>(rows.number(2));
    row.claimed.due_ms = rows.number(3);
    if (!rows.is_null(4)) row.message = rows.number(4);
  }
}

// What has waited longest decides: it leaves with its digest, with what else was accepted for a window, with
// the flood it is part of, or alone.
std::vector<SqliteStore::Due> SqliteStore::find_digest_or_alone(ChannelId channel, std::int64_t now_ms,
                                                                const ClaimWish& wish) {
  const auto first = find_due(channel, now_ms, {.limit = 1});
  if (first.empty()) return {};
  const auto message = first.front().message;
  std::vector<Due> due;
  if (message.value_or(0) != 0) {
    due = find_due(channel, now_ms,
                   {Pick::Kind::kOfMessage, ClaimWish::kMaxDigest, *message, first.front().claimed.due_ms});
  } else if (message) {
    due = find_due(channel, now_ms, {Pick::Kind::kForWindow, ClaimWish::kMaxDigest});
  } else {
    if (wish.collapse > 0)
      due = find_due(channel, now_ms, {Pick::Kind::kAloneButTests, ClaimWish::kMaxDigest});
    if (due.size() <= wish.collapse) return find_due(channel, now_ms, {Pick::Kind::kAlone, wish.limit});
  }
  std::ranges::sort(due, {}, [](const Due& row) { return row.claimed.delivery; });
  const Due& head = due.front();
  const bool was_tried = head.claimed.attempts > 0 || head.orphaned;
  const MessageId fresh = was_tried ? -head.claimed.delivery : head.claimed.delivery;
  const MessageId chosen = message.value_or(0) != 0 ? *message : fresh;
  for (auto& row : due) row.claimed.message = chosen;
  return due;
}

}  // namespace tocsin::store
