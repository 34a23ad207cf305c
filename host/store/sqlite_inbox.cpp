// The inbox's writes: new items, marks, and the forgetting of both. Each step of a team's sequence is an
// item's row or a change's; together they are what a stream resumes from.
#include "store/sqlite_inbox.hpp"

#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

constexpr InboxSeq kKeptChanges = 1'000;  // however old

std::string join_seqs(const std::vector<InboxSeq>& seqs) {
  std::string joined;
  for (const auto seq : seqs) joined += (joined.empty() ? "" : ",") + std::to_string(seq);
  return joined;
}

}  // namespace

// ---- both sides

std::int64_t count_items(Connection& connection, TeamId team, const std::string& user, InboxSeq after,
                         InboxSeq up_to) {
  std::int64_t count = 0;
  const std::string everyone;
  for (const std::string* of : {&everyone, &user}) {
    Query row(connection, "SELECT count(*) FROM inbox_item WHERE user = ? AND place > ? AND place <= ?");
    row.add(*of).add(inbox_place(team, after)).add(inbox_place(team, up_to));
    if (row.step()) count += row.number(0);
  }
  return count;
}

InboxCounts count_inbox(Connection& connection, TeamId team, const std::string& user, InboxSeq up_to) {
  InboxSeq line = 0;
  {
    Query row(connection, "SELECT ifnull(max(up_to), 0) FROM inbox_read_all WHERE team = ? AND user = ?");
    row.add(team).add(user);
    if (row.step()) line = std::min(row.number(0), up_to);
  }
  const std::int64_t below = count_items(connection, team, user, 0, line);
  const std::int64_t above = count_items(connection, team, user, line, up_to);
  // Above the line what has a row may be marked; below it, may be not.
  Query marks(connection,
              "SELECT ifnull(sum(archived_ms > 0), 0),"
              " ifnull(sum(CASE WHEN seq > ?3 THEN -(read_ms > 0) ELSE read_ms = 0 END), 0),"
              " ifnull(sum(CASE WHEN seq > ?3 THEN -(seen_ms > 0) ELSE seen_ms = 0 END), 0)"
              " FROM inbox_mark WHERE team = ?1 AND user = ?2 AND seq <= ?4");
  marks.add(team).add(user).add(line).add(up_to);
  TOCSIN_EXPECT(marks.step());
  return {below + above - marks.number(0), above + marks.number(1), above + marks.number(2)};
}

InboxItem read_inbox_item(const Query& row) {
  InboxItem item;
  item.seq = inbox_seq(row.number(0));
  item.team = row.number(0) >> 40;
  item.user = row.text(1);
  item.key = row.text(2);
  item.type = row.text(3);
  item.category = static_cast<Category>(row.number(4));
  item.severity = static_cast<Severity>(row.number(5));
  item.source = row.text(6);
  item.title = row.text(7);
  item.summary = row.text(8);
  item.link = row.text(9);
  item.json = row.text(10);
  item.time_ms = row.number(11);
  item.created_ms = row.number(12);
  return item;
}

// ---- writing

void InboxTables::write(const InboxWrite& write, std::int64_t now_ms, Store::WriteResult& done) {
  if (const auto* item = std::get_if<InboxItem>(&write)) {
    put(*item, now_ms, done);
  } else {
    mark(std::get<InboxMarking>(write), now_ms, done);
  }
}

InboxSeq InboxTables::last_seq(TeamId team) {
  Query row(connection_, "SELECT last FROM inbox WHERE team = ?");
  row.add(team);
  return row.step() ? row.number(0) : 0;
}

InboxSeq InboxTables::next_seq(TeamId team) {
  Query(connection_,
        "INSERT INTO inbox(team, last, trimmed) VALUES(?, 1, 0) ON CONFLICT(team) DO UPDATE SET last = last "
        "+ 1")
      .add(team)
      .run();
  return last_seq(team);
}

