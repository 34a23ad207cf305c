// From saved settings to what an instance is made with: secrets out, defaults in, targets listed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "channel_host.hpp"
#include "net/egress_receiver.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Secrets = std::vector<std::pair<std::string, security::Secret>>;

std::shared_ptr<const ChannelType> type_with(const char* schema, std::vector<const char*> egress = {}) {
  Table table;
  table.type.settings_schema = schema;
  egress.push_back(nullptr);
  table.type.egress = egress.data();
  const auto set = PluginSet::from_tables({&table.plugin});
  EXPECT_EQ(set.states().front().problem, "");
  return set.find_type("test.channel");
}

constexpr const char* kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {
    "url": {"type": "string", "format": "uri"},
    "secret": {"type": "string", "writeOnly": true, "maxLength": 20},
    "headers": {"type": "object", "additionalProperties": {"type": "string", "writeOnly": true}},
    "keys": {"type": "array", "items": {"type": "string", "writeOnly": true}},
    "timeout": {"type": "integer", "default": 15}
  }})";

std::vector<std::string> secrets_of(const PreparedSettings& prepared) {
  std::vector<std::string> out;
  for (const auto& [pointer, secret] : prepared.secrets)
    out.push_back(pointer + '=' + std::string(secret.reveal()));
  return out;
}

