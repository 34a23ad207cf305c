// The data directory: made private, held by one daemon at a time, and with a ballast file that is given up
// when the disk is full so that outcomes can still be written. It knows nothing of what the database holds.
#pragma once

#include <cstdint>
#include <string>

#include "model/error.hpp"

namespace tocsin::store {

// Makes the directory (0700) where missing and takes its lock; both end with the object.
class DataDirectory {
 public:
  // kConflict: another process holds it, named by its pid. kIo: it cannot be made or locked.
  static Result<DataDirectory> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  // Creates the file empty and private (0600) where missing, so that SQLite's own files inherit its mode.
  [[nodiscard]] Result<void> prepare_file(const std::string& file) const;
  // Makes the names of new files durable.
  [[nodiscard]] Result<void> sync() const;
  [[nodiscard]] std::int64_t free_bytes() const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

class Ballast {
 public:
  // `bytes` 0: none is kept.
  Ballast(const DataDirectory& directory, std::int64_t bytes);
  // Makes the file where it is missing and the disk has room enough for it.
  void fill();
  // Deletes it: its bytes are free for what must still be written.
  void release();
  // After a release: enough is free again to fill it and to go on writing.
  [[nodiscard]] bool has_room() const;

 private:
  const DataDirectory& directory_;
  std::string file_;
  std::int64_t bytes_;
  bool held_ = false;
  bool released_ = false;
};

}  // namespace tocsin::store
