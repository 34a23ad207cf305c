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
  EXPECT_EQ(tokens[0].user, token.user);
  EXPECT_EQ(tokens[0].created_ms, kStartMs);
  EXPECT_EQ(tokens[0].created_by, "root");
  EXPECT_EQ(tokens[0].expires_ms, kStartMs + 1000);
  EXPECT_EQ(tokens[0].used_ms, 0);
  EXPECT_EQ(tokens[0].revoked_ms, 0);
  EXPECT_THAT(tokens[1].teams, IsEmpty());
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

}  // namespace tocsin::store