TEST(PrepareSettings, MovesEverySecretOutAndFillsInDefaults) {
  const auto type = type_with(kSchema, {"settings:/url", "api.example.com:443"});
  const auto prepared = prepare_settings(
      *type,
      R"({"url":"https://hooks.example.com/x","secret":"s3cr3t","headers":{"B/C":"two","A":"one"},"keys":["k0","k1"]})",
      {}, {});
  ASSERT_TRUE(prepared) << prepared.error().detail;
  EXPECT_EQ(boost::json::parse(prepared->json),
            boost::json::parse(
                R"({"url":"https://hooks.example.com/x","headers":{},"keys":[null,null],"timeout":15})"));
  EXPECT_EQ(secrets_of(*prepared), (std::vector<std::string>{"/secret=s3cr3t", "/headers/B~1C=two",
                                                             "/headers/A=one", "/keys/0=k0", "/keys/1=k1"}));
  EXPECT_EQ(prepared->egress, (std::vector<std::string>{"hooks.example.com:443", "api.example.com:443"}));
}

TEST(PrepareSettings, TakesSecretsFromElsewhereAsIfTheyStoodInIt) {
  const auto type = type_with(kSchema);
  Secrets secrets;
  secrets.emplace_back("/secret", security::Secret("from-a-file"));
  secrets.emplace_back("/headers/Authorization", security::Secret("Bearer x"));
  const auto prepared = prepare_settings(*type, R"({"url":"https://e.example.com/"})", secrets, {});
  ASSERT_TRUE(prepared) << prepared.error().detail;
  EXPECT_EQ(secrets_of(*prepared),
            (std::vector<std::string>{"/secret=from-a-file", "/headers/Authorization=Bearer x"}));
  EXPECT_THAT(prepared->json, Not(HasSubstr("from-a-file")));
}

TEST(PrepareSettings, ChecksThoseTooAndNeverQuotesThem) {
  const auto type = type_with(kSchema);
  Secrets secrets;
  secrets.emplace_back("/secret", security::Secret("much-too-long-for-this-schema"));
  const auto prepared = prepare_settings(*type, R"({"url":"https://e.example.com/"})", secrets, {});
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, Errc::kInvalid);
  ASSERT_EQ(prepared.error().fields.size(), 1U);
  EXPECT_EQ(prepared.error().fields[0].pointer, "/secret");
  EXPECT_EQ(prepared.error().fields[0].message, "must have at most 20 characters");
  EXPECT_THAT(prepared.error().detail, Not(HasSubstr("much-too-long")));
}

TEST(PrepareSettings, RefusesASecretWhereTheSchemaHasNone) {
  const auto type = type_with(kSchema);
  Secrets secrets;
  secrets.emplace_back("/url", security::Secret("https://e.example.com/"));
  EXPECT_THAT(prepare_settings(*type, "{}", secrets, {}).error().detail,
              HasSubstr("is not a secret setting"));
}

TEST(PrepareSettings, RefusesControlCharactersInASecret) {
  const auto type = type_with(kSchema);
  const auto prepared =
      prepare_settings(*type, R"({"url":"https://e.example.com/","secret":"a\r\nb"})", {}, {});
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().fields[0].pointer, "/secret");
  EXPECT_THAT(prepared.error().fields[0].message, HasSubstr("control character"));
}

TEST(PrepareSettings, ChecksAUrlOfTheEgressListAgainstThePolicy) {
  const auto type = type_with(kSchema, {"settings:/url"});
  const auto refused = prepare_settings(*type, R"({"url":"https://127.0.0.1/"})", {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields[0].pointer, "/url");
  const auto opened = prepare_settings(*type, R"({"url":"http://127.0.0.1:9999/secret-path"})", {},
                                       net::tests::loopback_options().policy);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->egress, std::vector<std::string>{"127.0.0.1:9999"});
}

TEST(PrepareSettings, ChecksAMailServerOfTheEgressListAgainstThePolicy) {
  const auto type =
      type_with(R"({"type":"object","properties":{"server":{"type":"string"},"port":{"type":"integer"}}})",
                {"settings:/server,/port"});
  const auto policy = net::tests::loopback_options().policy;
  struct Case {
    std::string settings, pointer, message;
  };
  for (const Case& each :
       {Case{R"({"server":"localhost"})", "/server", "the server has no domain"},
        Case{R"({"server":"10.0.0.1","port":25})", "/server", "private network"},
        Case{R"({"server":"169.254.169.254"})", "/server", "cloud metadata"},
        Case{R"({"server":"metadata.google.internal"})", "/server", "hosts under .internal"},
        Case{R"({"server":"b\u00fccher.example.com"})", "/server", "not a host name"},
        Case{R"({"server":"a.example.com/x"})", "/server", "not a host name"},
        Case{R"({"server":"mail.acme.com","port":22})", "/port", "use 587, 465, 25 or 2525"},
        Case{R"({"server":"mail.acme.com","port":70000})", "/port", "1 to 65535"}}) {
    const auto refused = prepare_settings(*type, each.settings, {}, policy);
    ASSERT_FALSE(refused) << each.settings;
    EXPECT_EQ(refused.error().fields[0].pointer, each.pointer) << each.settings;
    EXPECT_THAT(refused.error().fields[0].message, HasSubstr(each.message));
  }
  const auto egress = [&](const char* settings) {
    return prepare_settings(*type, settings, {}, policy)->egress;
  };
  using Targets = std::vector<std::string>;
  EXPECT_EQ(egress(R"({"server":"Mail.Acme.com","port":587})"), Targets{"mail.acme.com:587"});
  EXPECT_EQ(egress(R"({"server":"mail.acme.com"})"), (Targets{"mail.acme.com:587", "mail.acme.com:465"}));
  EXPECT_EQ(egress(R"({"server":"2606:4700::1","port":25})"), Targets{"[2606:4700::1]:25"});
  EXPECT_EQ(egress(R"({"server":"127.0.0.1","port":4000})"), Targets{"127.0.0.1:4000"});
  EXPECT_EQ(egress("{}"), Targets{});
}

TEST(PrepareSettings, ListsTheTargetOfAUrlThatIsItselfASecret) {
  const auto type =
      type_with(R"({"type":"object","properties":{"url":{"type":"string","writeOnly":true,"format":"uri"}}})",
                {"settings:/url"});
  const auto prepared = prepare_settings(*type, R"({"url":"https://hooks.example.com/T0/B0/x"})", {}, {});
  ASSERT_TRUE(prepared) << prepared.error().detail;
  EXPECT_EQ(prepared->egress, std::vector<std::string>{"hooks.example.com:443"});
  EXPECT_EQ(prepared->json, "{}");
}

TEST(PrepareSettings, RefusesWhatIsNoJsonObject) {
  const auto type = type_with(kSchema);
  EXPECT_THAT(prepare_settings(*type, "[1]", {}, {}).error().detail, HasSubstr("must be a JSON object"));
  EXPECT_THAT(prepare_settings(*type, "{", {}, {}).error().detail, HasSubstr("are no JSON"));
  EXPECT_THAT(prepare_settings(*type, std::string(300'000, ' '), {}, {}).error().detail,
              HasSubstr("256 KiB"));
}

}  // namespace
}  // namespace tocsin::plugin::tests
