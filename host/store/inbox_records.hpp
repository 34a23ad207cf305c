// What the notification centre puts into a store and reads from it, as plain values. The calls are in
// store.hpp; what an item, a mark and a change are is model/inbox.hpp's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/inbox.hpp"

namespace tocsin::store {

// One user does one thing to some items of the team, or to all up to one (kReadAll).
struct InboxMarking {
  TeamId team = 0;
  std::string user;
  InboxAction action = InboxAction::kRead;
  std::vector<InboxSeq> items;
  InboxSeq up_to = 0;  // of kReadAll; later items stay as they are, also those that arrive meanwhile
};

// A new item (its seq and created_ms are the store's to give), or marks.
using InboxWrite = std::variant<InboxItem, InboxMarking>;

struct InboxWritten {
  InboxSeq item = 0;              // the new item, or the one that has this key already …
  bool duplicate = false;         // … and nothing was stored
  std::int64_t changed = 0;       // items whose marks are others now
  std::vector<InboxSeq> unknown;  // asked for, but not (or no longer) among the user's items
};

struct InboxFilter {
  enum class Marks : std::uint8_t { kAll, kNotArchived, kUnread, kRead, kArchived };  // kRead: not archived
  TeamId team = 0;
  std::string user;
  Marks marks = Marks::kNotArchived;
  std::optional<Severity> severity;
  std::optional<Category> category;
  std::string source, type;  // exact; empty: all
  InboxSeq before = 0;       // cursor: items below this; 0: from the newest
  std::size_t limit = 50;
};

struct InboxEntry {
  InboxItem item;
  InboxMarks marks;
};

struct InboxPage {
  std::vector<InboxEntry> entries;  // newest first
  InboxSeq next = 0;                // 0: the end. May be set on a short page: the scan is bounded
};

}  // namespace tocsin::store
