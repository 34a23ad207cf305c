// Databases of earlier releases: what the first one made is opened, keeps what it held and can do what is
// new.
#include <SQLiteCpp/SQLiteCpp.h>

#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::store {
namespace {

// The first schema as it shipped, with a delivered, a waiting and a tried delivery in it.
constexpr const char* kFirstDatabase = R"sql(
CREATE TABLE boot(epoch INTEGER PRIMARY KEY, clean INTEGER NOT NULL);
CREATE TABLE team(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE channel(id INTEGER PRIMARY KEY, team INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
  UNIQUE(team, name));
CREATE TABLE generation(id INTEGER PRIMARY KEY, team INTEGER NOT NULL, hash INTEGER NOT NULL,
  definition TEXT NOT NULL);
CREATE TABLE event(seq INTEGER PRIMARY KEY, team INTEGER NOT NULL, generation INTEGER NOT NULL,
  received_ms INTEGER NOT NULL, deliveries INTEGER NOT NULL, severity INTEGER NOT NULL, type TEXT NOT NULL,
  id TEXT, keys TEXT, body_hash BLOB, payload TEXT NOT NULL);
CREATE TABLE event_key(place INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE delivery(id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, state INTEGER NOT NULL,
  tries INTEGER NOT NULL, epoch INTEGER NOT NULL, at_ms INTEGER NOT NULL, reason TEXT);
CREATE INDEX delivery_due ON delivery(channel, epoch, at_ms, state) WHERE state < 10;
CREATE TABLE attempt(delivery INTEGER NOT NULL, number INTEGER NOT NULL, started_ms INTEGER NOT NULL,
  duration_us INTEGER NOT NULL, status INTEGER NOT NULL, retry_after_ms INTEGER NOT NULL,
  http_status INTEGER NOT NULL, code TEXT, detail TEXT, provider_id TEXT, remote_address TEXT, response TEXT,
  PRIMARY KEY(delivery, number)) WITHOUT ROWID;
PRAGMA application_id=1953457011;
PRAGMA user_version=1;
INSERT INTO boot VALUES(2, 1);
INSERT INTO team VALUES(1, 'platform');
INSERT INTO channel VALUES(1, 1, 'ops', 'webhook');
INSERT INTO delivery VALUES(1001, 1, 10, 1, 0, 1795420800000, NULL);
INSERT INTO delivery VALUES(1002, 1, 0, 0, 0, 1795420800000, NULL);
INSERT INTO delivery VALUES(1003, 1, 2, 1, 0, 1795420801000, NULL);
INSERT INTO attempt VALUES(1001, 1, 1795420800000, 1234, 1, -1, 200, 'webhook.http_200', NULL, NULL, NULL, 'ok');
INSERT INTO attempt VALUES(1003, 1, 1795420800000, 1234, 3, -1, 503, 'webhook.http_503', NULL, NULL, NULL, NULL);
)sql";

class FirstDatabase : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(options().directory);
    SQLite::Database database(file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA journal_mode=WAL");
    database.exec(kFirstDatabase);
    SQLite::Statement event(database,
                            "INSERT INTO event VALUES(1000, 1, 1, ?, 3, 3, 'finding.created', NULL,"
                            " NULL, NULL, ?)");
    event.bind(1, kStartMs);
    event.bind(2, write_event_json(*make_event(1000)));
    event.exec();
  }
  [[nodiscard]] SqliteOptions options() const {
    return {.directory = directory.path() + "/data", .ballast_bytes = 0};
  }
  [[nodiscard]] std::string file() const { return directory.path() + "/data/tocsin.db"; }

  TempDirectory directory;
};

TEST_F(FirstDatabase, KeepsWhatItHeld) {
  const auto store = must(open_sqlite(options()));
  const auto reader = must(store->open_reader());
  const auto event = must(reader->find_event(format_event_id(1000), {})).value();
  ASSERT_EQ(event.deliveries.size(), 3u);
  EXPECT_EQ(event.deliveries[0].state, DeliveryState::kDelivered);
  const auto attempts = must(reader->list_attempts(1001));
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].response, "ok");
  EXPECT_EQ(attempts[0].message, 0);
  EXPECT_EQ(attempts[0].events, 1u);
}

TEST_F(FirstDatabase, HandsOutWhatWaitsInItAndKeepsNotesAndDigests) {
  {
    const auto store = must(open_sqlite(options()));
    ClaimWish wish(10);
    wish.digests = true;
    const auto claimed = must(store->claim(1, kStartMs + 1000, wish));
    ASSERT_EQ(claimed.size(), 2u);
    EXPECT_EQ(claimed[0].message, 0);
    EXPECT_EQ(claimed[1].tries, 1u);
    Finish finish = make_finish(1002, 0, DeliveryState::kScheduled, kStartMs + 5000);
    finish.attempt.carry = "note";
    must(store->write({}, std::span(&finish, 1), kStartMs));
    const std::vector<DeliveryId> other = {1003};
    must(store->release(other, kStartMs));
  }
  const auto store = must(open_sqlite(options()));  // and a migrated one is opened as it is
  const auto claimed = must(store->claim(1, kStartMs + 5000, 10));
  ASSERT_EQ(claimed.size(), 2u);
  EXPECT_EQ(claimed[1].delivery, 1002);
  EXPECT_EQ(claimed[1].carry, "note");
}

}  // namespace
}  // namespace tocsin::store
