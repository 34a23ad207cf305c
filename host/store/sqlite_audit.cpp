// The audit log: written once, never changed, forgotten when it is old.
#include "store/sqlite_engine.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {

Result<void> SqliteStore::add_audit(const AuditRecord& record) {
  return on_handle([&] {
    Transaction transaction(connection_);
    Query(connection_,
          "INSERT INTO audit(at_ms, team, actor, role, origin, act, object, detail, request)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .add(record.at_ms)
        .add(record.team)
        .add(record.actor)
        .add(record.role)
        .add(record.origin)
        .add(record.act)
        .add(record.object)
        .add(record.detail)
        .add(record.request)
        .run();
    transaction.commit();
  });
}

Result<std::size_t> SqliteStore::trim_audit(std::int64_t before_ms, std::size_t limit) {
  return on_handle([&]() -> std::size_t {
    // Numbers ascend with time, so what is old stands at the start.
    std::int64_t last = 0;
    std::size_t found = 0;
    {
      Query rows(connection_, "SELECT number, at_ms FROM audit ORDER BY number LIMIT ?");
      rows.add(static_cast<std::int64_t>(limit));
      for (; rows.step() && rows.number(1) < before_ms; ++found) last = rows.number(0);
    }
    const bool has_token =
        connection_.ask_number(
            "SELECT EXISTS(SELECT 1 FROM api_token WHERE revoked_ms > 0 AND revoked_ms < " +
            std::to_string(before_ms) + ")") != 0;
    if (found == 0 && !has_token) return 0;
    Transaction transaction(connection_);
    Query(connection_, "DELETE FROM audit WHERE number <= ?").add(last).run();
    Query(connection_, "DELETE FROM api_token WHERE revoked_ms > 0 AND revoked_ms < ?").add(before_ms).run();
    transaction.commit();
    return found;
  });
}

Result<AuditPage> SqliteReader::list_audit(const AuditFilter& filter) {
  return guard([&] {
    AuditPage page;
#define TOCSIN_AUDIT \
  "SELECT number, at_ms, team, actor, role, origin, act, object, detail, request FROM audit WHERE "
    Query rows(connection_, filter.team ? TOCSIN_AUDIT "team = ? AND number < ? ORDER BY number DESC LIMIT ?"
                                        : TOCSIN_AUDIT "number < ? ORDER BY number DESC LIMIT ?");
#undef TOCSIN_AUDIT
    if (filter.team) rows.add(*filter.team);
    rows.add(filter.before > 0 ? filter.before : INT64_MAX).add(static_cast<std::int64_t>(filter.limit) + 1);
    while (rows.step()) {
      if (page.records.size() == filter.limit) {
        page.next = page.records.back().number;
        break;
      }
      page.records.push_back({rows.number(0), rows.number(1), rows.number(2), rows.text(3), rows.text(4),
                              rows.text(5), rows.text(6), rows.text(7), rows.text(8), rows.text(9)});
    }
    return page;
  });
}

}  // namespace tocsin::store
