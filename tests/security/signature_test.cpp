// The published Standard Webhooks vectors, computed by other people's libraries.
#include "security/signature.hpp"

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "security/key_form.hpp"

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

// RFC 8032, section 7.1, tests 1 to 3.
TEST(Ed25519, SignsThePublishedTexts) {
  const auto bytes = [](std::string_view hex) { return key_bytes(hex, KeyForm::kHex).value(); };
  const struct {
    const char *seed, *text, *signature;
  } rows[] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
               "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
               "46bd25bf5f0595bbe24655141438e7a100b"},
              {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
               "d8c387b2eaeb4302aeeb00d291612bb0c00"},
              {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
               "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
               "6594a7c15e9716ed28dc027beceea1ec40a"}};
  for (const auto& row : rows) {
    const std::string text = row.text[0] == '\0' ? std::string() : bytes(row.text);
    const auto signature = sign_ed25519(bytes(row.seed), text);
    ASSERT_TRUE(signature);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(signature->data()), signature->size()),
              bytes(row.signature));
  }
  EXPECT_FALSE(sign_ed25519("short", ""));
}

TEST(KeyForm, ReadsEachFormStrictly) {
  EXPECT_EQ(key_bytes("4a656665", KeyForm::kHex).value(), "Jefe");
  EXPECT_EQ(key_bytes("4A65", KeyForm::kHex).value(), "Je");
  EXPECT_EQ(key_bytes("SmVmZQ", KeyForm::kBase64).value(), "Jefe");
  EXPECT_EQ(key_bytes("SmVmZQ==", KeyForm::kBase64).value(), "Jefe");
  EXPECT_EQ(key_bytes("whsec_x", KeyForm::kRaw).value(), "whsec_x");
  const std::string seed = encode_base64(std::string(32, 'a')), pair = encode_base64(std::string(64, 'a'));
  EXPECT_EQ(key_bytes("whsk_" + seed, KeyForm::kWhsk).value(), std::string(32, 'a'));
  EXPECT_EQ(key_bytes("whsk_" + pair, KeyForm::kWhsk).value(), std::string(32, 'a'));
  for (const char* bad : {"", "4", "4g", "0x4a", "4a 65"}) EXPECT_FALSE(key_bytes(bad, KeyForm::kHex)) << bad;
  for (const char* bad : {"", "S", "Sm=VmZQ", "Sm VmZQ", "SmVm-Q"})
    EXPECT_FALSE(key_bytes(bad, KeyForm::kBase64)) << bad;
  for (const std::string& bad :
       {seed, "whsk_" + encode_base64(std::string(31, 'a')), "whsec_" + seed, std::string("whsk_")})
    EXPECT_FALSE(key_bytes(bad, KeyForm::kWhsk)) << bad;
}

}  // namespace
}  // namespace tocsin::security
