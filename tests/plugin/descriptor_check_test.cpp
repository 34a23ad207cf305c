// Every field of a descriptor broken alone, each refused with its own sentence.
#include "plugin/descriptor_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;

struct Break {
  const char* name;
  std::function<void(Table&)> apply;
  std::string sentence;
};

const char* const kEndless[] = {"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",    "a", "a", "a",
                                "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",    "a", "a", "a",
                                "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",    "a", "a", "a",
                                "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",    "a", "a", "a",
                                "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", nullptr};
const char* const kUnknownExtension[] = {"tocsin.teleport/1", nullptr};
const char* const kEmptyEntry[] = {"", nullptr};
const char* const kNoPort[] = {"api.example.com", nullptr};
const char* const kWildTld[] = {"*.com:443", nullptr};
const char* const kPointerless[] = {"settings:url", nullptr};
const char* const kNoSuchSetting[] = {"settings:/endpoint", nullptr};
const char* const kNoSuchPort[] = {"settings:/server,/porto", nullptr};
const char* const kPortless[] = {"settings:/url,/", nullptr};
const char* const kUpperHost[] = {"API.example.com:443", nullptr};
const std::string kLongText(600, 'x');
const std::string kHugeSchema = R"({"type":"object","title":")" + std::string(70'000, 'x') + R"("})";

const Break kBreaks[] = {
    {"plugin size 0", [](Table& t) { t.plugin.size = 0; }, "has a descriptor of size 0, but ABI 1 needs 32"},
    {"plugin size odd", [](Table& t) { t.plugin.size = 41; }, "has a descriptor of size 41"},
    {"plugin size absurd", [](Table& t) { t.plugin.size = 1'000'000; }, "has a descriptor of size 1000000"},
    {"no types", [](Table& t) { t.plugin.n_types = 0; }, "n_types is 0"},
    {"too many types", [](Table& t) { t.plugin.n_types = 1000; }, "at most 32"},
    {"types NULL", [](Table& t) { t.plugin.types = nullptr; }, "types is NULL"},
    {"a type NULL", [](Table& t) { t.types[0] = nullptr; }, "NULL as its channel type 0"},
    {"sdk not UTF-8", [](Table& t) { t.plugin.sdk = "\xC3\x28"; }, "sdk text"},
    {"type size", [](Table& t) { t.type.size = 12; }, "has a size of 12"},
    {"type id NULL", [](Table& t) { t.type.type = nullptr; }, "has no id"},
    {"type id capital", [](Table& t) { t.type.type = "Test"; }, "malformed id"},
    {"type id blank", [](Table& t) { t.type.type = "my channel"; }, "malformed id"},
    {"type id digit first", [](Table& t) { t.type.type = "1test"; }, "malformed id"},
    {"type id dot last", [](Table& t) { t.type.type = "sh."; }, "malformed id"},
    {"type id empty", [](Table& t) { t.type.type = ""; }, "malformed id"},
    {"type id long", [](Table& t) { t.type.type = kLongText.c_str(); }, "malformed id"},
    {"name NULL", [](Table& t) { t.type.name = nullptr; }, "has no name"},
    {"name empty", [](Table& t) { t.type.name = ""; }, "has no name"},
    {"name not UTF-8", [](Table& t) { t.type.name = "\xFF"; }, "has a name that is not UTF-8"},
    {"version NULL", [](Table& t) { t.type.version = nullptr; }, "has no version"},
    {"summary long", [](Table& t) { t.type.summary = kLongText.c_str(); }, "has a summary"},
    {"vendor not UTF-8", [](Table& t) { t.type.vendor = "\xED\xA0\x80"; }, "has a vendor"},
    {"license long", [](Table& t) { t.type.license = kLongText.c_str(); }, "has a license"},
    {"url long", [](Table& t) { t.type.url = kLongText.c_str(); }, "has a url"},
    {"api NULL", [](Table& t) { t.type.api = nullptr; }, ".api is NULL"},
    {"create NULL",
     [](Table& t) {
       t.type.api = &t.api;
       t.api.create = nullptr;
     },
     "has no create()"},
    {"destroy NULL",
     [](Table& t) {
       t.type.api = &t.api;
       t.api.destroy = nullptr;
     },
     "has no destroy()"},
    {"deliver NULL",
     [](Table& t) {
       t.type.api = &t.api;
       t.api.deliver = nullptr;
     },
     "has no deliver()"},
    {"threading", [](Table& t) { t.type.threading = 3; }, "asks for threading 3"},
    {"flags", [](Table& t) { t.type.flags = 0x100; }, "sets flags"},
    {"retries", [](Table& t) { t.type.retries = 9; }, "retry schedule 9"},
    {"rate", [](Table& t) { t.type.rate_per_minute = 2'000'000; }, "rate limit"},
    {"requires_ext endless", [](Table& t) { t.type.requires_ext = kEndless; },
     "no NULL at the end of requires_ext"},
    {"uses_ext empty entry", [](Table& t) { t.type.uses_ext = kEmptyEntry; }, "an entry in uses_ext"},
    {"requires unknown", [](Table& t) { t.type.requires_ext = kUnknownExtension; }, "does not know"},
    {"schema NULL", [](Table& t) { t.type.settings_schema = nullptr; }, "has no settings_schema"},
    {"schema huge", [](Table& t) { t.type.settings_schema = kHugeSchema.c_str(); }, "has a settings_schema"},
    {"schema no JSON", [](Table& t) { t.type.settings_schema = "{"; }, "settings schema that is no JSON"},
    {"schema no object", [](Table& t) { t.type.settings_schema = "[]"; }, "is no JSON object"},
    {"schema type", [](Table& t) { t.type.settings_schema = R"({"type":"string"})"; },
     "\"type\": \"object\" at the top"},
    {"schema $ref",
     [](Table& t) { t.type.settings_schema = R"({"type":"object","properties":{"a":{"$ref":"#"}}})"; },
     "/properties/a/$ref, which is not in the profile"},
    {"egress without port", [](Table& t) { t.type.egress = kNoPort; }, "needs a port"},
    {"egress wildcard", [](Table& t) { t.type.egress = kWildTld; }, "at least two labels"},
    {"egress pointer", [](Table& t) { t.type.egress = kPointerless; }, "needs a JSON pointer"},
    {"egress port", [](Table& t) { t.type.egress = kPortless; }, "such as /server,/port"},
    {"egress port setting", [](Table& t) { t.type.egress = kNoSuchPort; }, "its schema has no such setting"},
    {"egress setting", [](Table& t) { t.type.egress = kNoSuchSetting; }, "its schema has no such setting"},
    {"egress capitals", [](Table& t) { t.type.egress = kUpperHost; }, "not a lower-case name"},
};

TEST(DescriptorCheck, NamesEachBrokenFieldInOneSentence) {
  for (const Break& one : kBreaks) {
    Table table;
    one.apply(table);
    const auto result = check_descriptor(&table.plugin);
    ASSERT_FALSE(result) << one.name << " was accepted";
    EXPECT_EQ(result.error().code, Errc::kUnavailable) << one.name;
    EXPECT_THAT(result.error().detail, HasSubstr(one.sentence)) << one.name;
    EXPECT_EQ(result.error().detail.find('\n'), std::string::npos) << one.name;
  }
}

TEST(DescriptorCheck, RefusesNoTableAtAll) {
  EXPECT_THAT(check_descriptor(nullptr).error().detail, HasSubstr("returned NULL"));
}

TEST(DescriptorCheck, AcceptsAndCopiesAGoodTable) {
  std::string id = "sh.ntfy_2";
  std::shared_ptr<const ChannelType> type;
  {
    Table table;
    table.type.type = id.c_str();
    table.type.summary = nullptr;
    table.type.threading = TOCSIN_BLOCKING;
    table.type.retries = TOCSIN_RETRIES_CHAT;
    table.type.rate_per_minute = 60;
    const auto result = check_descriptor(&table.plugin);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->sdk, "test 1.0");
    type = result->types.front();
  }
  id.assign(id.size(), '?');
  EXPECT_EQ(type->type, "sh.ntfy_2");
  EXPECT_EQ(type->name, "Test channel");
  EXPECT_EQ(type->summary, "");
  EXPECT_EQ(type->threading, static_cast<std::uint32_t>(TOCSIN_BLOCKING));
  EXPECT_EQ(type->retries, static_cast<std::uint32_t>(TOCSIN_RETRIES_CHAT));
  EXPECT_EQ(type->rate_per_minute, 60U);
  EXPECT_EQ(type->burst, 1U);
  EXPECT_EQ(type->required_extensions.size(), 5U);
  EXPECT_EQ(type->egress, (std::vector<std::string>{"settings:/url", "settings:/server,/port"}));
}

TEST(DescriptorCheck, AcceptsATableOfALaterMinorThatIsLarger) {
  struct Larger {
    tocsin_channel_type type;
    void* added[4];
  };
  Table table;
  Larger larger{table.type, {}};
  larger.type.size = sizeof larger;
  table.types[0] = &larger.type;
  EXPECT_TRUE(check_descriptor(&table.plugin));
}

TEST(DescriptorCheck, RefusesATypeThatIsListedTwice) {
  Table table;
  const tocsin_channel_type* twice[] = {&table.type, &table.type};
  table.plugin.types = twice;
  table.plugin.n_types = 2;
  EXPECT_THAT(check_descriptor(&table.plugin).error().detail, HasSubstr("listed twice"));
}

TEST(DescriptorCheck, LetsAnExtensionThatIsOnlyUsedBeUnknown) {
  Table table;
  table.type.uses_ext = kUnknownExtension;
  EXPECT_TRUE(check_descriptor(&table.plugin));
}

}  // namespace
}  // namespace tocsin::plugin::tests
