#include "security/session_table.hpp"

#include <gtest/gtest.h>

namespace tocsin::security {
namespace {

Principal alice() {
  return Principal{"alice", Role::kAdmin, {"demo"}, "alice"};
}

OpenedSession open(SessionTable& table, std::int64_t now_ms) {
  auto opened = table.redeem(table.issue(alice(), now_ms), now_ms);
  EXPECT_TRUE(opened);
  return std::move(*opened);
}

TEST(SessionTable, OpensASessionForACodeAsWhomItWasMadeFor) {
  SessionTable table;
  const auto opened = open(table, 1'000);
  EXPECT_TRUE(opened.secret.starts_with("tcx_"));
  EXPECT_EQ(opened.principal.role, Role::kAdmin);
  EXPECT_EQ(opened.principal.expires_ms, 1'000 + 12 * 3'600'000);
  const auto* found = table.find(hash_token(opened.secret), 1'000);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->acts_for(), "alice");
  EXPECT_EQ(table.find(hash_token("tcx_another"), 1'000), nullptr);
}

TEST(SessionTable, TakesACodeOnceAndForTenMinutes) {
  SessionTable table;
  const auto used = table.issue(alice(), 0), late = table.issue(alice(), 0),
             in_time = table.issue(alice(), 0);
  EXPECT_TRUE(table.redeem(used, 0));
  EXPECT_FALSE(table.redeem(used, 0));
  EXPECT_TRUE(table.redeem(in_time, 599'999));
  EXPECT_FALSE(table.redeem(late, 600'000));
  EXPECT_FALSE(table.redeem("", 0));
  EXPECT_FALSE(table.redeem("tcl_nonsense", 0));
}

TEST(SessionTable, DoesNotTakeTheCookieForACodeNorTheCodeForACookie) {
  SessionTable table;
  const auto code = table.issue(alice(), 0);
  EXPECT_EQ(table.find(hash_token(code), 0), nullptr);
  EXPECT_FALSE(table.redeem(open(table, 0).secret, 0));
}

TEST(SessionTable, EndsASessionWhenItExpiresOrSignsOut) {
  SessionTable table;
  const auto first = hash_token(open(table, 0).secret), second = hash_token(open(table, 0).secret);
  EXPECT_NE(table.find(first, 12 * 3'600'000 - 1), nullptr);
  EXPECT_EQ(table.find(first, 12 * 3'600'000), nullptr);
  EXPECT_TRUE(table.end(second));
  EXPECT_FALSE(table.end(second));
  EXPECT_EQ(table.find(second, 0), nullptr);
}

TEST(SessionTable, KeepsABoundedNumberAndLetsTheOldestGo) {
  SessionTable table({.codes = 3, .sessions = 2});
  const auto oldest = table.issue(alice(), 0);
  for (int i = 1; i <= 3; ++i) static_cast<void>(table.issue(alice(), i));
  EXPECT_EQ(table.codes(), 3U);
  EXPECT_FALSE(table.redeem(oldest, 4));
  const auto first = open(table, 10), second = open(table, 11), third = open(table, 12);
  EXPECT_EQ(table.sessions(), 2U);
  EXPECT_EQ(table.find(hash_token(first.secret), 12), nullptr);
  EXPECT_NE(table.find(hash_token(third.secret), 12), nullptr);
}

TEST(SessionTable, TakesBackASessionOfBeforeARestartUntilItsEnd) {
  SessionTable table;
  Principal kept = alice();
  kept.expires_ms = 5'000;
  table.restore(hash_token("tcx_kept"), kept, 1'000);
  kept.expires_ms = 1'000;
  table.restore(hash_token("tcx_over"), kept, 1'000);
  ASSERT_NE(table.find(hash_token("tcx_kept"), 4'999), nullptr);
  EXPECT_EQ(table.find(hash_token("tcx_kept"), 4'999)->acts_for(), "alice");
  EXPECT_EQ(table.find(hash_token("tcx_kept"), 5'000), nullptr);
  EXPECT_EQ(table.find(hash_token("tcx_over"), 999), nullptr);
  EXPECT_TRUE(table.end(hash_token("tcx_kept")));
}

}  // namespace
}  // namespace tocsin::security
