// One SQLite connection with its prepared statements, and the wall where SQLiteCpp's exceptions become ours:
// no other file of this room knows the library. It knows no table; the SQL is its callers'.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/error.hpp"

namespace SQLite {
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace tocsin::store {

// Thrown inside the engine only; every public call turns it into its Result (see guard()).
struct Failure {
  Error error;
};

class Connection {
 public:
  enum class Mode { kWrite, kRead };
  // Throws Failure. kWrite creates the file, and nothing but an explicit checkpoint() moves its log.
  Connection(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void exec(const char* sql);
  // `sql` is a literal: its address is the statement's name in the cache.
  [[nodiscard]] SQLite::Statement& prepare(const char* sql);
  // The first column of the first row of a rarely asked question.
  [[nodiscard]] std::int64_t ask_number(const std::string& sql);
  [[nodiscard]] std::string ask_text(const std::string& sql);

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::int64_t changed_rows() const;
  // False: a reader kept it from moving everything.
  bool checkpoint(bool truncate);
  // Pages the write-ahead log holds that the file does not have yet.
  [[nodiscard]] std::int64_t log_pages() const { return log_pages_; }
  // Undoes what is open, whatever happens meanwhile.
  void roll_back() noexcept;

  [[noreturn]] void raise(const SQLite::Exception& exception) const;

 private:
  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
  std::vector<std::pair<const char*, std::unique_ptr<SQLite::Statement>>> statements_;
  std::int64_t log_pages_ = 0;
};

// One run of a prepared statement; at its end the statement is reset, so no read stays open. Texts and blobs
// are bound without a copy: they must live until the run's end.
class Query {
 public:
  Query(Connection& connection, const char* sql)
      : connection_(connection), statement_(connection.prepare(sql)) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& add(std::int64_t number);
  Query& add(const std::string& text);
  Query& add_blob(std::span<const std::uint8_t> bytes);
  Query& add_null();

  [[nodiscard]] bool step();  // true: there is a row
  void run();                 // steps to the end

  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  // Valid until the next step.
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;

 private:
  Connection& connection_;
  SQLite::Statement& statement_;
  int next_ = 1;
};

// BEGIN … COMMIT; rolls back where commit() was not reached. kRead: several reads of one moment.
class Transaction {
 public:
  explicit Transaction(Connection& connection, Connection::Mode mode = Connection::Mode::kWrite);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace tocsin::store
