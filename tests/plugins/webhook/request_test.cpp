// What goes out: golden bodies and headers, signatures checked against the published vectors.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <tocsin/testing/hostile_texts.hpp>

#include "corpus.hpp"
#include "webhook_host.hpp"

namespace {

using tocsin::testing::sample_message;
using webhook_tests::settings;
using webhook_tests::signed_settings;
using webhook_tests::WebhookHost;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kGoldenBody =
    R"({"type":"finding.created","timestamp":"2026-11-23T08:00:00.000Z","data":)"
    R"({"id":"evt_1","type":"finding.created","title":"Public bucket"}})";

TEST(WebhookRequest, IsTheGoldenOne) {
  WebhookHost host;
  ASSERT_TRUE(
      host.create(signed_settings().set("/headers/X-Team", "tsec_team").set("/timeout_seconds", "20")));
  host.unix_ms = 1'795'420'803'999;
  const auto done = host.deliver(sample_message{});
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  const auto& sent = host.requests.at(0);
  EXPECT_EQ(sent.url, "https://hooks.example.com/in");
  EXPECT_EQ(sent.method, "") << "absent: the host's default is POST";
  EXPECT_EQ(sent.body, kGoldenBody);
  EXPECT_EQ(sent.timeout_ms, 20'000U);
  EXPECT_EQ(sent.body_secrets, static_cast<std::uint32_t>(TOCSIN_BODY_NONE));
  EXPECT_EQ(sent.headers, (Headers{{"content-type", "application/json"},
                                   {"webhook-id", "dlv_01JDB8Z6Q0000000000000001A"},
                                   {"webhook-timestamp", "1795420803"},
                                   {"webhook-signature", "v1,Te37+hlRMXBY06bFDpY/F39m4XCMr2dBk5Lp11jlLD4="},
                                   {"X-Team", "tsec_team"}}));
  EXPECT_TRUE(host.undeclared.empty());
}

TEST(WebhookRequest, SendsTheSameBodyAndIdButANewSignatureOnEveryAttempt) {
  WebhookHost host;
  ASSERT_TRUE(host.create(signed_settings()));
  sample_message message;
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
    message.attempt = attempt;
    host.replies.push_back({.status = 500});
    host.deliver(message);
    host.unix_ms += 5000;
  }
  for (std::size_t i = 1; i < 5; ++i) {
    const auto &first = host.requests[0], &later = host.requests[i];
    EXPECT_EQ(later.body, first.body);
    EXPECT_EQ(later.header("webhook-id"), first.header("webhook-id"));
    EXPECT_NE(later.header("webhook-timestamp"), first.header("webhook-timestamp"));
    EXPECT_NE(later.header("webhook-signature"), first.header("webhook-signature"));
  }
}

TEST(WebhookRequest, MatchesThePublishedVectorWhoseBodyItWouldWrite) {
  const auto corpus = tocsin::tests::load_corpus("standard_webhooks_vectors.json");
  for (const auto& entry : corpus.as_array()) {
    const auto& vector = entry.as_object();
    if (vector.at("name") != "finding_created_24byte_key") continue;
    WebhookHost host;
    host.secrets["tsec_key"] = vector.at("secret").as_string().c_str();
    ASSERT_TRUE(host.create(signed_settings()));
    host.unix_ms = vector.at("webhook_timestamp").as_int64() * 1000;
    sample_message message;
    message.id = vector.at("webhook_id").as_string().c_str();
    message.json = R"({"id":"f-1","severity":"critical","source":"cspm"})";
    host.deliver(message);
    EXPECT_EQ(host.requests.at(0).body, vector.at("body").as_string().c_str());
    EXPECT_EQ(host.requests.at(0).header("webhook-signature"),
              vector.at("expected_signature").as_string().c_str());
    return;
  }
  FAIL() << "the vector is gone from the corpus";
}

TEST(WebhookRequest, TakesASecretWithoutThePrefixAsItIs) {
  WebhookHost host;
  host.secrets["tsec_key"] = "correct horse battery staple";
  ASSERT_TRUE(host.create(signed_settings()));
  host.deliver(sample_message{});
  const auto& sent = host.requests.at(0);
  const std::string text =
      sent.header("webhook-id") + "." + sent.header("webhook-timestamp") + "." + sent.body;
  std::array<std::uint8_t, 32> mac{};
  HMAC(EVP_sha256(), "correct horse battery staple", 28, reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), mac.data(), nullptr);
  std::string expected = "v1,";
  tocsin::append_base64(expected, mac);
  EXPECT_EQ(sent.header("webhook-signature"), expected);
}

