// Settings made from a schema.
#include "conformance/sample_settings.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tocsin::conformance {
namespace {

std::string sample(const char* schema, bool all = false) {
  return boost::json::serialize(sample_value(boost::json::parse(schema).as_object(), all));
}

TEST(SampleSettings, TakesWhatTheSchemaOffersFirst) {
  EXPECT_EQ(sample(R"({"type":"string","examples":["x","y"],"default":"z"})"), R"("x")");
  EXPECT_EQ(sample(R"({"type":"string","default":"z"})"), R"("z")");
  EXPECT_EQ(sample(R"({"enum":["one","two"]})"), R"("one")");
  EXPECT_EQ(sample(R"({"const":3})"), "3");
}

TEST(SampleSettings, KeepsToFormatsAndBounds) {
  EXPECT_EQ(sample(R"({"type":"string","format":"email"})"), R"("sample@example.com")");
  EXPECT_EQ(sample(R"({"type":"string","minLength":8})"), R"("samplexx")");
  EXPECT_EQ(sample(R"({"type":"string","maxLength":3})"), R"("sam")");
  EXPECT_EQ(sample(R"({"type":"integer","minimum":5})"), "5");
  EXPECT_EQ(sample(R"({"type":"integer","maximum":-5})"), "-5");
  EXPECT_EQ(sample(R"({"type":"array","minItems":2,"items":{"type":"boolean"}})"), "[true,true]");
}

TEST(SampleSettings, OfAnObjectTakesWhatIsRequiredOrAll) {
  const char* schema =
      R"({"type":"object","required":["a"],"properties":{"a":{"type":"boolean"},"b":{"type":"null"}}})";
  EXPECT_EQ(sample(schema), R"({"a":true})");
  EXPECT_EQ(sample(schema, true), R"({"a":true,"b":null})");
}

}  // namespace
}  // namespace tocsin::conformance
