// An item of a team's notification centre, what a person did with it, and the changes that a stream of it is
// made of. The implication rules are here, as pure functions; what is kept where is the store's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.hpp"

namespace tocsin {

struct InboxItem {
  InboxSeq seq = 0;  // given by the store: the team's items and changes have one sequence
  TeamId team = 0;
  std::string user;  // whose it is; empty: everyone's of the team
  std::string key;   // the plugin's: a second put of the same key for the same user is no new item
  std::string type;
  Category category = Category::kSecurityAlert;
  Severity severity = Severity::kInfo;
  std::string source, title, summary, link;
  std::string json;             // an object as text; empty: none
  std::int64_t time_ms = 0;     // of what happened
  std::int64_t created_ms = 0;  // given by the store
};
using InboxItemPtr = std::shared_ptr<const InboxItem>;

// What one person did with one item, as times; 0: not. Always holds: archived implies read, read implies
// seen.
struct InboxMarks {
  std::int64_t seen_ms = 0, read_ms = 0, archived_ms = 0;
  bool operator==(const InboxMarks&) const = default;
};

// The numbers are stored: append only.
enum class InboxAction : std::uint8_t {
  kSeen = 1,
  kUnseen = 2,     // takes everything back
  kRead = 3,       // seen too
  kUnread = 4,     // not archived any more
  kArchive = 5,    // seen and read too
  kUnarchive = 6,  // stays read
  kReadAll = 7,    // kRead for every item up to one
};
// The name of the change it makes: "seen", "read", "archived", "read_all".
[[nodiscard]] std::string_view to_string(InboxAction action);

// What `action` makes of `marks`. The same again: nothing changes. What is marked already keeps its time.
[[nodiscard]] InboxMarks apply_inbox_action(InboxAction action, InboxMarks marks, std::int64_t now_ms);

// One step of a team's sequence: a new item, or what a user did with some. Each stream of the team's that may
// see it sends it; its `seq` is the stream's id.
struct InboxChange {
  InboxSeq seq = 0;
  TeamId team = 0;
  std::string user;  // who may see it; empty: everyone of the team
  std::int64_t at_ms = 0;
  InboxItemPtr item;  // a new item; else what was done:
  InboxAction action = InboxAction::kSeen;
  std::vector<InboxSeq> items;  // those it changed, ascending; empty for kReadAll
  InboxSeq up_to = 0;           // of kReadAll
};

// A piece of a team's sequence as one user may see it.
struct InboxChanges {
  std::vector<InboxChange> changes;  // ascending
  InboxSeq last = 0;                 // the newest number of the team's sequence
  InboxSeq trimmed = 0;              // up to here some are forgotten: a stream that saw less starts anew
  bool more = false;                 // the limit was reached before `last`
};

// Of what one user sees. The badge is `unread`.
struct InboxCounts {
  std::int64_t total = 0;   // not archived
  std::int64_t unread = 0;  // nor read
  std::int64_t unseen = 0;  // nor seen
  bool operator==(const InboxCounts&) const = default;
};

// Appends the item as the JSON object that the API and the stream give to clients; `marks` are the reader's.
void append_inbox_item(std::string& out, const InboxItem& item, const InboxMarks& marks);

}  // namespace tocsin
