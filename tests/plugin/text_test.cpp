// The small pure parts: text repair, pointers, the flat view, egress targets.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "plugin/egress_target.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {
namespace {

TEST(PlainText, RepairsWhatIsNoUtf8AndKeepsWhatIs) {
  EXPECT_EQ(repair_text("caf\xC3\xA9 \xF0\x9F\x94\x94", 100), "caf\xC3\xA9 \xF0\x9F\x94\x94");
  EXPECT_EQ(repair_text("a\xFFz", 100), "a\xEF\xBF\xBDz");
  EXPECT_EQ(repair_text("\xC3", 100), "\xEF\xBF\xBD");
  EXPECT_EQ(repair_text("\xED\xA0\x80", 100), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(repair_text("\xC0\xAF", 100), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(PlainText, CutsBetweenCharacters) {
  EXPECT_EQ(repair_text("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(repair_text("abc", 3), "abc");
  EXPECT_EQ(repair_text("abcd", 3), "abc");
}

TEST(PlainText, MakesCodesStable) {
  EXPECT_EQ(repair_code("slack.no_service"), "slack.no_service");
  EXPECT_EQ(repair_code("Bad Code!"), "_ad__ode_");
  EXPECT_EQ(repair_code(std::string(100, 'a')).size(), 64U);
}

TEST(FlatDocument, ListsScalarsInDocumentOrderUnderTheirPointers) {
  const FlatDocument document(boost::json::parse(
      R"({"url":"https://x","n":5,"f":1.5,"t":true,"nil":null,"h":{"X/K~":"v"},"to":["a",{"b":""}],"e":{},"l":[]})"));
  std::vector<std::pair<std::string, std::string>> seen;
  const tocsin_doc doc = document.view();
  for (std::size_t i = 0; i < doc.n_flat; ++i) {
    seen.emplace_back(view(doc.flat[i].key), view(doc.flat[i].value));
  }
  const std::vector<std::pair<std::string, std::string>> expected{
      {"/url", "https://x"}, {"/n", "5"},    {"/f", "1.5E0"}, {"/t", "true"},
      {"/h/X~1K~0", "v"},    {"/to/0", "a"}, {"/to/1/b", ""}};
  EXPECT_EQ(seen, expected);
}

TEST(FlatDocument, SplitsPointersBack) {
  EXPECT_EQ(split_pointer(""), std::vector<std::string>{});
  EXPECT_EQ(split_pointer("/a/X~1K~0/0"), (std::vector<std::string>{"a", "X/K~", "0"}));
  EXPECT_EQ(split_pointer("/"), std::vector<std::string>{""});
  EXPECT_EQ(child_pointer("/a", "b/c"), "/a/b~1c");
}

TEST(EgressTarget, ReadsHostAndPortOfAnHttpUrl) {
  const std::map<std::string, std::string> cases{
      {"https://Example.COM/a?b", "example.com:443"},      {"https://example.com:8443", "example.com:8443"},
      {"http://127.0.0.1:8080/x", "127.0.0.1:8080"},       {"http://127.0.0.1", "127.0.0.1:80"},
      {"https://[2001:db8::1]:444/", "[2001:db8::1]:444"}, {"https://example.com./", "example.com:443"},
      {"https://example.com?x=@y", "example.com:443"}};
  for (const auto& [url, target] : cases) EXPECT_EQ(find_target(url).value_or("none"), target) << url;
}

TEST(EgressTarget, HasNoneForAnythingOdd) {
  for (const char* url : {"", "example.com", "ftp://example.com/", "https://", "https://u:p@example.com/",
                          "https://example.com/#f", "https://exa mple.com/", "https://example.com:0/",
                          "https://example.com:99999/", "https://example.com:/", "https://ex\\ample.com/",
                          "https://-a.com/", "https://a..b/", "https://[::1/", "javascript://x"}) {
    EXPECT_FALSE(find_target(url)) << url;
  }
}

TEST(EgressTarget, MatchesWildcardsBelowTheirNameOnly) {
  const std::vector<std::string> allowed{"api.example.com:443", "*.hooks.example.com:443"};
  EXPECT_TRUE(target_allowed("api.example.com:443", allowed));
  EXPECT_TRUE(target_allowed("a.hooks.example.com:443", allowed));
  EXPECT_FALSE(target_allowed("hooks.example.com:443", allowed));
  EXPECT_FALSE(target_allowed("evilhooks.example.com:443", allowed));
  EXPECT_FALSE(target_allowed("api.example.com:8443", allowed));
  EXPECT_FALSE(target_allowed("example.com:443", allowed));
}

}  // namespace
}  // namespace tocsin::plugin
