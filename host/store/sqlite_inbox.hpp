// What the writing and the reading side of the SQLite engine both ask of the inbox's tables. Marks are kept
// two ways: a row for each item that a user touched, and a line under everything up to an item (read-all), so
// that reading ten thousand items is one row. A row wins over a line; the first line above an item is the one
// that read it.
#pragma once

#include "store/connection.hpp"
#include "store/store.hpp"

namespace tocsin::store {

// A team's items and changes are a range of rowids: the team's number, then 40 bits of its sequence.
[[nodiscard]] constexpr std::int64_t inbox_place(TeamId team, InboxSeq seq) {
  return (team << 40) + seq;
}
[[nodiscard]] constexpr InboxSeq inbox_seq(std::int64_t place) {
  return place & ((std::int64_t{1} << 40) - 1);
}

// How many of the team's items in (after, up_to] the user may see.
[[nodiscard]] std::int64_t count_items(Connection& connection, TeamId team, const std::string& user,
                                       InboxSeq after, InboxSeq up_to);
// The user's counts over the items up to one.
[[nodiscard]] InboxCounts count_inbox(Connection& connection, TeamId team, const std::string& user,
                                      InboxSeq up_to);

// The writing side, within the transactions of its caller's. Throws Failure.
class InboxTables {
 public:
  explicit InboxTables(Connection& connection) : connection_(connection) {}
  void write(const InboxWrite& write, std::int64_t now_ms, Store::WriteResult& done);
  // See Store::trim_inbox(). A transaction a team.
  [[nodiscard]] std::size_t trim(std::int64_t items_before_ms, std::int64_t changes_before_ms,
                                 std::size_t limit);

 private:
  struct Old {
    InboxSeq last = 0;
    std::size_t count = 0;
  };
  void put(const InboxItem& given, std::int64_t now_ms, Store::WriteResult& done);
  void mark(const InboxMarking& marking, std::int64_t now_ms, Store::WriteResult& done);
  [[nodiscard]] std::vector<InboxSeq> mark_each(const InboxMarking& marking, std::int64_t now_ms,
                                                std::vector<InboxSeq>& unknown);
  [[nodiscard]] std::int64_t read_all(const InboxMarking& marking, std::int64_t now_ms);
  void put_change(const InboxChange& change);
  [[nodiscard]] InboxSeq last_seq(TeamId team);
  [[nodiscard]] InboxSeq next_seq(TeamId team);
  [[nodiscard]] std::optional<InboxMarks> find_marks(TeamId team, const std::string& user, InboxSeq seq);
  void put_marks(const InboxMarking& marking, InboxSeq seq, const InboxMarks& marks);
  [[nodiscard]] std::size_t trim_team(TeamId team, InboxSeq last, std::int64_t items_before_ms,
                                      std::int64_t changes_before_ms, std::size_t limit);
  [[nodiscard]] Old find_old(const char* sql, TeamId team, InboxSeq last, std::int64_t before_ms,
                             std::size_t limit);
  void delete_items(TeamId team, InboxSeq up_to);

  Connection& connection_;
};

// The columns read_inbox_item() reads, in its order.
#define TOCSIN_INBOX_COLUMNS \
  "place, user, key, type, category, severity, source, title, summary, link, json, time_ms, created_ms"
[[nodiscard]] InboxItem read_inbox_item(const Query& row);

}  // namespace tocsin::store
