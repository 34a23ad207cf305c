// See inbox.hpp. The rules are Novu's: what a person archived counts as read, what they read as seen.
#include "model/inbox.hpp"

#include <array>

#include "model/clock.hpp"
#include "model/json_text.hpp"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 8> kActions = {"",       "seen",     "unseen",     "read",
                                                      "unread", "archived", "unarchived", "read_all"};

void set_once(std::int64_t& time, std::int64_t now_ms) {
  if (time == 0) time = now_ms;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

void append_optional_text(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) append_text(out, name, value);
}

void append_time(std::string& out, std::string_view name, std::int64_t unix_ms) {
  out += ",\"";
  out += name;
  out += unix_ms == 0 ? "\":null" : "\":\"" + format_rfc3339(unix_ms) + '"';
}

}  // namespace

std::string_view to_string(InboxAction action) {
  return kActions[static_cast<std::size_t>(action)];
}

InboxMarks apply_inbox_action(InboxAction action, InboxMarks marks, std::int64_t now_ms) {
  switch (action) {
    case InboxAction::kUnseen:
      return {};
    case InboxAction::kUnread:
      marks.read_ms = marks.archived_ms = 0;
      return marks;
    case InboxAction::kUnarchive:
      marks.archived_ms = 0;
      return marks;
    case InboxAction::kArchive:
      set_once(marks.archived_ms, now_ms);
      [[fallthrough]];
    case InboxAction::kRead:
    case InboxAction::kReadAll:
      set_once(marks.read_ms, now_ms);
      [[fallthrough]];
    case InboxAction::kSeen:
      set_once(marks.seen_ms, now_ms);
      return marks;
  }
  return marks;
}

void append_inbox_item(std::string& out, const InboxItem& item, const InboxMarks& marks) {
  out += "{\"id\":\"" + format_item_id(item.seq) + '"';
  append_text(out, "key", item.key);
  append_optional_text(out, "type", item.type);
  append_text(out, "category", to_string(item.category));
  append_text(out, "severity", to_string(item.severity));
  append_optional_text(out, "source", item.source);
  append_text(out, "title", item.title);
  append_optional_text(out, "summary", item.summary);
  append_optional_text(out, "link", item.link);
  append_time(out, "time", item.time_ms);
  append_time(out, "created", item.created_ms);
  append_time(out, "seen_at", marks.seen_ms);
  append_time(out, "read_at", marks.read_ms);
  append_time(out, "archived_at", marks.archived_ms);
  if (!item.json.empty()) out += ",\"data\":" + item.json;
  out += '}';
}

}  // namespace tocsin