void InboxTables::put(const InboxItem& given, std::int64_t now_ms, Store::WriteResult& done) {
  {
    Query known(connection_, "SELECT place FROM inbox_item WHERE team = ? AND user = ? AND key = ?");
    known.add(given.team).add(given.user).add(given.key);
    if (known.step()) {
      done.inbox.push_back({inbox_seq(known.number(0)), true, 0, {}});
      return;
    }
  }
  auto item = std::make_shared<InboxItem>(given);
  item->seq = next_seq(item->team);
  item->created_ms = now_ms;
  Query(connection_, "INSERT INTO inbox_item(" TOCSIN_INBOX_COLUMNS
                     ", team) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .add(inbox_place(item->team, item->seq))
      .add(item->user)
      .add(item->key)
      .add(item->type)
      .add(static_cast<std::int64_t>(item->category))
      .add(static_cast<std::int64_t>(item->severity))
      .add(item->source)
      .add(item->title)
      .add(item->summary)
      .add(item->link)
      .add(item->json)
      .add(item->time_ms)
      .add(item->created_ms)
      .add(item->team)
      .run();
  done.inbox.push_back({item->seq, false, 0, {}});
  InboxChange change;
  change.seq = item->seq;
  change.team = item->team;
  change.user = item->user;
  change.at_ms = now_ms;
  change.item = std::move(item);
  done.changes.push_back(std::move(change));
}

void InboxTables::mark(const InboxMarking& marking, std::int64_t now_ms, Store::WriteResult& done) {
  InboxWritten& written = done.inbox.emplace_back();
  InboxChange change;
  if (marking.action != InboxAction::kReadAll) {
    change.items = mark_each(marking, now_ms, written.unknown);
    written.changed = std::ssize(change.items);
  } else if (marking.up_to > last_seq(marking.team)) {
    written.unknown.push_back(marking.up_to);
  } else {
    change.up_to = marking.up_to;
    written.changed = read_all(marking, now_ms);
  }
  if (written.changed == 0) return;
  change.seq = next_seq(marking.team);
  change.team = marking.team;
  change.user = marking.user;
  change.at_ms = now_ms;
  change.action = marking.action;
  put_change(change);
  done.changes.push_back(std::move(change));
}

// Those that changed.
std::vector<InboxSeq> InboxTables::mark_each(const InboxMarking& marking, std::int64_t now_ms,
                                             std::vector<InboxSeq>& unknown) {
  std::vector<InboxSeq> changed;
  std::vector<InboxSeq> items = marking.items;
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  for (const auto seq : items) {
    const auto before = find_marks(marking.team, marking.user, seq);
    if (!before) {
      unknown.push_back(seq);
      continue;
    }
    const InboxMarks after = apply_inbox_action(marking.action, *before, now_ms);
    if (after == *before) continue;
    put_marks(marking, seq, after);
    changed.push_back(seq);
  }
  return changed;
}

void InboxTables::put_change(const InboxChange& change) {
  const std::string items = join_seqs(change.items);
  Query(connection_,
        "INSERT INTO inbox_change(place, user, at_ms, action, up_to, items) VALUES(?, ?, ?, ?, ?, ?)")
      .add(inbox_place(change.team, change.seq))
      .add(change.user)
      .add(change.at_ms)
      .add(static_cast<std::int64_t>(change.action))
      .add(change.up_to)
      .add(items)
      .run();
}

// How many were unread until now.
std::int64_t InboxTables::read_all(const InboxMarking& marking, std::int64_t now_ms) {
  const auto& [team, user, action, items, up_to] = marking;
  const std::int64_t unread = count_inbox(connection_, team, user, up_to).unread;
  if (unread == 0) return 0;
  Query(connection_,
        "UPDATE inbox_mark SET read_ms = ?1, seen_ms = iif(seen_ms = 0, ?1, seen_ms)"
        " WHERE team = ?2 AND user = ?3 AND seq <= ?4 AND read_ms = 0")
      .add(now_ms)
      .add(team)
      .add(user)
      .add(up_to)
      .run();
  Query(connection_,
        "INSERT INTO inbox_read_all(team, user, up_to, at_ms) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS"
        " (SELECT 1 FROM inbox_read_all WHERE team = ?1 AND user = ?2 AND up_to >= ?3)")
      .add(team)
      .add(user)
      .add(up_to)
      .add(now_ms)
      .run();
  return unread;
}

// nullopt: no item of this number that the user may see.
std::optional<InboxMarks> InboxTables::find_marks(TeamId team, const std::string& user, InboxSeq seq) {
  if (seq < 1 || seq > last_seq(team)) return std::nullopt;
  {
    Query item(connection_, "SELECT 1 FROM inbox_item WHERE place = ? AND user IN ('', ?)");
    if (!item.add(inbox_place(team, seq)).add(user).step()) return std::nullopt;
  }
  {
    Query row(connection_,
              "SELECT seen_ms, read_ms, archived_ms FROM inbox_mark WHERE team = ? AND user = ? AND seq = ?");
    if (row.add(team).add(user).add(seq).step()) {
      return InboxMarks{row.number(0), row.number(1), row.number(2)};
    }
  }
  Query line(
      connection_,
      "SELECT at_ms FROM inbox_read_all WHERE team = ? AND user = ? AND up_to >= ? ORDER BY up_to LIMIT 1");
  if (!line.add(team).add(user).add(seq).step()) return InboxMarks{};
  return InboxMarks{line.number(0), line.number(0), 0};
}

void InboxTables::put_marks(const InboxMarking& marking, InboxSeq seq, const InboxMarks& marks) {
  Query(connection_,
        "INSERT OR REPLACE INTO inbox_mark(team, user, seq, seen_ms, read_ms, archived_ms)"
        " VALUES(?, ?, ?, ?, ?, ?)")
      .add(marking.team)
      .add(marking.user)
      .add(seq)
      .add(marks.seen_ms)
      .add(marks.read_ms)
      .add(marks.archived_ms)
      .run();
}

// ---- forgetting

Result<std::size_t> SqliteStore::trim_inbox(std::int64_t items_before_ms, std::int64_t changes_before_ms,
                                            std::size_t limit) {
  return on_handle([&] { return InboxTables(connection_).trim(items_before_ms, changes_before_ms, limit); });
}

std::size_t InboxTables::trim(std::int64_t items_before_ms, std::int64_t changes_before_ms,
                              std::size_t limit) {
  std::vector<std::pair<TeamId, InboxSeq>> teams;
  {
    Query rows(connection_, "SELECT team, last FROM inbox");
    while (rows.step()) teams.emplace_back(rows.number(0), rows.number(1));
  }
  std::size_t gone = 0;
  for (const auto& [team, last] : teams) {
    if (gone < limit) gone += trim_team(team, last, items_before_ms, changes_before_ms, limit - gone);
  }
  return gone;
}

std::size_t InboxTables::trim_team(TeamId team, InboxSeq last, std::int64_t items_before_ms,
                                   std::int64_t changes_before_ms, std::size_t limit) {
  const Old items =
      find_old("SELECT place, created_ms FROM inbox_item WHERE place > ? AND place <= ? ORDER BY place", team,
               last, items_before_ms, limit);
  const Old changes =
      find_old("SELECT place, at_ms FROM inbox_change WHERE place > ? AND place <= ? ORDER BY place", team,
               std::max<InboxSeq>(last - kKeptChanges, 0), changes_before_ms, limit);
  if (items.count + changes.count == 0) return 0;
  Transaction transaction(connection_);
  if (items.count > 0) delete_items(team, items.last);
  if (changes.count > 0) {
    Query(connection_, "DELETE FROM inbox_change WHERE place > ? AND place <= ?")
        .add(inbox_place(team, 0))
        .add(inbox_place(team, changes.last))
        .run();
  }
  Query(connection_, "UPDATE inbox SET trimmed = max(trimmed, ?) WHERE team = ?")
      .add(std::max(items.last, changes.last))
      .add(team)
      .run();
  transaction.commit();
  return items.count + changes.count;
}

// The oldest rows of a team up to `last` that are from before `before_ms`: none older follows a newer one.
InboxTables::Old InboxTables::find_old(const char* sql, TeamId team, InboxSeq last, std::int64_t before_ms,
                                       std::size_t limit) {
  Old old;
  Query rows(connection_, sql);
  rows.add(inbox_place(team, 0)).add(inbox_place(team, last));
  while (old.count < limit && rows.step() && rows.number(1) < before_ms) {
    old.last = inbox_seq(rows.number(0));
    ++old.count;
  }
  return old;
}

void InboxTables::delete_items(TeamId team, InboxSeq up_to) {
  Query(connection_, "DELETE FROM inbox_item WHERE place > ? AND place <= ?")
      .add(inbox_place(team, 0))
      .add(inbox_place(team, up_to))
      .run();
  // User by user, since a user's marks are what lies together.
  std::string user;
  for (;;) {
    {
      Query next(connection_,
                 "SELECT user FROM inbox_mark WHERE team = ? AND user > ? ORDER BY user LIMIT 1");
      if (!next.add(team).add(user).step()) break;
      user = next.text(0);
    }
    Query(connection_, "DELETE FROM inbox_mark WHERE team = ? AND user = ? AND seq <= ?")
        .add(team)
        .add(user)
        .add(up_to)
        .run();
  }
  Query(connection_, "DELETE FROM inbox_read_all WHERE team = ? AND up_to <= ?").add(team).add(up_to).run();
}

}  // namespace tocsin::store
