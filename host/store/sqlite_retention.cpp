// Deleting what is old and over, a few events at a time. It goes from the oldest event upwards and remembers
// how far it came, so that events which must stay (a delivery of theirs is unfinished) are not looked at
// again in the same sweep.
#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kLooksPerCall = 1000;  // rows read in one call, deleted or not

}  // namespace

Result<std::size_t> SqliteStore::delete_expired(std::int64_t before_ms, std::size_t limit) {
  return on_handle([&] {
    const auto expired = find_expired(before_ms, limit);
    if (expired.empty()) return expired.size();
    Transaction transaction(connection_);
    for (const auto& event : expired) delete_event(event);
    transaction.commit();
    return expired.size();
  });
}

std::vector<SqliteStore::Expired> SqliteStore::find_expired(std::int64_t before_ms, std::size_t limit) {
  std::vector<Expired> expired;
  // The plus keeps the planner on the range of ids, away from the index of due times.
  Query rows(connection_,
             "SELECT seq, received_ms, deliveries, team, keys, EXISTS(SELECT 1 FROM delivery"
             " WHERE id > seq AND id <= seq + deliveries AND +state < 10)"
             " FROM event WHERE seq > ? ORDER BY seq");
  rows.add(retention_cursor_);
  for (std::size_t looks = 0; looks < kLooksPerCall && expired.size() < limit; ++looks) {
    if (!rows.step() || rows.number(1) >= before_ms) {
      retention_cursor_ = 0;
      return expired;
    }
    retention_cursor_ = rows.number(0);
    if (rows.number(5) != 0) continue;
    expired.push_back({rows.number(0), rows.number(2), rows.number(3), rows.is_null(4) ? "" : rows.text(4)});
  }
  return expired;
}

void SqliteStore::delete_event(const Expired& event) {
  const DeliveryId last = event.seq + event.deliveries;
  Query(connection_, "DELETE FROM attempt WHERE delivery > ? AND delivery <= ?")
      .add(event.seq)
      .add(last)
      .run();
  Query(connection_, "DELETE FROM delivery WHERE id > ? AND id <= ?").add(event.seq).add(last).run();
  for (const auto& key : split_keys(event.keys)) drop_key(event.team, key, event.seq);
  Query(connection_, "DELETE FROM event WHERE seq = ?").add(event.seq).run();
}

}  // namespace tocsin::store
