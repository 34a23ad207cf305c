// The audit log: written once, never changed.
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
