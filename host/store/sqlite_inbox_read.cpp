// The inbox's reads. A page is a merge of two rows of numbers, the items a user may see and the marks the
// user made, both newest first; only what passes the marks is read whole. Both steps are bounded in one call.
#include <algorithm>
#include <charconv>

#include "store/sqlite_engine.hpp"
#include "store/sqlite_inbox.hpp"
#include "store/sqlite_reader.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kNumbersPerPage = 20'000;  // looked at: about 10 ms
constexpr std::size_t kItemsPerPage = 2'000;     // read whole: about 10 ms

bool passes(InboxFilter::Marks wanted, const InboxMarks& marks) {
  switch (wanted) {
    case InboxFilter::Marks::kAll:
      return true;
    case InboxFilter::Marks::kNotArchived:
      return marks.archived_ms == 0;
    case InboxFilter::Marks::kUnread:
      return marks.read_ms == 0;
    case InboxFilter::Marks::kRead:
      return marks.read_ms != 0 && marks.archived_ms == 0;
    case InboxFilter::Marks::kArchived:
      return marks.archived_ms != 0;
  }
  return false;
}

bool passes(const InboxFilter& filter, const InboxItem& item) {
  return (!filter.severity || item.severity == *filter.severity) &&
         (!filter.category || item.category == *filter.category) &&
         (filter.source.empty() || item.source == filter.source) &&
         (filter.type.empty() || item.type == filter.type);
}

// A user's marks, asked for downwards.
class MarksDownwards {
 public:
  MarksDownwards(Connection& connection, TeamId team, const std::string& user, InboxSeq before)
      : rows_(connection,
              "SELECT seq, seen_ms, read_ms, archived_ms FROM inbox_mark"
              " WHERE team = ? AND user = ? AND seq < ? ORDER BY seq DESC") {
    {
      Query lines(connection,
                  "SELECT up_to, at_ms FROM inbox_read_all WHERE team = ? AND user = ? ORDER BY up_to DESC");
      lines.add(team).add(user);
      while (lines.step()) lines_.emplace_back(lines.number(0), lines.number(1));
    }
    rows_.add(team).add(user).add(before);
    more_ = rows_.step();
  }

  [[nodiscard]] InboxMarks of(InboxSeq seq) {
    while (more_ && rows_.number(0) > seq) more_ = rows_.step();
    if (more_ && rows_.number(0) == seq) return {rows_.number(1), rows_.number(2), rows_.number(3)};
    while (line_ + 1 < lines_.size() && lines_[line_ + 1].first >= seq) ++line_;
    if (lines_.empty() || lines_[line_].first < seq) return {};
    return {lines_[line_].second, lines_[line_].second, 0};
  }

 private:
  Query rows_;
  bool more_ = false;
  std::vector<std::pair<InboxSeq, std::int64_t>> lines_;
  std::size_t line_ = 0;
};

std::vector<InboxSeq> split_seqs(const std::string& joined) {
  std::vector<InboxSeq> seqs;
  const char* const end = joined.data() + joined.size();
  for (const char* at = joined.data(); at < end; ++at) at = std::from_chars(at, end, seqs.emplace_back()).ptr;
  return seqs;
}

InboxChange read_change(const Query& row, TeamId team) {
  InboxChange change;
  change.seq = inbox_seq(row.number(0));
  change.team = team;
  change.user = row.text(1);
  change.at_ms = row.number(2);
  change.action = static_cast<InboxAction>(row.number(3));
  change.up_to = row.number(4);
  change.items = split_seqs(row.text(5));
  return change;
}

}  // namespace

Result<InboxPage> SqliteReader::list_inbox(const InboxFilter& filter) {
  return guard([&] {
    InboxPage page;
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    const InboxSeq before = filter.before > 0 ? filter.before : inbox_seq(-1);
    MarksDownwards marks(connection_, filter.team, filter.user, before);
    Query numbers(connection_,
                  "SELECT place FROM inbox_item WHERE user = '' AND place > ?1 AND place < ?2 UNION ALL"
                  " SELECT place FROM inbox_item WHERE user = ?3 AND place > ?1 AND place < ?2"
                  " ORDER BY place DESC");
    numbers.add(inbox_place(filter.team, 0)).add(inbox_place(filter.team, before)).add(filter.user);
    std::size_t items = 0;
    for (std::size_t looks = 0; numbers.step(); ++looks) {
      const std::int64_t place = numbers.number(0);
      const InboxSeq seq = inbox_seq(place);
      // Looked at enough, and there is more: the next page starts with this one.
      if (page.entries.size() >= filter.limit || looks >= kNumbersPerPage || items >= kItemsPerPage) {
        page.next = seq + 1;
        break;
      }
      const InboxMarks its = marks.of(seq);
      if (!passes(filter.marks, its)) continue;
      ++items;
      Query row(connection_, "SELECT " TOCSIN_INBOX_COLUMNS " FROM inbox_item WHERE place = ?");
      TOCSIN_EXPECT(row.add(place).step());
      InboxItem item = read_inbox_item(row);
      if (passes(filter, item)) page.entries.push_back({std::move(item), its});
    }
    return page;
  });
}

Result<InboxCounts> SqliteReader::count_inbox(TeamId team, const std::string& user) {
  return guard([&] {
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    return store::count_inbox(connection_, team, user, inbox_seq(-1));
  });
}

Result<InboxChanges> SqliteReader::list_inbox_changes(TeamId team, const std::string& user, InboxSeq after,
                                                      std::size_t limit) {
  return guard([&] {
    InboxChanges found;
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    {
      Query row(connection_, "SELECT last, trimmed FROM inbox WHERE team = ?");
      if (!row.add(team).step()) return found;
      found.last = row.number(0);
      found.trimmed = row.number(1);
    }
    const std::int64_t first = inbox_place(team, std::clamp<InboxSeq>(after, 0, found.last));
    const std::int64_t last = inbox_place(team, found.last);
    const auto rows_at_most = static_cast<std::int64_t>(limit + 1);
    {
      Query rows(connection_, "SELECT " TOCSIN_INBOX_COLUMNS
                              " FROM inbox_item WHERE place > ? AND place <= ?"
                              " AND +user IN ('', ?) ORDER BY place LIMIT ?");
      rows.add(first).add(last).add(user).add(rows_at_most);
      while (rows.step()) {
        InboxChange& change = found.changes.emplace_back();
        auto item = std::make_shared<InboxItem>(read_inbox_item(rows));
        change.seq = item->seq;
        change.team = team;
        change.user = item->user;
        change.at_ms = item->created_ms;
        change.item = std::move(item);
      }
    }
    {
      Query rows(connection_,
                 "SELECT place, user, at_ms, action, up_to, items FROM inbox_change"
                 " WHERE place > ? AND place <= ? AND user = ? ORDER BY place LIMIT ?");
      rows.add(first).add(last).add(user).add(rows_at_most);
      while (rows.step()) found.changes.push_back(read_change(rows, team));
    }
    std::ranges::sort(found.changes, {}, &InboxChange::seq);
    found.more = found.changes.size() > limit;
    if (found.more) found.changes.resize(limit);
    return found;
  });
}

}  // namespace tocsin::store
