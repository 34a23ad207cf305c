// The checks that a schema asks of values which the plugin never sees.
#include "plugin/value_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSchema = R"json({
  "type": "object", "required": ["url"],
  "properties": {
    "url": {"type": "string", "writeOnly": true, "format": "uri",
      "x-hosts": ["hooks.example.com", "*.flows.example.net"],
      "x-refuse": [
        {"pattern": "^https://[^/]*/triggers/", "message": "is a trigger; make an incoming webhook instead"},
        {"unless": "[?&]sig=[^&]", "message": "is incomplete; copy it with its whole query"}]}
  }})json";

std::shared_ptr<const ChannelType> type_with(const char* schema, std::string* problem = nullptr) {
  Table table;
  table.type.settings_schema = schema;
  const char* egress[] = {"settings:/url", nullptr};
  table.type.egress = egress;
  const auto set = PluginSet::from_tables({&table.plugin});
  if (problem != nullptr) *problem = set.states().front().problem;
  return set.find_type("test.channel");
}

security::AddressPolicy opened() {
  return security::AddressPolicy({security::parse_cidr("127.0.0.0/8").value()});
}

// The fault's text, "" where the URL was taken.
std::string fault_of(std::string_view url, const security::AddressPolicy& policy = {}) {
  static const auto type = type_with(kSchema);
  const auto prepared = prepare_settings(*type, R"({"url":")" + std::string(url) + R"("})", {}, policy);
  if (prepared) return "";
  EXPECT_EQ(prepared.error().fields.size(), 1U);
  EXPECT_EQ(prepared.error().fields[0].pointer, "/url");
  EXPECT_THAT(prepared.error().detail, Not(HasSubstr("canary")));
  return prepared.error().fields[0].message;
}

TEST(ValueRules, TakeTheHostsOfTheSchemaAndNoOthers) {
  EXPECT_EQ(fault_of("https://hooks.example.com/x?sig=canary"), "");
  EXPECT_EQ(fault_of("https://HOOKS.example.com:443/x?sig=canary"), "");
  EXPECT_EQ(fault_of("https://eu.flows.example.net/x?sig=canary"), "");
  for (const char* url :
       {"https://example.com/x?sig=canary", "https://hooks.example.com.evil.net/x?sig=canary",
        "https://flows.example.net/x?sig=canary", "https://evilflows.example.net/x?sig=canary",
        "https://hooks.example.com@evil.net/x?sig=canary", "https://8.8.8.8/x?sig=canary"}) {
    EXPECT_THAT(fault_of(url), ::testing::AnyOf(HasSubstr("hooks.example.com, *.flows.example.net"),
                                                HasSubstr("must be an absolute https URL")))
        << url;
  }
}

TEST(ValueRules, CountALiteralAddressThatTheOperatorOpened) {
  EXPECT_EQ(fault_of("http://127.0.0.1:8065/hooks?sig=canary", opened()), "");
  EXPECT_THAT(fault_of("http://127.0.0.1:8065/hooks?sig=canary"), HasSubstr("egress.allow"));
  EXPECT_THAT(fault_of("https://localhost/x?sig=canary", opened()), HasSubstr("must name one of the hosts"));
  // What is refused by its form is refused there too.
  EXPECT_THAT(fault_of("http://127.0.0.1:8065/hooks", opened()), HasSubstr("is incomplete"));
}

TEST(ValueRules, AnswerWithTheSentenceOfTheFirstRuleThatApplies) {
  EXPECT_EQ(fault_of("https://hooks.example.com/triggers/canary"),
            "is a trigger; make an incoming webhook instead");
  EXPECT_EQ(fault_of("https://elsewhere.example.org/triggers/canary"),
            "is a trigger; make an incoming webhook instead");
  EXPECT_EQ(fault_of("https://hooks.example.com/x?canary=1"), "is incomplete; copy it with its whole query");
}

TEST(ValueRules, MustBeWellFormedWhenThePluginIsLoaded) {
  const std::pair<const char*, const char*> rows[] = {
      {R"("x-hosts": "hooks.example.com")", "must be a list of host names"},
      {R"("x-hosts": [])", "must be a list of host names"},
      {R"("x-hosts": [1])", "must be a list of host names"},
      {R"("x-hosts": ["https://x.example.com"])", "is no host name"},
      {R"("x-hosts": ["*"])", "is no host name"},
      {R"("x-refuse": {"pattern": "a", "message": "b"})", "must be a list of"},
      {R"("x-refuse": [])", "must be a list of"},
      {R"("x-refuse": [{"pattern": "a"}])", "must be a list of"},
      {R"("x-refuse": [{"pattern": "a", "unless": "c", "message": "b"}])", "must be a list of"},
      {R"("x-refuse": [{"pattern": "a", "message": ""}])", "must be a list of"},
      {R"x("x-refuse": [{"pattern": "(", "message": "b"}])x", "no RE2 regular expression"},
      {R"x("x-refuse": [{"unless": "(?=a)", "message": "b"}])x", "no RE2 regular expression"}};
  for (const auto& [rule, expected] : rows) {
    std::string problem;
    type_with(
        (R"({"type":"object","properties":{"url":{"type":"string",)" + std::string(rule) + "}}}").c_str(),
        &problem);
    EXPECT_THAT(problem, HasSubstr(expected)) << rule;
  }
  std::string problem;
  type_with(R"({"type":"object","properties":{"url":{"type":"string","x-group":{"any":"thing"}}}})",
            &problem);
  EXPECT_EQ(problem, "") << "other annotations are the console's";
}

}  // namespace
}  // namespace tocsin::plugin::tests
