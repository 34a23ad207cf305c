// Sealed secrets one by one, for a change of the master key. What an object is and how it is written is in
// sqlite_objects.cpp.
#include "store/sqlite_engine.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Result<std::vector<SealedValue>> SqliteStore::list_secrets(const std::string& key, const SecretAt& after,
                                                           std::size_t limit) {
  return on_handle([&] {
    std::vector<SealedValue> values;
    Query query(connection_,
                "SELECT s.team, s.kind, s.name, s.pointer, t.name, s.key, s.sealed FROM object_secret s"
                " JOIN team t ON t.id = s.team"
                " WHERE (s.team, s.kind, s.name, s.pointer) > (?, ?, ?, ?) AND s.key <> ?"
                " ORDER BY s.team, s.kind, s.name, s.pointer LIMIT ?");
    query.add(after.team).add(static_cast<std::int64_t>(after.kind)).add(after.name).add(after.pointer);
    query.add(key).add(static_cast<std::int64_t>(limit));
    while (query.step()) {
      SealedValue& value = values.emplace_back();
      value.at = {query.number(0), static_cast<ObjectKind>(query.number(1)), query.text(2), query.text(3)};
      value.team_name = query.text(4);
      value.key = query.text(5);
      const auto sealed = query.blob(6);
      value.sealed.assign(sealed.begin(), sealed.end());
    }
    return values;
  });
}

Result<std::vector<bool>> SqliteStore::rewrap(std::span<const Rewrapped> values) {
  return on_handle([&] {
    std::vector<bool> replaced;
    Transaction transaction(connection_);
    for (const Rewrapped& value : values) {
      Query(connection_,
            "UPDATE object_secret SET key = ?, sealed = ?"
            " WHERE team = ? AND kind = ? AND name = ? AND pointer = ? AND sealed = ?")
          .add(value.key)
          .add_blob(bytes_of(value.sealed))
          .add(value.at.team)
          .add(static_cast<std::int64_t>(value.at.kind))
          .add(value.at.name)
          .add(value.at.pointer)
          .add_blob(bytes_of(value.before))
          .run();
      replaced.push_back(connection_.changed_rows() == 1);
    }
    transaction.commit();
    return replaced;
  });
}

Result<std::vector<KeyUse>> SqliteReader::count_secrets() {
  return guard([&] {
    std::vector<KeyUse> uses;
    Query query(connection_, "SELECT key, count(*) FROM object_secret GROUP BY key ORDER BY key");
    while (query.step()) uses.push_back({query.text(0), query.number(1)});
    return uses;
  });
}

}  // namespace tocsin::store
