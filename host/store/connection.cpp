// See connection.hpp.
#include "store/connection.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cerrno>
#include <mutex>

namespace tocsin::store {
namespace {

// A failed sync leaves the page cache in an unknown state, and a damaged page cannot be trusted: neither is
// ever tried again on the same handle.
bool is_durability_lost(int extended) {
  const int primary = extended & 0xff;
  return extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC ||
         extended == SQLITE_IOERR_CORRUPTFS || extended == SQLITE_IOERR_DATA || primary == SQLITE_CORRUPT ||
         primary == SQLITE_NOTADB || primary == SQLITE_READONLY;
}

bool is_full(int extended, int system_error) {
  const int primary = extended & 0xff;
  return primary == SQLITE_FULL ||
         (primary == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT));
}

Error translate(int extended, int system_error, const std::string& path, const char* reason) {
  if (is_durability_lost(extended)) {
    return make_error(Errc::kStorageFailed,
                      "the database " + path + " cannot be trusted any more (" + reason + ")");
  }
  if (is_full(extended, system_error)) {
    return make_error(Errc::kStorageFull, "no room is left for the database: free space on its disk");
  }
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return make_error(Errc::kUnavailable, std::string("the database is busy (") + reason + "): try again");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return make_error(Errc::kIo, "the database " + path + " cannot be used (" + reason +
                                       "): check the disk and who owns the file");
    default:
      return make_error(Errc::kInternal, std::string("the database refused a statement: ") + reason);
  }
}

constexpr int kReaderPatienceMs = 5000;  // a reader waits for at most a log recovery
constexpr const char* kWriterSettings =
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-32768;";
constexpr const char* kReaderSettings =
    "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-4096;";
constexpr const char* kSharedSettings =
    "PRAGMA foreign_keys=0; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;";

// Memory is not counted (that takes a lock at every allocation), and a connection has room of its own for the
// short-lived pieces of a statement's run, which the statements that are kept would otherwise fill.
constexpr int kLookasideBytes = 1200;
constexpr int kLookasideSlots = 400;

void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

// Called after each commit with the pages the log holds by then.
int note_log_pages(void* log_pages, sqlite3*, const char*, int pages) {
  *static_cast<std::int64_t*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode) : path_(path) {
  const bool write = mode == Mode::kWrite;
  configure_library();
  try {
    const int flags = (write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY) |
                      SQLite::OPEN_NOMUTEX | SQLite::OPEN_PRIVATECACHE;
    database_ = std::make_unique<SQLite::Database>(path, flags, write ? 0 : kReaderPatienceMs);
    sqlite3_extended_result_codes(database_->getHandle(), 1);
    sqlite3_db_config(database_->getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database_->getHandle(), SQLITE_DBCONFIG_LOOKASIDE, nullptr, kLookasideBytes,
                      write ? kLookasideSlots : kLookasideSlots / 4);
    database_->exec(kSharedSettings);
    if (!write) {
      database_->exec(kReaderSettings);
      return;
    }
    const std::string journal = database_->execAndGet("PRAGMA journal_mode=WAL").getString();
    if (journal != "wal") {
      throw Failure{make_error(Errc::kIo, "the database " + path +
                                              " cannot use a write-ahead log (SQLite says '" + journal +
                                              "'): put it on a local file system")};
    }
    database_->exec(kWriterSettings);
    sqlite3_wal_hook(database_->getHandle(), note_log_pages, &log_pages_);
  } catch (const SQLite::Exception& exception) {
    if (database_ != nullptr) raise(exception);
    throw Failure{translate(exception.getErrorCode(), 0, path, exception.what())};
  }
}

Connection::~Connection() = default;

void Connection::raise(const SQLite::Exception& exception) const {
  const int code =
      exception.getExtendedErrorCode() > 0 ? exception.getExtendedErrorCode() : exception.getErrorCode();
  throw Failure{translate(code, sqlite3_system_errno(database_->getHandle()), path_, exception.what())};
}

void Connection::exec(const char* sql) {
  try {
    database_->exec(sql);
  } catch (const SQLite::Exception& exception) {
    raise(exception);
  }
}

SQLite::Statement& Connection::prepare(const char* sql) {
  for (const auto& [name, statement] : statements_) {
    if (name == sql) return *statement;
  }
  try {
    return *statements_.emplace_back(sql, std::make_unique<SQLite::Statement>(*database_, sql)).second;
  } catch (const SQLite::Exception& exception) {
    raise(exception);
  }
}

std::int64_t Connection::ask_number(const std::string& sql) {
  try {
    return database_->execAndGet(sql).getInt64();
  } catch (const SQLite::Exception& exception) {
    raise(exception);
  }
}

std::string Connection::ask_text(const std::string& sql) {
  try {
    return database_->execAndGet(sql).getString();
  } catch (const SQLite::Exception& exception) {
    raise(exception);
  }
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(database_->getHandle()) == 0;
}

std::int64_t Connection::changed_rows() const {
  return sqlite3_changes64(database_->getHandle());
}

bool Connection::checkpoint(bool truncate) {
  int in_log = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      database_->getHandle(), nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      &in_log, &moved);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) {
    throw Failure{translate(code, sqlite3_system_errno(database_->getHandle()), path_,
                            sqlite3_errmsg(database_->getHandle()))};
  }
  if (moved == in_log) log_pages_ = 0;
  return moved == in_log;
}

void Connection::roll_back() noexcept {
  if (in_transaction()) database_->tryExec("ROLLBACK");
}

// ---- Query

Query::~Query() {
  statement_.tryReset();
}

Query& Query::add(std::int64_t number) {
  statement_.bind(next_++, number);
  return *this;
}

Query& Query::add(const std::string& text) {
  statement_.bindNoCopy(next_++, text);
  return *this;
}

Query& Query::add_blob(std::span<const std::uint8_t> bytes) {
  statement_.bindNoCopy(next_++, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
  return *this;
}

Query& Query::add_null() {
  statement_.bind(next_++);
  return *this;
}

bool Query::step() {
  try {
    return statement_.executeStep();
  } catch (const SQLite::Exception& exception) {
    connection_.raise(exception);
  }
}

void Query::run() {
  while (step()) {
  }
}

std::int64_t Query::number(int column) const {
  return statement_.getColumn(column).getInt64();
}

std::string Query::text(int column) const {
  return statement_.getColumn(column).getString();
}

bool Query::is_null(int column) const {
  return statement_.isColumnNull(column);
}

std::span<const std::uint8_t> Query::blob(int column) const {
  const auto value = statement_.getColumn(column);
  const auto* bytes = static_cast<const std::uint8_t*>(value.getBlob());
  return {bytes, bytes == nullptr ? 0 : static_cast<std::size_t>(value.getBytes())};
}

// ---- Transaction

Transaction::Transaction(Connection& connection, Connection::Mode mode) : connection_(connection) {
  Query(connection_, mode == Connection::Mode::kWrite ? "BEGIN IMMEDIATE" : "BEGIN").run();
}

Transaction::~Transaction() {
  if (open_) connection_.roll_back();
}

void Transaction::commit() {
  Query(connection_, "COMMIT").run();
  open_ = false;
}

}  // namespace tocsin::store