TEST(WebhookRequest, IsUnsignedWithoutASecretButStillNamedAndDated) {
  WebhookHost host;
  ASSERT_TRUE(host.create(settings()));
  host.deliver(sample_message{});
  EXPECT_EQ(host.requests.at(0).headers, (Headers{{"content-type", "application/json"},
                                                  {"webhook-id", "dlv_01JDB8Z6Q0000000000000001A"},
                                                  {"webhook-timestamp", "1795420800"}}));
}

TEST(WebhookRequest, KeepsTheEventsBytesWhateverTheyAre) {
  WebhookHost host;
  ASSERT_TRUE(host.create(signed_settings()));
  sample_message message;
  message.json = "{\"title\":\"Z\u00fcrich \U0001F600 </script> \\u0000\",\"n\":1.0e5}";
  host.deliver(message);
  EXPECT_NE(host.requests.at(0).body.find(",\"data\":" + message.json + "}"), std::string::npos);
}

// Even texts that intake would not let into these fields.
TEST(WebhookRequest, CarriesAnyTextInBothFormats) {
  const auto texts = tocsin::testing::hostile_texts();
  ASSERT_GE(texts.size(), 40U);
  for (const char* format : {"standard", "cloudevents"}) {
    WebhookHost host;
    ASSERT_TRUE(host.create(signed_settings().set("/format", format)));
    for (const std::string& text : texts) {
      SCOPED_TRACE(text.substr(0, 60));
      sample_message message;
      message.event_id = message.type = message.source = message.team = text;
      message.json = boost::json::serialize(boost::json::object{{"title", text}});
      ASSERT_EQ(host.deliver(message).at(0).status, TOCSIN_DELIVERED);
      const auto& sent = host.requests.back();
      boost::json::error_code error;
      const auto body = boost::json::parse(sent.body, error);
      ASSERT_FALSE(error) << error.message();
      EXPECT_EQ(body.at("type").as_string(), text);
      EXPECT_EQ(body.at("data").at("title").as_string(), text);
      EXPECT_EQ(body.as_object().size(), std::string_view(format) == "standard" ? 3U : 7U);
      for (const auto& [name, value] : sent.headers) {
        EXPECT_EQ(value.find_first_of("\r\n"), std::string::npos) << name;
      }
    }
  }
}

TEST(WebhookRequest, DoesNotMixUpMessagesInFlightTogether) {
  WebhookHost host;
  ASSERT_TRUE(host.create(signed_settings()));
  sample_message one, two;
  two.id = "dlv_2";
  two.json = R"({"id":"evt_2"})";
  const auto* api = webhook_tests::webhook_type().api;
  auto* first = reinterpret_cast<tocsin_delivery*>(std::uintptr_t{71});
  auto* second = reinterpret_cast<tocsin_delivery*>(std::uintptr_t{72});
  host.replies = {{.status = 500}, {.status = 200}};
  api->deliver(host.instance(), one.c(), first);
  api->deliver(host.instance(), two.c(), second);
  host.run();
  ASSERT_EQ(host.completions.size(), 2U);
  EXPECT_EQ(host.completions[0].delivery, first);
  EXPECT_EQ(host.completions[0].status, TOCSIN_RETRY);
  EXPECT_EQ(host.completions[1].delivery, second);
  EXPECT_EQ(host.completions[1].status, TOCSIN_DELIVERED);
  EXPECT_NE(host.requests[0].body, host.requests[1].body);
}

TEST(WebhookRequest, CompletesEvenWhereTheHostTakesNone) {
  const std::pair<tocsin_status, int> cases[] = {{TOCSIN_E_BUSY, TOCSIN_RETRY},
                                                 {TOCSIN_E_CLOSING, TOCSIN_RETRY},
                                                 {TOCSIN_E_DENIED, TOCSIN_MISCONFIGURED},
                                                 {TOCSIN_E_TOO_LARGE, TOCSIN_REJECTED}};
  for (const auto& [answer, expected] : cases) {
    WebhookHost host;
    ASSERT_TRUE(host.create(signed_settings()));
    host.submit_answer = answer;
    const auto done = host.deliver(sample_message{});
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].status, expected);
  }
}

TEST(WebhookRequest, SaysSoWhereTheHostNoLongerKnowsTheSecret) {
  WebhookHost host;
  ASSERT_TRUE(host.create(signed_settings()));
  host.secrets.clear();
  const auto done = host.deliver(sample_message{});
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_MISCONFIGURED);
  EXPECT_EQ(done[0].code, "webhook.secret");
  EXPECT_TRUE(host.requests.empty()) << "a channel with a secret never sends unsigned";
}

}  // namespace
