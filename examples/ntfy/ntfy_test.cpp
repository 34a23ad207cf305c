// The ntfy channel on the fake host.
#include <gtest/gtest.h>

#include <tocsin/testing/fake_host.hpp>

namespace {

using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

class Ntfy : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(host.create({{"/server", "https://ntfy.sh"}, {"/topic", "alerts-7f3a"}})) << host.error.text;
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(Ntfy, PublishesToItsTopic) {
  host.replies = {{.status = 200, .body = R"({"id":"hwQ2YpKdmg","event":"message"})"}};
  sample_message alert;
  alert.severity = TOCSIN_CRITICAL;
  const auto done = host.deliver(alert);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(done[0].provider_id, "hwQ2YpKdmg");
  EXPECT_EQ(host.requests.at(0).body,
            R"({"topic":"alerts-7f3a","title":"Public bucket","message":"A storage bucket is public",)"
            R"("priority":5,"click":"https://example.com/f/1"})");
  EXPECT_EQ(host.requests[0].header("Authorization"), "");
}

TEST_F(Ntfy, KeepsLongTextsOutOfAttachments) {
  sample_message alert;
  alert.summary = std::string(50'000, 'x');
  host.deliver(alert);
  EXPECT_LT(host.requests.at(0).body.size(), 4400U);
}

TEST_F(Ntfy, SaysWhatTheServerSays) {
  host.replies = {{.status = 429, .retry_after_ms = 5000}, {.status = 507}, {.status = 403}};
  const auto limited = host.deliver(sample_message()).at(0);
  EXPECT_EQ(limited.status, TOCSIN_RATE_LIMITED);
  EXPECT_EQ(limited.retry_after_ms, 5000);
  EXPECT_EQ(host.deliver(sample_message()).at(0).code, "sh.ntfy.full");
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_MISCONFIGURED);
}

}  // namespace
