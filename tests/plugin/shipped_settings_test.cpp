// The mistakes an admin makes when saving a shipped channel, on the real libraries: each is answered with the
// setting at fault and what to do. What only a plugin's constructor can see is in the channel's own tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <span>

#include "plugin/channel_type.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const ChannelType> shipped(const std::string& type) {
  static std::map<std::string, PluginSet> sets;
  auto at = sets.find(type);
  if (at == sets.end()) {
    const std::string path = std::string(TOCSIN_BINARY_DIR) + "/plugins/" + type + ".so";
    at = sets.emplace(type, PluginSet::load({{path, ""}})).first;
    EXPECT_EQ(at->second.states().front().problem, "");
  }
  return at->second.find_type(type);
}

struct Row {
  const char* settings;
  const char* pointer;
  const char* says;
};

void expect_refused(const std::string& type, std::span<const Row> rows) {
  for (const Row& row : rows) {
    const auto prepared = prepare_settings(*shipped(type), row.settings, {}, {});
    ASSERT_FALSE(prepared) << row.settings;
    ASSERT_FALSE(prepared.error().fields.empty()) << row.settings;
    EXPECT_EQ(prepared.error().fields[0].pointer, row.pointer) << row.settings;
    EXPECT_THAT(prepared.error().fields[0].message, HasSubstr(row.says)) << row.settings;
    EXPECT_THAT(prepared.error().detail, Not(HasSubstr("canary"))) << "a value stands in the error";
  }
}

