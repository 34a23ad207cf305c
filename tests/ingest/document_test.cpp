// JSON below the event. What parsing refuses is in bad_events_test.cpp, through the reader.
#include "ingest/document.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace tocsin::ingest {
namespace {

std::string canonical(std::string_view text) {
  const auto document = parse_document(text);
  return document ? write_canonical(*document) : "refused: " + document.error().detail;
}

TEST(Document, WritesEqualTextForEqualMeaning) {
  EXPECT_EQ(canonical(R"({"b":[1,{"d":1,"c":2}],"a":"x"})"),
            canonical(R"( { "a":"x","b":[1,{"c":2,"d":1}]})"));
  EXPECT_NE(canonical(R"({"a":[1,2]})"), canonical(R"({"a":[2,1]})"));
  EXPECT_NE(canonical(R"({"a":[[]]})"), canonical(R"({"a":[]})"));
  EXPECT_NE(canonical(R"(["a","b"])"), canonical(R"(["a\",\"b"])"));
}

TEST(Document, TakesBlanksBehindItsEnd) {
  EXPECT_EQ(canonical("{} \r\n\t"), "{}");
}

TEST(Document, CutsOnlyAMemberOfTheOutermostObject) {
  EXPECT_EQ(cut_member(R"({"a":{"x":1},"x":2})", "x"), "2");
  EXPECT_EQ(cut_member(R"({"a":[{"x":1}]})", "x"), std::nullopt);
  EXPECT_EQ(cut_member(R"({"a":"x"})", "x"), std::nullopt);
  EXPECT_EQ(cut_member(R"({"a":"\"x\":3", "x" : [ 1, "] ," ] })", "x"), R"([1,"] ,"])");
  EXPECT_EQ(cut_member("{}", "x"), std::nullopt);
}

TEST(Document, CutsValuesThatMeanWhatTheParserReads) {
  const std::string text =
      R"({ "a" : [ {"b" : "\\\" }"} , [ ] ] , "c" : { "d" : { } } , "e" : -1.5e3 , "f" : true , "g":"" })";
  const auto document = parse_document(text);
  ASSERT_TRUE(document) << document.error().detail;
  for (const auto& member : document->get_object()) {
    const auto cut = cut_member(text, member.key());
    ASSERT_TRUE(cut) << member.key();
    EXPECT_EQ(boost::json::parse(*cut), member.value()) << *cut;
  }
}

}  // namespace
}  // namespace tocsin::ingest
