// Who is signed in to the console. A small table, read once at the start; what is over goes with the next
// one.
#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {

Result<std::vector<SessionRecord>> SqliteStore::list_sessions() {
  return on_handle([&] {
    std::vector<SessionRecord> sessions;
    Query query(connection_,
                "SELECT hash, name, role, teams, user, scopes, expires_ms, let_in_by, let_in_until_ms"
                " FROM console_session");
    while (query.step()) {
      const auto hash = query.blob(0);
      SessionRecord session;
      if (hash.size() != session.hash.size()) continue;  // damaged: that person signs in again
      std::copy(hash.begin(), hash.end(), session.hash.begin());
      session.name = query.text(1);
      session.role = query.text(2);
      session.teams = split_words(query.text(3));
      session.user = query.text(4);
      session.scopes = split_words(query.text(5));
      session.expires_ms = query.number(6);
      if (!query.is_null(7)) {
        const auto by = query.blob(7);
        if (by.size() != session.hash.size()) continue;
        std::copy(by.begin(), by.end(), session.let_in_by.emplace().begin());
      }
      session.let_in_until_ms = query.number(8);
      sessions.push_back(std::move(session));
    }
    return sessions;
  });
}

Result<void> SqliteStore::add_session(const SessionRecord& session, std::int64_t now_ms) {
  return on_handle([&] {
    const std::string teams = join_words(session.teams), scopes = join_words(session.scopes);
    Transaction transaction(connection_);
    Query(connection_, "DELETE FROM console_session WHERE expires_ms <= ?").add(now_ms).run();
    Query insert(connection_,
                 "INSERT OR REPLACE INTO console_session(hash, name, role, teams, user, scopes, expires_ms,"
                 " let_in_by, let_in_until_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.add_blob(session.hash)
        .add(session.name)
        .add(session.role)
        .add(teams)
        .add(session.user)
        .add(scopes)
        .add(session.expires_ms);
    if (session.let_in_by) {
      insert.add_blob(*session.let_in_by);
    } else {
      insert.add_null();
    }
    insert.add(session.let_in_until_ms).run();
    transaction.commit();
  });
}

Result<void> SqliteStore::end_session(const SessionHash& hash) {
  return on_handle([&] {
    Transaction transaction(connection_);
    Query(connection_, "DELETE FROM console_session WHERE hash = ?").add_blob(hash).run();
    transaction.commit();
  });
}

}  // namespace tocsin::store
