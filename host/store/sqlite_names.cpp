// Teams, channels and rule-set generations: small tables, written at start and reload.
#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

// FNV-1a: finds a definition without comparing every text; equality is then checked on the text.
std::int64_t hash_text(const std::string& text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<std::int64_t>(hash);
}

}  // namespace

Result<std::vector<TeamId>> SqliteStore::resolve_teams(std::span<const std::string> names) {
  return on_handle([&] {
    std::vector<TeamId> ids;
    Transaction transaction(connection_);
    for (const auto& name : names) {
      Query(connection_, "INSERT INTO team(name) VALUES(?) ON CONFLICT DO NOTHING").add(name).run();
      Query found(connection_, "SELECT id FROM team WHERE name = ?");
      found.add(name);
      TOCSIN_EXPECT(found.step());
      ids.push_back(found.number(0));
    }
    transaction.commit();
    return ids;
  });
}

Result<std::vector<ChannelId>> SqliteStore::resolve_channels(std::span<const ChannelKey> keys) {
  return on_handle([&] {
    std::vector<ChannelId> ids;
    Transaction transaction(connection_);
    for (const auto& key : keys) {
      Query(connection_,
            "INSERT INTO channel(team, name, type) VALUES(?, ?, ?)"
            " ON CONFLICT(team, name) DO UPDATE SET type = excluded.type WHERE type <> excluded.type")
          .add(key.team)
          .add(key.name)
          .add(key.type)
          .run();
      Query found(connection_, "SELECT id FROM channel WHERE team = ? AND name = ?");
      found.add(key.team).add(key.name);
      TOCSIN_EXPECT(found.step());
      ids.push_back(found.number(0));
    }
    transaction.commit();
    return ids;
  });
}

Result<std::int64_t> SqliteStore::put_generation(TeamId team, const std::string& definition) {
  return on_handle([&]() -> std::int64_t {
    const std::int64_t hash = hash_text(definition);
    {
      Query known(connection_, "SELECT id FROM generation WHERE team = ? AND hash = ? AND definition = ?");
      known.add(team).add(hash).add(definition);
      if (known.step()) return known.number(0);
    }
    Transaction transaction(connection_);
    Query(connection_, "INSERT INTO generation(team, hash, definition) VALUES(?, ?, ?)")
        .add(team)
        .add(hash)
        .add(definition)
        .run();
    transaction.commit();
    return connection_.ask_number("SELECT max(id) FROM generation");
  });
}

Result<std::vector<std::pair<ChannelId, ChannelKey>>> SqliteStore::list_channels() {
  return on_handle([&] {
    std::vector<std::pair<ChannelId, ChannelKey>> channels;
    Query all(connection_, "SELECT id, team, name, type FROM channel ORDER BY id");
    while (all.step()) channels.push_back({all.number(0), {all.number(1), all.text(2), all.text(3)}});
    return channels;
  });
}

}  // namespace tocsin::store
