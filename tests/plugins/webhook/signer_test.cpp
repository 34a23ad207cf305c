// Rotation, key pairs, GitHub's form and CloudEvents: what a request carries, verified with OpenSSL as a
// receiver would.
#include "webhook/signer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus.hpp"
#include "webhook_host.hpp"

namespace {

using ::testing::HasSubstr;
using tocsin::testing::document;
using tocsin::testing::sample_message;
using webhook_tests::settings;
using webhook_tests::signed_settings;
using webhook_tests::WebhookHost;

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::string v1(std::string_view secret, const tocsin::testing::sent_request& sent) {
  const std::string text =
      sent.header("webhook-id") + '.' + sent.header("webhook-timestamp") + '.' + sent.body;
  std::array<std::uint8_t, 32> mac{};
  EXPECT_EQ(webhook_tests::real_hmac(secret, TOCSIN_KEY_WHSEC, text, mac.data()), TOCSIN_OK);
  std::string out = "v1,";
  tocsin::append_base64(out, mac);
  return out;
}

constexpr const char* kNew = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kOld = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

class WebhookRotation : public ::testing::Test {
 protected:
  WebhookRotation() {
    host.secrets["tsec_old"] = kOld;
    host.secrets["tsec_older"] = "an old secret that is no whsec";
  }
  static document rotating() {
    return signed_settings()
        .set("/previous_secrets/0/secret", "tsec_old")
        .set("/previous_secrets/0/until", "2026-11-23T09:00:00Z")
        .set("/previous_secrets/1/secret", "tsec_older")
        .set("/previous_secrets/1/until", "2026-11-23T10:30:00+02:00");
  }
  std::vector<std::string> signatures_at(std::int64_t unix_ms) {
    host.unix_ms = unix_ms;
    host.requests.clear();
    host.deliver(sample_message{});
    return words(host.requests.at(0).header("webhook-signature"));
  }
  WebhookHost host;
};

TEST_F(WebhookRotation, SignsWithTheNewSecretFirstAndTheOldOnesUntilTheirTimeIsOver) {
  ASSERT_TRUE(host.create(rotating())) << host.error.text;
  const std::int64_t eight = 1'795'420'800'000;  // 2026-11-23T08:00:00Z
  auto signatures = signatures_at(eight);
  const auto& sent = host.requests.at(0);
  ASSERT_EQ(signatures.size(), 3U);
  EXPECT_EQ(signatures[0], v1(kNew, sent));
  EXPECT_EQ(signatures[1], v1(kOld, sent));
  EXPECT_EQ(signatures[2], v1("an old secret that is no whsec", sent));
  EXPECT_EQ(signatures_at(eight + 30 * 60'000 - 1).size(), 3U);
  EXPECT_EQ(signatures_at(eight + 30 * 60'000).size(), 2U) << "10:30 in an offset of two hours is 8:30";
  signatures = signatures_at(eight + 60 * 60'000);
  EXPECT_EQ(signatures, std::vector{v1(kNew, host.requests.at(0))});
}

TEST_F(WebhookRotation, RefusesWhatCannotRotate) {
  struct Row {
    document settings;
    const char* pointer;
    const char* says;
  };
  host.secrets["tsec_bad"] = "whsec_*";
  Row rows[] = {
      {settings()
           .set("/previous_secrets/0/secret", "tsec_old")
           .set("/previous_secrets/0/until", "2027-01-01T00:00:00Z"),
       "/previous_secrets", "beside a present secret"},
      {signed_settings()
           .set("/previous_secrets/0/secret", "tsec_old")
           .set("/previous_secrets/0/until", "tomorrow"),
       "/previous_secrets/0/until", "2026-12-31T00:00:00Z"},
      {signed_settings()
           .set("/previous_secrets/0/secret", "tsec_bad")
           .set("/previous_secrets/0/until", "2027-01-01T00:00:00Z"),
       "/previous_secrets/0/secret", "no base64"},
      {settings().set("/github_signature", "true"), "/github_signature", "needs the signing secret"}};
  for (Row& row : rows) {
    EXPECT_FALSE(host.create(row.settings)) << row.pointer;
    EXPECT_STREQ(host.error.pointer, row.pointer);
    EXPECT_THAT(host.error.text, HasSubstr(row.says));
  }
  host.on_ed25519 = [](auto, auto, auto, auto) { return TOCSIN_E_BAD_SECRET; };
  host.secrets["tsec_ed"] = "whsk_*";
  EXPECT_FALSE(host.create(settings().set("/signing_key", "tsec_ed")));
  EXPECT_STREQ(host.error.pointer, "/signing_key");
}

TEST_F(WebhookRotation, AddsTheKeyPairsSignature) {
  host.secrets["tsec_ed"] = "whsk_…";
  std::string signed_text;
  host.on_ed25519 = [&](std::string_view, std::uint32_t form, std::string_view text,
                        std::uint8_t* signature) {
    EXPECT_EQ(form, static_cast<std::uint32_t>(TOCSIN_KEY_WHSK));
    signed_text = text;
    std::fill_n(signature, 64, std::uint8_t{1});
    return TOCSIN_OK;
  };
  ASSERT_TRUE(host.create(signed_settings().set("/signing_key", "tsec_ed")));
  auto signatures = signatures_at(1'795'420'800'000);
  const auto& sent = host.requests.at(0);
  ASSERT_EQ(signatures.size(), 2U);
  EXPECT_EQ(signatures[0], v1(kNew, sent));
  EXPECT_TRUE(signatures[1].starts_with("v1a,AQEBAQEB"));
  EXPECT_EQ(signed_text,
            sent.header("webhook-id") + '.' + sent.header("webhook-timestamp") + '.' + sent.body);
  ASSERT_TRUE(host.create(settings().set("/signing_key", "tsec_ed")));
  EXPECT_EQ(signatures_at(1'795'420'800'000).size(), 1U) << "the key pair alone";
}

TEST(WebhookGithub, SignsTheBodyAlone) {
  WebhookHost host;
  host.secrets["tsec_key"] = "It's a Secret to Everybody";
  std::string body;
  host.on_hmac = [&](std::string_view secret, std::uint32_t form, std::string_view text, std::uint8_t* mac) {
    if (form == TOCSIN_KEY_RAW) {
      body = text;
      text = "Hello, World!";  // GitHub's published example
    }
    return webhook_tests::real_hmac(secret, TOCSIN_KEY_WHSEC, text, mac);
  };
  ASSERT_TRUE(host.create(signed_settings().set("/github_signature", "true")));
  host.deliver(sample_message{});
  const auto& sent = host.requests.at(0);
  EXPECT_EQ(sent.header("x-hub-signature-256"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  EXPECT_EQ(body, sent.body);
  EXPECT_FALSE(sent.header("webhook-signature").empty());
}

TEST(WebhookCloudEvents, IsAStructuredEventAndSignedAllTheSame) {
  WebhookHost host;
  ASSERT_TRUE(host.create(signed_settings().set("/format", "cloudevents")));
  sample_message message;
  host.deliver(message);
  const auto& sent = host.requests.at(0);
  EXPECT_EQ(sent.header("content-type"), "application/cloudevents+json; charset=utf-8");
  const auto event = boost::json::parse(sent.body).as_object();
  EXPECT_EQ(event.at("specversion"), "1.0");
  EXPECT_EQ(event.at("id"), "evt_1");
  EXPECT_EQ(event.at("source"), "/teams/demo/cspm");
  EXPECT_EQ(event.at("type"), "finding.created");
  EXPECT_EQ(event.at("time"), "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(event.at("datacontenttype"), "application/json");
  EXPECT_EQ(event.at("data"), boost::json::parse(message.json));
  for (const auto& member : event)  // attribute names by the specification
    EXPECT_EQ(std::string_view(member.key()).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
              std::string_view::npos);
  EXPECT_EQ(sent.header("webhook-signature"), v1(kNew, sent));
}

TEST(WebhookTime, IsRfc3339WithAnOffset) {
  EXPECT_EQ(webhook::read_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(webhook::read_time("2026-11-23T08:00:00.999+00:00"), 1'795'420'800'000);
  EXPECT_EQ(webhook::read_time("2026-11-23T10:00:00+02:00"), 1'795'420'800'000);
  EXPECT_EQ(webhook::read_time("2000-02-29T23:59:59-05:30"), 951'888'599'000);
  for (const char* bad :
       {"", "2026-11-23", "2026-11-23T08:00:00", "2026-11-23 08:00:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T08:00:00+2:00", "2026-11-23T08:00:00Zx",
        "-026-11-23T08:00:00Z", "2026-11-23T08:00:00+25:00", "2026-00-10T00:00:00Z"})
    EXPECT_FALSE(webhook::read_time(bad)) << bad;
}

}  // namespace