TEST(ShippedSettings, SlackTakesItsWebhooks) {
  for (const char* url :
       {"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "https://hooks.slack.com:443/services/T0/B0/x", "https://hooks.slack-gov.com/services/T0/B0/x"}) {
    const auto prepared =
        prepare_settings(*shipped("slack"), R"({"url":")" + std::string(url) + R"("})", {}, {});
    ASSERT_TRUE(prepared) << url << ": " << prepared.error().detail;
    EXPECT_EQ(prepared->secrets.size(), 1U);
    EXPECT_THAT(prepared->json, Not(HasSubstr("services"))) << "the URL is a secret";
  }
}

TEST(ShippedSettings, SlackRefusesWhatIsNoWebhook) {
  const Row rows[] = {
      {R"({})", "/url", "is required"},
      {R"({"url":""})", "/url", ""},
      {R"({"url":"hooks.slack.com/services/T0/B0/canary"})", "/url", "must be an absolute https URL"},
      {R"({"url":"http://hooks.slack.com/services/T0/B0/canary"})", "/url", "https"},
      {R"({"url":"https://hooks.slack.com/triggers/T0/1/canary"})", "/url", "Workflow Builder trigger"},
      {R"({"url":"https://hooks.slack.com/workflows/T0/A0/1/canary"})", "/url", "Slack workflow"},
      {R"({"url":"https://hooks.slack.com/commands/T0/1/canary"})", "/url", "expires after half an hour"},
      {R"({"url":"https://hooks.slack.com/actions/T0/1/canary"})", "/url", "expires after half an hour"},
      {R"({"url":"https://api.slack.com/apps/canary/incoming-webhooks"})", "/url", "is a page of Slack"},
      {R"({"url":"https://app.slack.com/client/T0/canary"})", "/url", "is a page of Slack"},
      {R"({"url":"https://hooks.slack.com"})", "/url", "is incomplete"},
      {R"({"url":"https://hooks.slack.com/services/T0/B0"})", "/url", "is incomplete"},
      {R"({"url":"https://hooks.slack.com/services/T0/canary/"})", "/url", "is incomplete"},
      {R"({"url":"https://example.com/services/T0/B0/canary"})", "/url", "hooks.slack.com"},
      {R"({"url":"https://acme.webhook.office.com/webhookb2/canary"})", "/url", "must name one of the hosts"},
      {R"({"url":"https://hooks.slack.com.evil.example/services/T0/B0/canary"})", "/url", "hooks.slack.com"},
      {R"({"url":"https://127.0.0.1/services/T0/B0/canary"})", "/url", "egress.allow"},
      {R"({"url":"https://169.254.169.254/services/T0/B0/canary"})", "/url", "egress.allow"},
      {R"({"url":"https://user:canary@hooks.slack.com/services/T0/B0/x"})", "/url", ""},
      {R"({"url":"https://hooks.slack.com/services/T0/B0/canary#x"})", "/url", ""},
      {R"({"url":"https://hooks.slack.com/services/T0/B0/canary\n"})", "/url", ""},
      {R"({"url":"https://hooks.slack.com/services/T0/B0/canary","channel":"#x"})", "/channel", ""},
      {R"({"url":["https://hooks.slack.com/services/T0/B0/canary"]})", "/url", ""},
      {R"({"url":42})", "/url", ""}};
  expect_refused("slack", rows);
}

constexpr const char* kWorkflow =
    "/workflows/0a1b/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0";

TEST(ShippedSettings, TeamsTakesWorkflows) {
  for (const char* host :
       {"prod-12.westeurope.logic.azure.com:443", "x1.00.environment.api.powerplatform.com:443",
        "prod-1.usgovvirginia.logic.azure.us", "flows.azure-api.net"}) {
    const std::string url = "https://" + std::string(host) + kWorkflow + "&sig=AbC-_%2fd%2B1";
    const auto prepared = prepare_settings(*shipped("teams"), R"({"url":")" + url + R"("})", {}, {});
    ASSERT_TRUE(prepared) << url << ": " << prepared.error().detail;
    ASSERT_EQ(prepared->secrets.size(), 1U);
    EXPECT_EQ(prepared->secrets[0].second.reveal(), url) << "the signature is kept byte for byte";
    EXPECT_THAT(prepared->json, Not(HasSubstr("sig")));
  }
}

TEST(ShippedSettings, TeamsRefusesWhatIsNoWorkflow) {
  const Row rows[] = {
      {R"({})", "/url", "is required"},
      {R"({"url":"https://acme.webhook.office.com/webhookb2/canary/IncomingWebhook/x/y"})", "/url",
       "switched off in May 2026"},
      {R"({"url":"https://ACME.webhook.office.com/webhookb2/canary"})", "/url", "switched off in May 2026"},
      {R"({"url":"https://outlook.office.com/webhook/canary"})", "/url", "switched off in May 2026"},
      {R"({"url":"https://outlook.office365.com/webhook/canary"})", "/url", "switched off in May 2026"},
      {R"({"url":"https://teams.microsoft.com/l/channel/canary"})", "/url", "is a page for people"},
      {R"({"url":"https://make.powerautomate.com/environments/canary/flows"})", "/url",
       "is a page for people"},
      {R"({"url":"https://prod-1.west.logic.azure.com/workflows/canary/triggers/manual/paths/invoke"})",
       "/url", "signature (sig="},
      {R"({"url":"https://prod-1.west.logic.azure.com/workflows/canary/triggers/manual/paths/invoke?api-version=1&sig="})",
       "/url", "signature (sig="},
      {R"({"url":"https://prod-1.west.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=canary"})",
       "/url", "api-version is missing"},
      {R"({"url":"https://prod-1.west.logic.azure.com/workflows/x?api-version=1&sig=canary"})", "/url",
       "not the address of a workflow's trigger"},
      {R"({"url":"https://example.com/triggers/?api-version=1&sig=canary"})", "/url", "*.logic.azure.com"},
      {R"({"url":"https://hooks.slack.com/services/T0/B0/canary"})", "/url", "must name one of the hosts"},
      {R"({"url":"https://logic.azure.com.evil.example/triggers/?api-version=1&sig=canary"})", "/url",
       "*.logic.azure.com"},
      {R"({"url":"https://10.0.0.1/triggers/?api-version=1&sig=canary"})", "/url", "egress.allow"},
      {R"({"url":"http://prod-1.west.logic.azure.com/triggers/?api-version=1&sig=canary"})", "/url", "https"},
      {R"({"url":"prod-1.west.logic.azure.com/triggers/?api-version=1&sig=canary"})", "/url",
       "must be an absolute https URL"},
      {R"({"url":"https://prod-1.west.logic.azure.com/triggers/?api-version=1&sig=canary","channel":"x"})",
       "/channel", ""}};
  expect_refused("teams", rows);
}

}  // namespace
}  // namespace tocsin::plugin
