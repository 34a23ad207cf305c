// Conformance of the tokens that were made over the API. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

inline TokenRecord make_token_record(const std::string& name) {
  TokenRecord token;
  token.name = name;
  token.hash.fill(static_cast<std::uint8_t>(name.front()));
  token.role = "member";
  token.teams = {"platform", "payments"};
  token.scopes = {"read_inbox", "read_events"};
  token.user = "ann@example.com";
  token.created_ms = kStartMs;
  token.created_by = "root";
  token.expires_ms = kStartMs + 1000;
  return token;
}

TEST_P(StoreConformance, KeepsATokenWholeOverACrash) {
  const auto token = make_token_record("a");
  auto bare = make_token_record("b");
  bare.teams.clear();
  bare.scopes.clear();
  bare.user.clear();
  bare.expires_ms = 0;
  must(store->add_token(bare));
  must(store->add_token(token));
  crash();
  const auto tokens = must(store->list_tokens());
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].name, "a");
  EXPECT_EQ(tokens[0].hash, token.hash);
  EXPECT_EQ(tokens[0].role, "member");
  EXPECT_THAT(tokens[0].teams, ElementsAre("platform", "payments"));
  EXPECT_THAT(tokens[0].scopes, ElementsAre("read_inbox", "read_events"));
  EXPECT_EQ(tokens[0].user, token.user);
  EXPECT_EQ(tokens[0].created_ms, kStartMs);
  EXPECT_EQ(tokens[0].created_by, "root");
  EXPECT_EQ(tokens[0].expires_ms, kStartMs + 1000);
  EXPECT_EQ(tokens[0].used_ms, 0);
  EXPECT_EQ(tokens[0].revoked_ms, 0);
  EXPECT_THAT(tokens[1].teams, IsEmpty());
  EXPECT_THAT(tokens[1].scopes, IsEmpty());
}

TEST_P(StoreConformance, GivesATokensNameOnceAlsoAfterItWasRevoked) {
  must(store->add_token(make_token_record("a")));
  auto other = make_token_record("a");
  other.hash.fill(7);
  EXPECT_EQ(store->add_token(other).error().code, Errc::kConflict);
  must(store->revoke_token("a", kStartMs));
  EXPECT_EQ(store->add_token(other).error().code, Errc::kConflict);
  EXPECT_EQ(must(store->list_tokens()).at(0).hash, make_token_record("a").hash);
}

TEST_P(StoreConformance, RevokesATokenForEverAndAtItsFirstTime) {
  must(store->add_token(make_token_record("a")));
  must(store->add_token(make_token_record("b")));
  must(store->revoke_token("a", kStartMs + 5));
  must(store->revoke_token("a", kStartMs + 9));
  must(store->revoke_token("nobodys", kStartMs));
  crash();
  const auto tokens = must(store->list_tokens());
  EXPECT_EQ(tokens.at(0).revoked_ms, kStartMs + 5);
  EXPECT_EQ(tokens.at(1).revoked_ms, 0);
}

TEST_P(StoreConformance, NotesWhenTokensWereLastUsed) {
  must(store->add_token(make_token_record("a")));
  must(store->add_token(make_token_record("b")));
  const std::vector<TokenUse> uses = {{"a", kStartMs + 60'000}, {"nobodys", kStartMs}};
  must(store->note_token_uses(uses));
  const std::vector<TokenUse> earlier = {{"a", kStartMs}};
  must(store->note_token_uses(earlier));
  stop_and_start();
  const auto tokens = must(store->list_tokens());
  EXPECT_EQ(tokens.at(0).used_ms, kStartMs + 60'000);
  EXPECT_EQ(tokens.at(1).used_ms, 0);
}

TEST_P(StoreConformance, ForgetsOldActsAndTheTokensThatWereRevokedBefore) {
  AuditRecord record;
  record.team = team;
  for (const int day : {0, 1, 2, 3}) {
    record.at_ms = kStartMs + day;
    must(store->add_audit(record));
  }
  for (const char* name : {"early", "late", "good"}) must(store->add_token(make_token_record(name)));
  must(store->revoke_token("early", kStartMs + 1));
  must(store->revoke_token("late", kStartMs + 2));
  EXPECT_EQ(must(store->trim_audit(kStartMs + 2, 1)), 1U) << "a step at a time";
  EXPECT_EQ(must(store->trim_audit(kStartMs + 2, 10)), 1U);
  EXPECT_EQ(must(store->trim_audit(kStartMs + 2, 10)), 0U);
  const auto page = must(reader->list_audit({std::nullopt, 0, 10}));
  ASSERT_EQ(page.records.size(), 2U);
  EXPECT_EQ(page.records[1].at_ms, kStartMs + 2);
  std::vector<std::string> left;
  for (const auto& token : must(store->list_tokens())) left.push_back(token.name);
  EXPECT_THAT(left, ElementsAre("good", "late"));
}

inline SessionRecord make_session(std::uint8_t byte, std::int64_t expires_ms) {
  SessionRecord session;
  session.hash.fill(byte);
  session.name = "ann";
  session.role = "admin";
  session.teams = {"platform"};
  session.user = "ann";
  session.scopes = {"read_inbox", "read_events"};
  session.expires_ms = expires_ms;
  return session;
}

TEST_P(StoreConformance, KeepsWhoIsSignedInOverACrashUntilTheEnd) {
  must(store->add_session(make_session(1, kStartMs + 10), kStartMs));
  must(store->add_session(make_session(2, kStartMs + 500), kStartMs));
  must(store->add_session(make_session(3, kStartMs + 500), kStartMs));
  must(store->end_session(make_session(3, 0).hash));
  must(store->end_session(make_session(9, 0).hash));
  crash();
  EXPECT_EQ(must(store->list_sessions()).size(), 2U);
  must(store->add_session(make_session(4, kStartMs + 900), kStartMs + 10));
  auto sessions = must(store->list_sessions());
  ASSERT_EQ(sessions.size(), 2U) << "what is over went";
  std::ranges::sort(sessions, {}, &SessionRecord::expires_ms);
  EXPECT_EQ(sessions[0].hash, make_session(2, 0).hash);
  EXPECT_EQ(sessions[0].name, "ann");
  EXPECT_EQ(sessions[0].role, "admin");
  EXPECT_THAT(sessions[0].teams, ElementsAre("platform"));
  EXPECT_EQ(sessions[0].user, "ann");
  EXPECT_THAT(sessions[0].scopes, ElementsAre("read_inbox", "read_events"));
  EXPECT_EQ(sessions[0].expires_ms, kStartMs + 500);
}

}  // namespace tocsin::store
