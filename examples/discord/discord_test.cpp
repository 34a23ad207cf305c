// The Discord channel on the fake host: a channel in C is tested like any other.
#include <gtest/gtest.h>

#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

namespace {

using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

constexpr const char* kUrl = "tsec_0123456789abcdefghijklmnopqrstuv";

class Discord : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(host.create({{"/url", kUrl}, {"/name", "tocsin"}})) << host.error.text;
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(Discord, PostsOneEmbed) {
  host.replies = {{.status = 204}};
  const auto done = host.deliver(sample_message());
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(host.requests.at(0).url, kUrl);
  EXPECT_EQ(
      host.requests[0].body,
      R"({"allowed_mentions":{"parse":[]},"username":"tocsin","embeds":[{"color":15105570,)"
      R"("title":"Public bucket","description":"A storage bucket is public","url":"https://example.com/f/1",)"
      R"("footer":{"text":"dlv_01JDB8Z6Q0000000000000001A"}}]})");
}

TEST_F(Discord, KeepsToDiscordsLimits) {
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    host.requests.clear();
    ASSERT_EQ(host.deliver(message).size(), 1U) << name;
    // An embed holds 6,000 characters; a control takes six bytes in JSON.
    EXPECT_LT(host.requests.at(0).body.size(), 6U * 6000) << name;
  }
}

TEST_F(Discord, KnowsADeletedWebhook) {
  for (const char* body : {R"({"message": "Unknown Webhook", "code": 10015})", R"({"code":10015})"}) {
    host.replies = {{.status = 404, .body = body}};
    EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_GONE) << body;
  }
  host.replies = {{.status = 404, .body = R"({"code": 10003})"}, {.status = 429, .retry_after_ms = 1500}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_MISCONFIGURED);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_RATE_LIMITED);
}

}  // namespace
