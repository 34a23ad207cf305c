#include "security/secret_vault.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

class SecretVaultTest : public ::testing::Test {
 protected:
  SecretVault vault_;
  const std::uint64_t mine_ = vault_.new_owner();
  const std::uint64_t theirs_ = vault_.new_owner();
};

TEST(Secret, CopiesMovesAndWipes) {
  Secret first("short");
  Secret second = first;
  EXPECT_EQ(second.reveal(), "short");
  const Secret moved = std::move(first);
  EXPECT_EQ(moved.reveal(), "short");
  EXPECT_TRUE(first.empty());  // NOLINT: a moved-from secret is empty by contract
  second = moved;
  second = Secret(std::string(100, 'x'));
  EXPECT_EQ(second.reveal().size(), 100U);
}

TEST(EqualInConstantTime, ComparesLengthAndBytes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST_F(SecretVaultTest, HandsOutTokensThatSayNothing) {
  const std::string token = vault_.put(mine_, Secret("hunter2hunter2"));
  EXPECT_EQ(token.size(), kTokenLength);
  EXPECT_TRUE(token.starts_with(kTokenPrefix));
  EXPECT_NE(token, vault_.put(mine_, Secret("hunter2hunter2")));
}

TEST_F(SecretVaultTest, SwapsEveryTokenOfItsOwner) {
  const std::string a = vault_.put(mine_, Secret("alpha"));
  const std::string b = vault_.put(mine_, Secret("beta"));
  std::string text = "x " + a + b + " y " + a;
  ASSERT_TRUE(vault_.swap(mine_, text));
  EXPECT_EQ(text, "x alphabeta y alpha");
}

TEST_F(SecretVaultTest, WritesAValueAsItsPlaceRequires) {
  const std::string token = vault_.put(mine_, Secret("a b\"/é"));
  std::string url = "https://h/" + token + "?k";
  ASSERT_TRUE(vault_.swap(mine_, url, SwapForm::kPercent));
  EXPECT_EQ(url, "https://h/a%20b%22%2F%C3%A9?k");
  std::string json = "{\"k\":\"" + token + "\"}";
  ASSERT_TRUE(vault_.swap(mine_, json, SwapForm::kJson));
  EXPECT_EQ(json, "{\"k\":\"a b\\\"/é\"}");
}

TEST_F(SecretVaultTest, RefusesAnothersToken) {
  const std::string token = vault_.put(theirs_, Secret("theirs"));
  std::string text = "x " + token;
  const auto swapped = vault_.swap(mine_, text);
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().code, Errc::kForbidden);
  EXPECT_EQ(text, "x " + token);
  std::string removed = vault_.put(mine_, Secret("gone"));
  vault_.remove_owner(mine_);
  EXPECT_FALSE(vault_.swap(mine_, removed));
}

TEST_F(SecretVaultTest, LeavesWordsAloneThatOnlyBeginLikeAToken) {
  for (std::string text : {"tsec_", "tsec_short", "tsec_0123456789012345678901234567890-", "plain", ""}) {
    const std::string before = text;
    EXPECT_TRUE(vault_.swap(mine_, text));
    EXPECT_EQ(text, before);
  }
}

TEST_F(SecretVaultTest, DoesNotSwapWithinASwappedValue) {
  const std::string inner = vault_.put(theirs_, Secret("theirs"));
  std::string text = vault_.put(mine_, Secret(inner));
  ASSERT_TRUE(vault_.swap(mine_, text));
  EXPECT_EQ(text, inner);
}

TEST_F(SecretVaultTest, SignsWithTheKeyTheSecretStandsFor) {
  const std::string written = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
  const std::string token = vault_.put(mine_, Secret(written));
  const std::string_view parts[] = {"id", ".", "1", ".", "body"};
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(vault_.hmac_sha256(mine_, token, KeyForm::kRaw, parts).value(), hmac_sha256(written, parts));
    EXPECT_EQ(vault_.hmac_sha256(mine_, token, KeyForm::kWhsec, parts).value(),
              hmac_sha256(webhook_key(written).value(), parts));
  }
  EXPECT_EQ(vault_.hmac_sha256(theirs_, token, KeyForm::kRaw, parts).error().code, Errc::kNotFound);
  const std::string bad = vault_.put(mine_, Secret("whsec_not base64"));
  const auto refused = vault_.hmac_sha256(mine_, bad, KeyForm::kWhsec, parts);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kInvalid);
  EXPECT_EQ(refused.error().detail.find("not base64 "), refused.error().detail.rfind("not base64 "));
}

TEST_F(SecretVaultTest, SignsFromManyThreadsAtOnce) {
  const std::string token = vault_.put(mine_, Secret("key"));
  const std::string_view parts[] = {"body"};
  const auto expected = hmac_sha256("key", parts);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_EQ(vault_.hmac_sha256(mine_, token, KeyForm::kRaw, parts).value(), expected);
        vault_.remove_owner(vault_.new_owner());
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

TEST_F(SecretVaultTest, RedactsItsOwnersValuesInEveryForm) {
  (void)vault_.put(mine_, Secret("pass word/1"));
  (void)vault_.put(mine_, Secret("pass word/1-longer"));
  (void)vault_.put(mine_, Secret("tiny"));
  std::string text = "a pass word/1 b pass word/1-longer c pass%20word%2F1 tiny";
  vault_.redact(mine_, text);
  EXPECT_EQ(text, "a [redacted] b [redacted] c [redacted] tiny");
  std::string other = "pass word/1";
  vault_.redact(theirs_, other);
  EXPECT_EQ(other, "pass word/1");
}

// A receiver that echoes its request knows the target only, and may have decoded it.
TEST_F(SecretVaultTest, RedactsWhatAReceiverSeesOfASecretUrl) {
  (void)vault_.put(mine_,
                   Secret("https://hooks.example.com/services/T0/B0/canary-4711?sv=1&sig=aB%2Fcanary%2By&x"));
  for (const char* echoed :
       {"https://hooks.example.com/services/T0/B0/canary-4711?sv=1&sig=aB%2Fcanary%2By&x",
        "/services/T0/B0/canary-4711?sv=1&sig=aB%2Fcanary%2By&x", "/services/T0/B0/canary-4711",
        "canary-4711", "aB%2Fcanary%2By", "aB/canary+y"}) {
    std::string text = "you sent " + std::string(echoed) + " to hooks.example.com";
    vault_.redact(mine_, text);
    EXPECT_EQ(text, "you sent [redacted] to hooks.example.com") << echoed;
  }
}

}  // namespace
}  // namespace tocsin::security
