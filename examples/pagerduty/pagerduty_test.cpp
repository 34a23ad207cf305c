// The PagerDuty channel on the fake host.
#include <gtest/gtest.h>

#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

namespace {

using tocsin::testing::document;
using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

constexpr const char* kKey = "tsec_0123456789abcdefghijklmnopqrstuv";

class PagerDuty : public ::testing::Test {
 protected:
  void SetUp() override { create({}); }
  void create(const std::string& label) {
    document settings{{"/routing_key", kKey}, {"/server", "https://events.pagerduty.com/"}};
    if (!label.empty()) settings.set("/incident_label", label);
    ASSERT_TRUE(host.create(settings)) << host.error.text;
  }
  std::string body(std::size_t number = 0) { return host.requests.at(number).body; }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(PagerDuty, TriggersWithAKeyOfItsOwn) {
  host.replies = {{.status = 202, .body = R"({"status":"success","dedup_key":"evt_1"})"}};
  sample_message alert;
  alert.severity = TOCSIN_CRITICAL;
  alert.labels = {{"env", "prod"}};
  const auto done = host.deliver(alert);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_ACCEPTED);
  EXPECT_EQ(done[0].provider_id, "evt_1");
  EXPECT_EQ(host.requests.at(0).url, "https://events.pagerduty.com/v2/enqueue");
  EXPECT_EQ(host.requests[0].body_secrets, TOCSIN_BODY_JSON);
  EXPECT_EQ(body(),
            std::string(R"({"routing_key":")") + kKey +
                R"(","event_action":"trigger","dedup_key":"evt_1","client":"tocsin","payload":{)"
                R"("summary":"Public bucket","source":"cspm","severity":"critical",)"
                R"("timestamp":"2026-11-23T08:00:00.000Z","class":"finding.created","custom_details":{)"
                R"("summary":"A storage bucket is public","label env":"prod",)"
                R"("reference":"Event evt_1, delivery dlv_01JDB8Z6Q0000000000000001A"}},)"
                R"("links":[{"href":"https://example.com/f/1","text":"Open the finding"}]})");
}

TEST_F(PagerDuty, FoldsAlertsOfOneIncident) {
  create("incident");
  sample_message alert;
  alert.labels = {{"incident", "INC-7"}};
  host.deliver(alert);
  EXPECT_NE(body(0).find(R"("dedup_key":"INC-7")"), std::string::npos) << body(0);
  host.deliver(sample_message());  // without the label it is its own
  EXPECT_NE(body(1).find(R"("dedup_key":"evt_1")"), std::string::npos) << body(1);
}

TEST_F(PagerDuty, CallsSomebodyEvenWithoutTheDetails) {
  host.replies = {{.status = 413}, {.status = 202}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_ACCEPTED);
  ASSERT_EQ(host.requests.size(), 2U);
  EXPECT_NE(body(0).find("custom_details"), std::string::npos);
  EXPECT_EQ(body(1).find("custom_details"), std::string::npos);
  EXPECT_NE(body(1).find(R"("dedup_key":"evt_1")"), std::string::npos) << "the same incident";
}

TEST_F(PagerDuty, SaysWhatPagerDutySays) {
  host.replies = {
      {.status = 400, .body = R"({"status":"invalid event","errors":["'routing_key' is invalid"]})"},
      {.status = 400, .body = R"({"errors":["'payload.severity' is invalid"]})"},
      {.status = 429},
      {.status = 500}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_MISCONFIGURED);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_REJECTED);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_RATE_LIMITED);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_RETRY);
}

TEST_F(PagerDuty, KeepsToItsLimits) {
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    host.requests.clear();
    ASSERT_EQ(host.deliver(message).size(), 1U) << name;
    EXPECT_LT(body().size(), 512U * 1024) << name;
  }
}

}  // namespace
