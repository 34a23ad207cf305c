// What is particular to the SQLite engine: its file, its settings, its check after an unclean stop. The tests
// look into the file with the library itself, after the store is closed or read-only beside it.
#include "store/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "store/fixtures.hpp"

namespace tocsin::store {
namespace {

using testing::HasSubstr;

class SqliteStoreTest : public testing::Test {
 protected:
  [[nodiscard]] SqliteOptions options() const {
    return {.directory = directory.path() + "/data", .ballast_bytes = 0};
  }
  [[nodiscard]] std::string file() const { return directory.path() + "/data/tocsin.db"; }
  std::unique_ptr<Store> open() { return must(open_sqlite(options())); }
  std::string ask(const std::string& sql) {
    SQLite::Database database(file(), SQLite::OPEN_READWRITE);
    return database.execAndGet(sql).getString();
  }
  // Makes the file look like one whose daemon died.
  void mark_unclean() { SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("UPDATE boot SET clean = 0"); }
  void write_events(Store& store, int count) {
    const std::vector<std::string> names = {"platform"};
    const TeamId team = must(store.resolve_teams(names)).front();
    std::vector<NewEvent> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(make_new_event(ids.reserve(kStartMs, 2), team, {{1, false}}));
    }
    must(store.write(events, {}, kStartMs));
  }

  TempDirectory directory;
  IdSource ids{0};
};

TEST_F(SqliteStoreTest, MakesPrivateFiles) {
  const auto store = open();
  for (const char* name : {"", "/tocsin.db", "/tocsin.db-wal", "/tocsin.db-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((options().directory + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0077, 0u) << name;
  }
}

TEST_F(SqliteStoreTest, RefusesASecondDaemonOnTheDirectory) {
  const auto store = open();
  const auto second = open_sqlite(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kConflict);
}

TEST_F(SqliteStoreTest, MakesItsTablesInAnEmptyFile) {
  open().reset();
  EXPECT_EQ(ask("PRAGMA user_version"), "8");
  EXPECT_EQ(ask("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(ask("SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table'"
                " ORDER BY name)"),
            "api_token attempt audit boot channel console_session delivery event event_key generation inbox "
            "inbox_change "
            "inbox_item "
            "inbox_mark"
            " inbox_read_all object object_secret team");
}

TEST_F(SqliteStoreTest, KeepsNoSecondaryIndexOnTheHotPathButTheOneOfDueTimes) {
  open().reset();
  EXPECT_EQ(ask("SELECT group_concat(name) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
                " AND tbl_name NOT LIKE 'inbox%' AND tbl_name <> 'audit'"),
            "delivery_due");
}

// What a daemon of before the notification centre left.
TEST_F(SqliteStoreTest, BringsAnOlderFileUpAndKeepsWhatIsInIt) {
  {
    const auto store = open();
    write_events(*store, 3);
  }
  {
    SQLite::Database older(file(), SQLite::OPEN_READWRITE);
    for (const char* table : {"inbox", "inbox_item", "inbox_mark", "inbox_read_all", "inbox_change", "object",
                              "object_secret", "audit", "api_token", "console_session"}) {
      older.exec(std::string("DROP TABLE ") + table);
    }
    older.exec("PRAGMA user_version = 2");
  }
  const auto store = open();
  EXPECT_EQ(must(must(store->open_reader())->count_inbox(1, "alice")), InboxCounts{});
  EXPECT_EQ(ask("SELECT count(*) FROM event"), "3");
}

TEST_F(SqliteStoreTest, CountsItsOpenings) {
  EXPECT_EQ(open()->epoch(), 2);
  EXPECT_EQ(open()->epoch(), 3);
  EXPECT_EQ(ask("SELECT min(clean) FROM boot"), "1");
}

TEST_F(SqliteStoreTest, MarksItselfUncleanWhileOpen) {
  const auto store = open();
  EXPECT_EQ(ask("SELECT clean FROM boot"), "0");
}

TEST_F(SqliteStoreTest, RefusesANewerSchema) {
  open().reset();
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  const auto store = open_sqlite(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kUnsupported);
  EXPECT_THAT(store.error().detail, HasSubstr("schema 99"));
  EXPECT_THAT(store.error().detail, HasSubstr("newer tocsin"));
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsDatabase) {
  std::filesystem::create_directory(options().directory);
  SQLite::Database(file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE bookmarks(url)");
  const auto store = open_sqlite(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kUnsupported);
  EXPECT_THAT(store.error().detail, HasSubstr("another program's"));
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabaseAndSaysWhatToDo) {
  std::filesystem::create_directory(options().directory);
  std::ofstream(file()) << std::string(10'000, 'x');
  const auto store = open_sqlite(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kStorageFailed);
  EXPECT_THAT(store.error().detail, HasSubstr(file()));
  EXPECT_THAT(store.error().detail, HasSubstr("backup"));
}

TEST_F(SqliteStoreTest, ChecksTheFileAfterAnUncleanStopAndNamesTheDamage) {
  write_events(*open(), 200);
  mark_unclean();
  {
    std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(4096 * 20);
    damaged << std::string(4096 * 5, '\xff');
  }
  const auto store = open_sqlite(options());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kStorageFailed);
  EXPECT_THAT(store.error().detail, HasSubstr(file()));
  EXPECT_THAT(store.error().detail, HasSubstr("backup"));
}

TEST_F(SqliteStoreTest, OpensASoundFileAfterAnUncleanStop) {
  write_events(*open(), 200);
  mark_unclean();
  const auto store = open();
  EXPECT_EQ(must(store->list_backlogs()).front().unfinished, 200);
}

TEST_F(SqliteStoreTest, EmptiesItsLogWhenItCloses) {
  write_events(*open(), 200);
  EXPECT_FALSE(std::filesystem::exists(file() + "-wal"));
}

TEST_F(SqliteStoreTest, StartsItsLogAnewAfterACheckpoint) {
  const auto store = open();
  write_events(*store, 200);
  EXPECT_GT(store->log_bytes(), 100'000);
  must(store->checkpoint());
  EXPECT_EQ(store->log_bytes(), 0);
  write_events(*store, 1);
  EXPECT_LT(store->log_bytes(), 100'000);
}

TEST_F(SqliteStoreTest, CannotDamageItsFileThroughAReader) {
  const auto store = open();
  auto reader = must(store->open_reader());
  write_events(*store, 200);
  EXPECT_EQ(must(reader->list_deliveries({})).deliveries.size(), 50u);
}

}  // namespace
}  // namespace tocsin::store
