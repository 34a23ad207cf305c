// The SQLite engine of the store seam: WAL, synchronous=FULL, one connection that writes and checkpoints,
// read-only readers, no mmap (SQLite before 3.51.3 can corrupt a WAL database when two connections write or
// checkpoint at once).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/store.hpp"

namespace tocsin::store {

struct SqliteOptions {
  std::string directory;  // holds tocsin.db, its WAL, the ballast and the lock file
  std::int64_t idempotency_ms = 24LL * 3600 * 1000;  // how long a key is remembered
  // Kept aside while there is room, given up when there is none so that outcomes can still be recorded. 0:
  // none.
  std::int64_t ballast_bytes = 64 << 20;
  std::int64_t max_pages = 0;  // of 4 KiB: a limit of the database's own. 0: the disk is the limit
};

// Opens or creates, migrates, takes the directory's lock. After an unclean stop the database is checked
// first. kConflict: another daemon holds the directory. kUnsupported: a newer tocsin made the file. kIo /
// kStorageFailed: it cannot be opened or failed its check; the text says which file and what to do.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options);

}  // namespace tocsin::store
