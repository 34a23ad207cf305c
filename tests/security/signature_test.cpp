// The published Standard Webhooks vectors, computed by other people's libraries.
#include "security/signature.hpp"

#include <gtest/gtest.h>

#include "corpus.hpp"

namespace tocsin::security {
namespace {

std::string text_of(const boost::json::value& value, const char* key) {
  return value.at(key).is_null() ? std::string() : std::string(value.at(key).as_string());
}

TEST(Signature, AgreesWithEverySigningVector) {
  int signed_cases = 0;
  const auto corpus = tests::load_corpus("standard_webhooks_vectors.json");
  for (const auto& row : corpus.as_array()) {
    if (row.at("kind") != "sign") {
      continue;
    }
    const std::string secret = text_of(row, "secret");
    // This one vector writes its key without the prefix, which for us is a raw secret: decode it here.
    const bool unprefixed = row.at("name") == "unprefixed_secret";
    const auto key = unprefixed ? decode_base64(secret) : webhook_key(secret);
    ASSERT_TRUE(key) << row.at("name");
    const std::string body = text_of(row, "body");
    const std::string id = text_of(row, "webhook_id");
    const auto timestamp = row.at("webhook_timestamp").as_int64();
    const std::string expected = text_of(row, "expected_signature");
    EXPECT_EQ(sign_webhook(*key, id, timestamp, body), expected) << row.at("name");
    EXPECT_TRUE(verify_webhook(*key, id, std::to_string(timestamp), expected, body, timestamp));
    ++signed_cases;
  }
  EXPECT_GE(signed_cases, 5);
}

TEST(Signature, JudgesEveryVerificationVectorAsTheReferenceDoes) {
  int verified = 0;
  const auto corpus = tests::load_corpus("standard_webhooks_vectors.json");
  for (const auto& row : corpus.as_array()) {
    if (row.at("kind") != "verify") {
      continue;
    }
    const auto key = webhook_key(text_of(row, "secret"));
    ASSERT_TRUE(key);
    EXPECT_EQ(
        verify_webhook(*key, text_of(row, "webhook_id"), text_of(row, "webhook_timestamp"),
                       text_of(row, "webhook_signature"), text_of(row, "body"), row.at("now").as_int64()),
        row.at("expect") == "accept")
        << row.at("name");
    ++verified;
  }
  EXPECT_GE(verified, 9);
}

TEST(Signature, MatchesTheGithubExample) {
  const std::string_view parts[] = {"Hello, ", "World!"};
  const auto mac = hmac_sha256("It's a Secret to Everybody", parts);
  std::string hex;
  for (const auto byte : mac) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(hex, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST(Signature, RefusesTimestampsOutsideTheToleranceAndOddOnes) {
  const std::string good = sign_webhook("k", "id", 1'000, "b");
  EXPECT_TRUE(verify_webhook("k", "id", "1000", good, "b", 1'300));
  EXPECT_FALSE(verify_webhook("k", "id", "1000", good, "b", 1'301));
  EXPECT_FALSE(verify_webhook("k", "id", "1000", good, "b", 699));
  EXPECT_FALSE(verify_webhook("k", "id", "1000 ", good, "b", 1'000));
  EXPECT_FALSE(verify_webhook("k", "id", "+1000", good, "b", 1'000));
  EXPECT_FALSE(verify_webhook("k", "id", "99999999999999999999", good, "b", 1'000));
  EXPECT_FALSE(verify_webhook("k", "", "1000", good, "b", 1'000));
  EXPECT_FALSE(verify_webhook("k", "id", "1000", "", "b", 1'000));
}

TEST(Base64, RoundTripsAndRefusesWhatIsNotStrict) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(decode_base64(encode_base64(text)).value(), text);
  }
  EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode_base64(std::string("\xfb\xff\xfe")), "+//+");
  for (const char* text : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Z g=", "Zm9v\n", "-_-_",
                           "Zh==", "Zm9=", "Zm=v"}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(WebhookKey, TakesAnUnprefixedSecretAsItsOwnBytes) {
  EXPECT_EQ(webhook_key("plain secret").value(), "plain secret");
  EXPECT_EQ(webhook_key("whsec_Zm9v").value(), "foo");
  EXPECT_FALSE(webhook_key("whsec_"));
  EXPECT_FALSE(webhook_key("whsec_Zm9"));
}

}  // namespace
}  // namespace tocsin::security
