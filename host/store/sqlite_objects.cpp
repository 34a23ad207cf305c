// The channels and rules that teams keep in the store, and the sealed secrets of the channels. Small tables,
// written one change at a time.
#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void write_secrets(Connection& connection, const ObjectRecord& object) {
  Query(connection, "DELETE FROM object_secret WHERE team = ? AND kind = ? AND name = ?")
      .add(object.team)
      .add(static_cast<std::int64_t>(object.kind))
      .add(object.name)
      .run();
  for (const StoredSecret& secret : object.secrets) {
    Query(connection,
          "INSERT INTO object_secret(team, kind, name, pointer, key, sealed) VALUES(?, ?, ?, ?, ?, ?)")
        .add(object.team)
        .add(static_cast<std::int64_t>(object.kind))
        .add(object.name)
        .add(secret.pointer)
        .add(secret.key)
        .add_blob(bytes_of(secret.sealed))
        .run();
  }
}

std::vector<StoredSecret> read_secrets(Connection& connection, const ObjectRecord& object) {
  std::vector<StoredSecret> secrets;
  Query query(connection,
              "SELECT pointer, key, sealed FROM object_secret WHERE team = ? AND kind = ? AND name = ?"
              " ORDER BY pointer");
  query.add(object.team).add(static_cast<std::int64_t>(object.kind)).add(object.name);
  while (query.step()) {
    const auto sealed = query.blob(2);
    secrets.push_back({query.text(0), query.text(1), std::string(sealed.begin(), sealed.end())});
  }
  return secrets;
}

}  // namespace

Result<std::vector<ObjectRecord>> SqliteStore::list_objects() {
  return on_handle([&] {
    std::vector<ObjectRecord> objects;
    Query query(connection_,
                "SELECT team, kind, name, body, place, version, created_ms, updated_ms FROM object"
                " ORDER BY team, kind, place, name");
    while (query.step()) {
      ObjectRecord& object = objects.emplace_back();
      object.team = query.number(0);
      object.kind = static_cast<ObjectKind>(query.number(1));
      object.name = query.text(2);
      object.body = query.text(3);
      object.place = query.number(4);
      object.version = query.number(5);
      object.created_ms = query.number(6);
      object.updated_ms = query.number(7);
      object.secrets = read_secrets(connection_, object);
    }
    return objects;
  });
}

Result<std::int64_t> SqliteStore::write_object(const ObjectWrite& write, std::int64_t now_ms) {
  return on_handle([&]() -> std::int64_t {
    const ObjectRecord& object = write.object;
    const auto kind = static_cast<std::int64_t>(object.kind);
    Transaction transaction(connection_);
    std::int64_t version = 0;
    {
      Query found(connection_, "SELECT version FROM object WHERE team = ? AND kind = ? AND name = ?");
      found.add(object.team).add(kind).add(object.name);
      if (found.step()) version = found.number(0);
    }
    if (version != write.expected) {
      throw Failure{make_error(Errc::kConflict, "the object was changed meanwhile: read it again")};
    }
    ObjectRecord secrets = object;
    if (write.remove) {
      Query(connection_, "DELETE FROM object WHERE team = ? AND kind = ? AND name = ?")
          .add(object.team)
          .add(kind)
          .add(object.name)
          .run();
      secrets.secrets.clear();
    } else {
      Query(connection_,
            "INSERT INTO object(team, kind, name, body, place, version, created_ms, updated_ms)"
            " VALUES(?, ?, ?, ?, ?, 1, ?, ?)"
            " ON CONFLICT(team, kind, name) DO UPDATE SET body = excluded.body, place = excluded.place,"
            " version = version + 1, updated_ms = excluded.updated_ms")
          .add(object.team)
          .add(kind)
          .add(object.name)
          .add(object.body)
          .add(object.place)
          .add(now_ms)
          .add(now_ms)
          .run();
    }
    write_secrets(connection_, secrets);
    transaction.commit();
    return write.remove ? 0 : version + 1;
  });
}

Result<void> SqliteStore::order_objects(const ObjectOrder& order) {
  return on_handle([&] {
    Transaction transaction(connection_);
    for (std::size_t i = 0; i < order.names.size(); ++i) {
      Query(connection_, "UPDATE object SET place = ? WHERE team = ? AND kind = ? AND name = ?")
          .add(static_cast<std::int64_t>(i))
          .add(order.team)
          .add(static_cast<std::int64_t>(order.kind))
          .add(order.names[i])
          .run();
    }
    transaction.commit();
  });
}

}  // namespace tocsin::store
