// Which schemas are in the profile, and what is said of settings that do not fit.
#include "plugin/settings_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "plugin/settings_rules.hpp"

namespace tocsin::plugin {
namespace {

using ::testing::HasSubstr;

struct Outside {
  const char* schema;
  const char* sentence;
};
const Outside kOutside[] = {
    {R"({})", "needs \"type\": \"object\""},
    {R"({"type":["object","null"]})", "needs \"type\": \"object\""},
    {R"({"type":"object","patternProperties":{}})", "/patternProperties, which is not in the profile"},
    {R"({"type":"object","properties":[]})", "/properties must be an object"},
    {R"({"type":"object","properties":{"a":true}})", "/properties/a must be a schema object"},
    {R"({"type":"object","properties":{"a":{"type":"text"}}})",
     "/properties/a/type must be a JSON type name"},
    {R"({"type":"object","properties":{"a":{"type":"string","minLength":-1}}})",
     "/minLength must be a whole number"},
    {R"({"type":"object","properties":{"a":{"type":"string","pattern":"("}}})",
     "is no RE2 regular expression"},
    {R"({"type":"object","properties":{"a":{"type":"string","pattern":"(a)\\1"}}})",
     "is no RE2 regular expression"},
    {R"({"type":"object","properties":{"a":{"type":"object","writeOnly":true}}})",
     "needs \"type\": \"string\""},
    {R"({"type":"object","properties":{"a":{"type":"string","writeOnly":true,"default":"x"}}})", "a default"},
    {R"({"type":"object","required":[1]})", "/required must be an array of property names"},
    {R"({"type":"object","properties":{"a":{"enum":[]}}})", "/enum must be an array that is not empty"},
    {R"({"type":"object","if":{"properties":{"a":{"default":1}}}})", "inside a condition"},
    {R"({"type":"object","anyOf":[]})", "/anyOf must be an array of schemas"},
    {R"({"type":"object","additionalProperties":"no"})", "/additionalProperties must be a schema object"},
    {R"({"type":"object","properties":{"a":{"type":"array","items":[{}]}}})",
     "/items must be a schema object"},
};

TEST(SettingsSchema, RefusesWhatIsOutsideTheProfile) {
  for (const Outside& one : kOutside) {
    const auto parsed = SettingsSchema::parse(one.schema);
    ASSERT_FALSE(parsed) << one.schema;
    EXPECT_THAT(parsed.error().detail, HasSubstr(one.sentence)) << one.schema;
  }
}

TEST(SettingsSchema, RefusesNestingWithoutEnd) {
  std::string schema = R"({"type":"object"})";
  for (int i = 0; i < 12; ++i) schema = R"({"type":"object","properties":{"a":)" + schema + "}}";
  EXPECT_THAT(SettingsSchema::parse(schema).error().detail, HasSubstr("deeper than 8"));
}

constexpr const char* kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {
    "url": {"type": "string", "format": "uri", "minLength": 1, "maxLength": 60},
    "mode": {"type": "string", "enum": ["slow", "fast"]},
    "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10, "multipleOf": 2},
    "tags": {"type": "array", "items": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
             "maxItems": 2, "uniqueItems": true},
    "headers": {"type": "object", "maxProperties": 2,
                "additionalProperties": {"type": "string", "format": "http-header-value", "writeOnly": true}},
    "on": {"type": "boolean"},
    "to": {"type": "string", "format": "email"},
    "server": {"type": "string", "format": "hostname"},
    "user": {"type": "string"},
    "pattern": {"type": "string"},
    "format": {"type": ["string", "integer"]}
  },
  "if": {"required": ["user"]}, "then": {"required": ["server"]},
  "dependencies": {"mode": ["count"]}
})";

std::vector<std::string> faults_of(const std::string& settings) {
  const auto schema = SettingsSchema::parse(kSchema);
  EXPECT_TRUE(schema) << schema.error().detail;
  auto value = boost::json::parse(settings);
  std::vector<std::string> out;
  for (const auto& fault : (*schema)->find_faults(value)) out.push_back(fault.pointer + ' ' + fault.message);
  return out;
}

struct Faulty {
  const char* settings;
  std::vector<std::string> faults;
};
const Faulty kFaulty[] = {
    {R"({})", {"/url is required; add it"}},
    {R"({"url":""})",
     {"/url must not be empty", "/url must be an absolute https URL, such as https://example.com/path"}},
    {R"({"url":5})", {"/url must be a string"}},
    {R"({"url":"https://e.com","mod":"fast"})",
     {"/mod is not a setting of this channel type; did you mean \"mode\"?"}},
    {R"({"url":"https://e.com","colour":"red"})",
     {"/colour is not a setting of this channel type; remove it"}},
    {R"({"url":"https://e.com","mode":"fst","count":2})", {"/mode must be \"slow\" or \"fast\""}},
    {R"({"url":"https://e.com","mode":"fast"})",
     {"/count is required together with another setting; add it"}},
    {R"({"url":"https://e.com","count":0})", {"/count must be at least 1"}},
    {R"({"url":"https://e.com","count":10})", {"/count must be less than 10"}},
    {R"({"url":"https://e.com","count":3})", {"/count must be a multiple of 2"}},
    {R"({"url":"https://e.com","count":2.5})", {"/count must be a whole number"}},
    {R"({"url":"https://e.com","on":"yes"})", {"/on must be true or false"}},
    {R"({"url":"https://e.com","tags":["ab","x"]})", {"/tags/1 must have at least 2 characters"}},
    {R"({"url":"https://e.com","tags":["ab","AB"]})", {"/tags/1 must match the pattern ^[a-z]+$"}},
    {R"({"url":"https://e.com","tags":["ab","cd","ef"]})", {"/tags must have at most 2 items"}},
    {R"({"url":"https://e.com","tags":["ab","ab"]})", {"/tags has the same item twice; remove one"}},
    {R"({"url":"https://e.com","headers":{"X-Key":"a\nb"}})",
     {"/headers/X-Key must be visible ASCII characters, with blanks only inside, at most 4096 of them"}},
    {R"({"url":"https://e.com","headers":{"a":"1","b":"2","c":"3"}})",
     {"/headers must have at most 2 members"}},
    {R"({"url":"https://e.com","headers":[]})", {"/headers must be an object"}},
    {R"({"url":"https://e.com","to":"nobody"})", {"/to must be a mail address, such as ops@example.com"}},
    {R"({"url":"https://e.com","server":"not a host"})",
     {"/server must be a host name, such as mail.example.com"}},
    {R"({"url":"https://e.com","user":"me"})", {"/server is required; add it"}},
    {R"({"url":"https://e.com","format":true})", {"/format must be a string or a whole number"}},
};

TEST(SettingsSchema, SaysInPlainWordsWhatIsWrongAndWhere) {
  for (const Faulty& one : kFaulty) EXPECT_EQ(faults_of(one.settings), one.faults) << one.settings;
}

TEST(SettingsSchema, SaysEverythingAtOnce) {
  EXPECT_EQ(faults_of(R"({"url":7,"count":0,"on":1})").size(), 3U);
}

TEST(SettingsSchema, AcceptsWhatFits) {
  EXPECT_TRUE(faults_of(R"({"url":"https://e.com/x","mode":"fast","count":4,"tags":["ab","cd"],"on":true,
                            "headers":{"X-Key":"v"},"to":"a@b.c","server":"mx.example.com","user":"u",
                            "pattern":"(","format":7})")
                  .empty());
}

TEST(SettingsSchema, EvaluatesAHostilePatternInLinearTime) {
  const auto schema =
      SettingsSchema::parse(R"({"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"}}})");
  boost::json::value settings = {{"a", std::string(100'000, 'a') + "!"}};
  EXPECT_EQ((*schema)->find_faults(settings).size(), 1U);
}

TEST(SettingsRules, FillsInDefaultsAlsoInObjectsThatAreThere) {
  const auto schema = boost::json::parse(R"({"type":"object","properties":{
      "a":{"type":"integer","default":1}, "o":{"type":"object","properties":{"b":{"default":"x"}}},
      "p":{"type":"object","default":{},"properties":{"c":{"default":true}}}}})");
  auto settings = boost::json::parse(R"({"o":{}})");
  apply_defaults(schema.as_object(), settings);
  EXPECT_EQ(settings, boost::json::parse(R"({"o":{"b":"x"},"a":1,"p":{"c":true}})"));
  auto given = boost::json::parse(R"({"a":2})");
  apply_defaults(schema.as_object(), given);
  EXPECT_EQ(given.at("a").as_int64(), 2);
}

}  // namespace
}  // namespace tocsin::plugin
