// The engine's life: opening, the check after an unclean stop, room on the disk, the checkpoint, closing.
// What it does to rows is in sqlite_names, _write, _claim and _retention.
#include "store/sqlite_store.hpp"

#include <algorithm>

#include "store/schema.hpp"
#include "store/sqlite_engine.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {
namespace {

constexpr const char* kFileName = "tocsin.db";
constexpr std::int64_t kKeptBoots = 100;
constexpr const char* kWhatToDo =
    ": move the file away to start empty, or put a backup of tocsin.db in its place";

std::string file_in(const DataDirectory& directory) {
  std::string file = directory.file(kFileName);
  if (auto prepared = directory.prepare_file(file); !prepared) throw Failure{prepared.error()};
  return file;
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
  auto directory = DataDirectory::open(options.directory);
  if (!directory) return directory.error();
  auto store = guard([&]() -> std::unique_ptr<Store> {
    return std::make_unique<SqliteStore>(options, std::move(*directory));
  });
  if (!store && store.error().code == Errc::kStorageFailed) {
    return make_error(Errc::kStorageFailed, store.error().detail + kWhatToDo);
  }
  return store;
}

SqliteStore::SqliteStore(const SqliteOptions& options, DataDirectory directory)
    : options_(options),
      directory_(std::move(directory)),
      ballast_(directory_, options.ballast_bytes),
      file_(file_in(directory_)),
      connection_(file_, Connection::Mode::kWrite) {
  check_schema(connection_, file_);
  if (has_schema(connection_)) refuse_damage();
  set_page_limit(options_.max_pages);
  migrate(connection_);
  begin_epoch();
  if (auto synced = directory_.sync(); !synced) throw Failure{synced.error()};
  ballast_.fill();
}

SqliteStore::~SqliteStore() {
  if (failed_) return;
  const auto closed = guard([&] {
    Query(connection_, "UPDATE boot SET clean = 1 WHERE epoch = ?").add(epoch_).run();
    connection_.checkpoint(true);
  });
  static_cast<void>(closed);  // unclean then, and checked at the next start
}

void SqliteStore::note_failure(const Error& error) {
  if (error.code == Errc::kStorageFailed) failed_ = error;
}

// A clean stop needs no check: nothing was half-written. After any other the whole file is read once.
void SqliteStore::refuse_damage() {
  const bool clean = connection_.ask_number(
                         "SELECT ifnull(max(clean), 1) FROM boot"
                         " WHERE epoch = (SELECT max(epoch) FROM boot)") == 1;
  if (clean) return;
  Query check(connection_, "PRAGMA quick_check(1)");
  const std::string finding = check.step() ? check.text(0) : "no answer";
  if (finding != "ok") {
    throw Failure{
        make_error(Errc::kStorageFailed, "the database " + file_ + " is damaged (" + finding + ")")};
  }
}

void SqliteStore::begin_epoch() {
  Transaction transaction(connection_);
  epoch_ = connection_.ask_number("SELECT ifnull(max(epoch), 1) + 1 FROM boot");
  Query(connection_, "INSERT INTO boot(epoch, clean) VALUES(?, 0)").add(epoch_).run();
  Query(connection_, "DELETE FROM boot WHERE epoch <= ?").add(epoch_ - kKeptBoots).run();
  transaction.commit();

  page_bytes_ = connection_.ask_number("PRAGMA page_size");
  last_number_ = std::max(connection_.ask_number("SELECT ifnull(max(seq), 0) FROM event"),
                          connection_.ask_number("SELECT ifnull(max(id), 0) FROM delivery"));
  Query orphaned(connection_,
                 "SELECT id FROM channel WHERE EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_due"
                 " WHERE channel = channel.id AND epoch > 0 AND state < 10)");
  while (orphaned.step()) orphaned_channels_.insert(orphaned.number(0));
}

// ---- room

void SqliteStore::set_page_limit(std::int64_t pages) {
  if (options_.max_pages <= 0) return;
  connection_.exec(("PRAGMA max_page_count=" + std::to_string(pages)).c_str());
}

bool SqliteStore::has_room() {
  if (!ballast_.has_room()) return false;
  if (options_.max_pages <= 0) return true;
  const std::int64_t reserve = std::max<std::int64_t>(options_.ballast_bytes / page_bytes_, 1);
  const std::int64_t used =
      connection_.ask_number("PRAGMA page_count") - connection_.ask_number("PRAGMA freelist_count");
  return used + reserve <= options_.max_pages;
}

// While what was kept aside is spent, events stay out: it is for outcomes.
void SqliteStore::refuse_when_full() {
  if (!full_) return;
  if (!has_room()) {
    throw Failure{make_error(Errc::kStorageFull, "no room is left for the database: free space on its disk")};
  }
  ballast_.fill();
  set_page_limit(options_.max_pages);
  full_ = false;
}

// ---- log

Result<void> SqliteStore::checkpoint() {
  return on_handle([&] {
    connection_.checkpoint(false);
    ballast_.fill();
  });
}

std::int64_t SqliteStore::log_bytes() const {
  return connection_.log_pages() * page_bytes_;
}

Result<std::unique_ptr<Reader>> SqliteStore::open_reader() {
  return guard([&]() -> std::unique_ptr<Reader> { return std::make_unique<SqliteReader>(file_); });
}

}  // namespace tocsin::store
