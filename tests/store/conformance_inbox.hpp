// Conformance of the notification centre: items, marks, counts, the sequence that streams resume from, and
// what is forgotten. Included by conformance.hpp.
#pragma once

#include <algorithm>
#include <map>
#include <random>

#include "store/conformance.hpp"

namespace tocsin::store {

class InboxConformance : public StoreConformance {
 protected:
  static InboxItem item(TeamId team, const std::string& key, const std::string& user = "") {
    InboxItem item;
    item.team = team;
    item.user = user;
    item.key = key;
    item.type = "finding.created";
    item.category = Category::kSystemError;
    item.severity = Severity::kHigh;
    item.source = "scanner";
    item.title = "Grüße: \"" + key + '"';
    item.summary = "a summary";
    item.link = "https://tocsin.example/x?y=1";
    item.json = R"({"score":1.10})";
    item.time_ms = kStartMs - 5;
    return item;
  }
  Store::WriteResult write_all(std::vector<InboxWrite> writes, std::int64_t now_ms = kStartMs) {
    return must(store->write({}, {}, writes, now_ms));
  }
  InboxSeq put(const std::string& key, const std::string& user = "", std::int64_t now_ms = kStartMs) {
    return write_all({item(team, key, user)}, now_ms).inbox.front().item;
  }
  InboxWritten mark(const std::string& user, InboxAction action, std::vector<InboxSeq> items,
                    std::int64_t now_ms = kStartMs) {
    return write_all({InboxMarking{team, user, action, std::move(items), 0}}, now_ms).inbox.front();
  }
  InboxWritten read_all(const std::string& user, InboxSeq up_to, std::int64_t now_ms = kStartMs) {
    return write_all({InboxMarking{team, user, InboxAction::kReadAll, {}, up_to}}, now_ms).inbox.front();
  }
  std::vector<InboxSeq> list(InboxFilter::Marks marks, const std::string& user = "alice") {
    InboxFilter filter;
    filter.team = team;
    filter.user = user;
    filter.marks = marks;
    filter.limit = 1'000;
    std::vector<InboxSeq> seqs;
    for (const auto& entry : must(reader->list_inbox(filter)).entries) seqs.push_back(entry.item.seq);
    return seqs;
  }
  InboxCounts counts(const std::string& user = "alice") { return must(reader->count_inbox(team, user)); }
  InboxMarks marks_of(const std::string& user, InboxSeq seq) {
    InboxFilter filter;
    filter.team = team;
    filter.user = user;
    filter.marks = InboxFilter::Marks::kAll;
    filter.before = seq + 1;
    filter.limit = 1;
    return must(reader->list_inbox(filter)).entries.at(0).marks;
  }
  InboxChanges changes(InboxSeq after, const std::string& user = "alice", std::size_t limit = 1'000) {
    return must(reader->list_inbox_changes(team, user, after, limit));
  }
};

using Marks = InboxFilter::Marks;

TEST_P(InboxConformance, KeepsAnItemAsItWasPut) {
  const auto result = write_all({item(team, "evt_1")});
  const InboxSeq seq = result.inbox.front().item;
  EXPECT_FALSE(result.inbox.front().duplicate);
  ASSERT_EQ(result.changes.size(), 1u);
  EXPECT_EQ(result.changes.front().seq, seq);
  stop_and_start();
  InboxFilter filter;
  filter.team = team;
  filter.user = "alice";
  const auto page = must(reader->list_inbox(filter));
  ASSERT_EQ(page.entries.size(), 1u);
  EXPECT_EQ(page.next, 0);
  std::string written, expected;
  append_inbox_item(written, page.entries.front().item, page.entries.front().marks);
  append_inbox_item(expected, *result.changes.front().item, {});
  EXPECT_EQ(written, expected);
  EXPECT_EQ(page.entries.front().item.created_ms, kStartMs);
  EXPECT_EQ(page.entries.front().item.team, team);
}

TEST_P(InboxConformance, StoresOneItemOfAKeyForEachUserOfATeam) {
  const InboxSeq first = put("evt_1");
  const auto again = write_all({item(team, "evt_1")});
  EXPECT_TRUE(again.inbox.front().duplicate);
  EXPECT_EQ(again.inbox.front().item, first);
  EXPECT_THAT(again.changes, IsEmpty());
  EXPECT_FALSE(write_all({item(team, "evt_1", "alice")}).inbox.front().duplicate);
  EXPECT_FALSE(write_all({item(other_team, "evt_1")}).inbox.front().duplicate);
  crash();
  EXPECT_TRUE(write_all({item(team, "evt_1")}).inbox.front().duplicate);
}

TEST_P(InboxConformance, GivesEachTeamASequenceOfItsOwnThatARestartContinues) {
  EXPECT_EQ(put("a"), 1);
  EXPECT_EQ(put("b"), 2);
  EXPECT_EQ(write_all({item(other_team, "a")}).inbox.front().item, 1);
  mark("alice", InboxAction::kRead, {1});
  crash();
  EXPECT_EQ(put("c"), 4);
}

TEST_P(InboxConformance, ShowsAUserTheirOwnItemsAndTheTeams) {
  const InboxSeq all = put("all");
  const InboxSeq alices = put("hers", "alice");
  const InboxSeq bobs = put("his", "bob");
  EXPECT_THAT(list(Marks::kAll, "alice"), ElementsAre(alices, all));
  EXPECT_THAT(list(Marks::kAll, "bob"), ElementsAre(bobs, all));
  EXPECT_EQ(counts("carol"), (InboxCounts{1, 1, 1}));
  const auto written = mark("alice", InboxAction::kRead, {bobs, 99, -1, all});
  EXPECT_EQ(written.changed, 1);
  EXPECT_THAT(written.unknown, ElementsAre(-1, bobs, 99));
}

TEST_P(InboxConformance, KeepsTheMarksOfUsersApart) {
  const InboxSeq seq = put("a");
  EXPECT_EQ(mark("alice", InboxAction::kArchive, {seq}, kStartMs + 7).changed, 1);
  EXPECT_EQ(marks_of("alice", seq), (InboxMarks{kStartMs + 7, kStartMs + 7, kStartMs + 7}));
  EXPECT_EQ(marks_of("bob", seq), InboxMarks{});
  EXPECT_EQ(counts("alice"), InboxCounts{});
  EXPECT_EQ(counts("bob"), (InboxCounts{1, 1, 1}));
}

TEST_P(InboxConformance, MakesNoChangeOfWhatIsSoAlready) {
  const InboxSeq seq = put("a");
  mark("alice", InboxAction::kRead, {seq});
  const auto result = write_all({InboxMarking{team, "alice", InboxAction::kRead, {seq, seq}, 0},
                                 InboxMarking{team, "alice", InboxAction::kSeen, {seq}, 0},
                                 InboxMarking{team, "alice", InboxAction::kReadAll, {}, seq}},
                                kStartMs + 1);
  for (const auto& written : result.inbox) EXPECT_EQ(written.changed, 0);
  EXPECT_THAT(result.changes, IsEmpty());
  EXPECT_EQ(changes(0).last, 2);
}

TEST_P(InboxConformance, ReadsAllUpToAnItemAndLeavesWhatCameLater) {
  const InboxSeq a = put("a");
  const InboxSeq b = put("b");
  const InboxSeq late = put("late");
  EXPECT_EQ(read_all("alice", b, kStartMs + 3).changed, 2);
  EXPECT_THAT(list(Marks::kUnread), ElementsAre(late));
  EXPECT_EQ(counts(), (InboxCounts{3, 1, 1}));
  EXPECT_EQ(marks_of("alice", a), (InboxMarks{kStartMs + 3, kStartMs + 3, 0}));
  EXPECT_EQ(counts("bob"), (InboxCounts{3, 3, 3}));
  // Taken back for one of them, and read once more by a line that is not the highest.
  EXPECT_EQ(mark("alice", InboxAction::kUnread, {a}).changed, 1);
  EXPECT_EQ(counts(), (InboxCounts{3, 2, 1}));
  EXPECT_EQ(read_all("alice", a, kStartMs + 4).changed, 1);
  EXPECT_EQ(marks_of("alice", a), (InboxMarks{kStartMs + 3, kStartMs + 4, 0}));
  EXPECT_EQ(marks_of("alice", b), (InboxMarks{kStartMs + 3, kStartMs + 3, 0}));
  EXPECT_EQ(read_all("alice", late, kStartMs + 9).changed, 1);
  EXPECT_EQ(marks_of("alice", b).read_ms, kStartMs + 3) << "a later line does not read again";
}

TEST_P(InboxConformance, RefusesToReadAllUpToWhatIsNotThereYet) {
  put("a");
  EXPECT_THAT(read_all("alice", 2).unknown, ElementsAre(2));
  put("b");
  EXPECT_EQ(counts(), (InboxCounts{2, 2, 2}));
}

TEST_P(InboxConformance, FiltersAndPages) {
  InboxItem other = item(team, "other");
  other.severity = Severity::kLow;
  other.category = Category::kSecurityAlert;
  other.source = "cspm";
  other.type = "scan.failed";
  for (int i = 0; i < 10; ++i) put("k" + std::to_string(i));
  const InboxSeq its = write_all({other}).inbox.front().item;
  const auto only = [&](auto&& narrow) {
    InboxFilter filter;
    filter.team = team;
    filter.user = "alice";
    narrow(filter);
    const auto page = must(reader->list_inbox(filter));
    return page.entries.size() == 1 && page.entries.front().item.seq == its;
  };
  EXPECT_TRUE(only([](InboxFilter& filter) { filter.severity = Severity::kLow; }));
  EXPECT_TRUE(only([](InboxFilter& filter) { filter.category = Category::kSecurityAlert; }));
  EXPECT_TRUE(only([](InboxFilter& filter) { filter.source = "cspm"; }));
  EXPECT_TRUE(only([](InboxFilter& filter) { filter.type = "scan.failed"; }));
  std::vector<InboxSeq> seen;
  InboxFilter filter;
  filter.team = team;
  filter.user = "alice";
  filter.limit = 4;
  do {
    const auto page = must(reader->list_inbox(filter));
    for (const auto& entry : page.entries) seen.push_back(entry.item.seq);
    filter.before = page.next;
    put("meanwhile" + std::to_string(page.next));
  } while (filter.before != 0);
  EXPECT_THAT(seen, ElementsAre(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
}

TEST_P(InboxConformance, TellsWhatHappenedSinceANumber) {
  put("a");
  put("his", "bob");
  mark("alice", InboxAction::kRead, {1});
  mark("bob", InboxAction::kArchive, {1, 2});
  put("b");
  read_all("alice", 5);
  const auto all = changes(0);
  std::vector<InboxSeq> seqs;
  for (const auto& change : all.changes) seqs.push_back(change.seq);
  EXPECT_THAT(seqs, ElementsAre(1, 3, 5, 6));
  EXPECT_EQ(all.last, 6);
  EXPECT_EQ(all.trimmed, 0);
  EXPECT_FALSE(all.more);
  EXPECT_EQ(all.changes[0].item->key, "a");
  EXPECT_EQ(all.changes[1].action, InboxAction::kRead);
  EXPECT_THAT(all.changes[1].items, ElementsAre(1));
  EXPECT_EQ(all.changes[3].action, InboxAction::kReadAll);
  EXPECT_EQ(all.changes[3].up_to, 5);
  EXPECT_THAT(changes(0, "bob").changes[2].items, ElementsAre(1, 2));
  EXPECT_THAT(changes(6).changes, IsEmpty());
  EXPECT_THAT(changes(700).changes, IsEmpty());
  const auto some = changes(1, "alice", 2);
  EXPECT_TRUE(some.more);
  EXPECT_EQ(some.changes.back().seq, 5);
}

TEST_P(InboxConformance, ForgetsOldItemsWithTheirMarksAndSaysSo) {
  for (int i = 0; i < 5; ++i) put("k" + std::to_string(i), "", kStartMs + i);
  mark("alice", InboxAction::kArchive, {1, 5});
  mark("bob", InboxAction::kSeen, {2});
  read_all("carol", 3);
  EXPECT_EQ(must(store->trim_inbox(kStartMs, kStartMs, 100)), 0u);
  EXPECT_EQ(must(store->trim_inbox(kStartMs + 4, kStartMs, 2)), 2u);
  EXPECT_EQ(must(store->trim_inbox(kStartMs + 4, kStartMs, 100)), 2u);
  EXPECT_THAT(list(Marks::kAll), ElementsAre(5));
  EXPECT_EQ(changes(0).trimmed, 4);
  EXPECT_EQ(counts("alice"), InboxCounts{});
  EXPECT_EQ(counts("bob"), (InboxCounts{1, 1, 1}));
  EXPECT_EQ(counts("carol"), (InboxCounts{1, 1, 1}));
  EXPECT_THAT(mark("alice", InboxAction::kUnread, {1}).unknown, ElementsAre(1));
  EXPECT_FALSE(write_all({item(team, "k0")}).inbox.front().duplicate) << "its key is free again";
}

TEST_P(InboxConformance, KeepsTheNewestThousandChangesHoweverOld) {
  const InboxSeq seq = put("a");
  for (int i = 0; i < 1'200; ++i) {
    mark("alice", i % 2 == 0 ? InboxAction::kRead : InboxAction::kUnread, {seq}, kStartMs + i);
  }
  EXPECT_EQ(must(store->trim_inbox(kStartMs, kStartMs + 100, 1'000)), 100u);
  EXPECT_EQ(changes(0).trimmed, 101);
  EXPECT_EQ(must(store->trim_inbox(kStartMs, kStartMs + 5'000, 1'000)), 100u);
  EXPECT_EQ(changes(0).trimmed, 201);
  EXPECT_EQ(changes(201, "alice", 2'000).changes.size(), 1'000u);
  EXPECT_EQ(must(store->trim_inbox(kStartMs, kStartMs + 5'000, 1'000)), 0u);
}

TEST_P(InboxConformance, AgreesWithAPlainModelOverAnySequenceOfActions) {
  std::mt19937 random(11);
  const std::vector<std::string> users = {"alice", "bob"};
  std::map<InboxSeq, std::map<std::string, InboxMarks>> model;  // of each item, who may see it
  std::int64_t now = kStartMs;
  for (int step = 0; step < 600; ++step) {
    ++now;
    if (random() % 3 == 0) {
      const std::string user = random() % 4 == 0 ? users[random() % 2] : "";
      const InboxSeq seq = put("k" + std::to_string(step), user, now);
      for (const auto& who : users) {
        if (user.empty() || user == who) model[seq][who] = {};
      }
      continue;
    }
    const std::string& who = users[random() % 2];
    const auto action = static_cast<InboxAction>(1 + random() % 7);
    const InboxSeq last = changes(0).last;
    if (last == 0) continue;
    InboxMarking marking{team, who, action, {}, 0};
    if (action == InboxAction::kReadAll) {
      marking.up_to = 1 + static_cast<InboxSeq>(random()) % last;
    } else {
      for (int i = 0; i < 3; ++i) marking.items.push_back(1 + static_cast<InboxSeq>(random()) % last);
    }
    std::int64_t expected = 0;
    for (auto& [seq, marks] : model) {
      const bool named = action == InboxAction::kReadAll
                             ? seq <= marking.up_to
                             : std::ranges::find(marking.items, seq) != marking.items.end();
      const auto its = marks.find(who);
      if (!named || its == marks.end()) continue;
      const InboxMarks after = apply_inbox_action(action, its->second, now);
      if (after != its->second) ++expected;
      its->second = after;
    }
    EXPECT_EQ(write_all({marking}, now).inbox.front().changed, expected) << step;
    InboxCounts recount;
    std::vector<InboxSeq> unread, archived, read;
    for (auto entry = model.rbegin(); entry != model.rend(); ++entry) {
      const auto its = entry->second.find(who);
      if (its == entry->second.end()) continue;
      const InboxMarks& marks = its->second;
      EXPECT_EQ(marks_of(who, entry->first), marks) << step << ' ' << to_string(action);
      recount.total += marks.archived_ms == 0 ? 1 : 0;
      recount.unread += marks.read_ms == 0 ? 1 : 0;
      recount.unseen += marks.seen_ms == 0 ? 1 : 0;
      auto& row = marks.archived_ms != 0 ? archived : marks.read_ms != 0 ? read : unread;
      row.push_back(entry->first);
    }
    ASSERT_EQ(counts(who), recount) << step << ' ' << to_string(action);
    ASSERT_EQ(list(Marks::kUnread, who), unread);
    ASSERT_EQ(list(Marks::kArchived, who), archived);
    ASSERT_EQ(list(Marks::kRead, who), read);
  }
}

}  // namespace tocsin::store
