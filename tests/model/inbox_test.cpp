// The implication rules, as a table and for any sequence of actions; and an item's JSON, byte for byte.
#include "model/inbox.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tocsin {
namespace {

struct RuleCase {
  const char* says;
  InboxMarks before;
  InboxAction action;
  InboxMarks after;
};

constexpr RuleCase kRules[] = {
    {"what is looked at is seen", {}, InboxAction::kSeen, {9, 0, 0}},
    {"read implies seen", {}, InboxAction::kRead, {9, 9, 0}},
    {"archived implies seen and read", {}, InboxAction::kArchive, {9, 9, 9}},
    {"read-all reads like read", {}, InboxAction::kReadAll, {9, 9, 0}},
    {"what was seen keeps its time when it is read", {3, 0, 0}, InboxAction::kRead, {3, 9, 0}},
    {"what was read keeps its times when it is archived", {3, 4, 0}, InboxAction::kArchive, {3, 4, 9}},
    {"seen again changes nothing", {3, 0, 0}, InboxAction::kSeen, {3, 0, 0}},
    {"read again changes nothing", {3, 4, 0}, InboxAction::kRead, {3, 4, 0}},
    {"archived again changes nothing", {3, 4, 5}, InboxAction::kArchive, {3, 4, 5}},
    {"reading what is archived leaves it archived", {3, 4, 5}, InboxAction::kRead, {3, 4, 5}},
    {"unread comes back from the archive and stays seen", {3, 4, 5}, InboxAction::kUnread, {3, 0, 0}},
    {"unread of what is unread changes nothing", {3, 0, 0}, InboxAction::kUnread, {3, 0, 0}},
    {"unread of what was never seen changes nothing", {}, InboxAction::kUnread, {}},
    {"back from the archive it stays read", {3, 4, 5}, InboxAction::kUnarchive, {3, 4, 0}},
    {"unarchive of what is not archived changes nothing", {3, 4, 0}, InboxAction::kUnarchive, {3, 4, 0}},
    {"unseen takes everything back", {3, 4, 5}, InboxAction::kUnseen, {}},
};

TEST(InboxMarks, FollowTheRules) {
  for (const auto& rule : kRules) {
    EXPECT_EQ(apply_inbox_action(rule.action, rule.before, 9), rule.after) << rule.says;
  }
}

TEST(InboxMarks, KeepTheirImplicationsOverAnySequenceOfActions) {
  std::mt19937 random(7);
  InboxMarks marks;
  for (std::int64_t now = 1; now < 20'000; ++now) {
    const auto action = static_cast<InboxAction>(1 + random() % 7);
    const InboxMarks once = apply_inbox_action(action, marks, now);
    EXPECT_EQ(apply_inbox_action(action, once, now + 1), once) << "twice is once: " << to_string(action);
    EXPECT_TRUE(once.archived_ms == 0 || once.read_ms != 0) << to_string(action);
    EXPECT_TRUE(once.read_ms == 0 || once.seen_ms != 0) << to_string(action);
    marks = once;
  }
}

TEST(InboxItem, IsWrittenWithItsMarks) {
  InboxItem item;
  item.seq = 33;
  item.key = "evt_1";
  item.type = "finding.created";
  item.severity = Severity::kHigh;
  item.title = "A \"quoted\" title";
  item.json = R"({"a":1.10})";
  item.time_ms = 1'795'420'800'000;
  item.created_ms = 1'795'420'801'000;
  std::string out;
  append_inbox_item(out, item, {1'795'420'802'000, 0, 0});
  EXPECT_EQ(out,
            R"({"id":"itm_0000000000011","key":"evt_1","type":"finding.created","category":"security_alert",)"
            R"("severity":"high","title":"A \"quoted\" title","time":"2026-11-23T08:00:00.000Z",)"
            R"("created":"2026-11-23T08:00:01.000Z","seen_at":"2026-11-23T08:00:02.000Z","read_at":null,)"
            R"("archived_at":null,"data":{"a":1.10}})");
  EXPECT_EQ(parse_item_id("itm_0000000000011"), 33);
  EXPECT_FALSE(parse_item_id("evt_0000000000011"));
}

}  // namespace
}  // namespace tocsin
