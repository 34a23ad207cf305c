#include "net/header_rules.hpp"

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "net/exchange.hpp"

namespace tocsin::net {
namespace {

TEST(HeaderRefusal, JudgesTheFormOfEveryCaseOfTheTable) {
  const auto corpus = tocsin::tests::load_corpus("custom_headers.json");
  for (const auto& row : corpus.at("cases").as_array()) {
    // Which names a team may not set is the channel's rule; here it is the form alone.
    const bool accepted = row.at("verdict") == "accept" || row.at("reason") == "reserved or dangerous name";
    const std::string why =
        header_refusal(std::string(row.at("name").as_string()), std::string(row.at("value").as_string()));
    EXPECT_EQ(why.empty(), accepted) << row << " " << why;
  }
}

TEST(HeaderRefusal, RefusesEveryControlCharacterButTheTab) {
  for (int c = 0; c < 256; ++c) {
    const std::string value = std::string("a") + static_cast<char>(c) + "b";
    EXPECT_EQ(header_refusal("X-A", value).empty(), c == '\t' || (c >= 0x20 && c < 0x7f)) << c;
  }
}

TEST(HeaderRefusal, KeepsToItsLengths) {
  EXPECT_EQ(header_refusal(std::string(64, 'a'), std::string(4096, 'v')), "");
  EXPECT_NE(header_refusal(std::string(65, 'a'), "v"), "");
  EXPECT_NE(header_refusal("a", std::string(4097, 'v')), "");
  EXPECT_NE(header_refusal("a", " v"), "");
  EXPECT_NE(header_refusal("a", "v\t"), "");
}

TEST(FramingHeader, IsKnownInAnyCase) {
  for (const char* name :
       {"Host", "HOST", "Content-Length", "transfer-encoding", "Connection", "Expect", "TE"}) {
    EXPECT_TRUE(is_framing_header(name)) << name;
  }
  EXPECT_FALSE(is_framing_header("Content-Type"));
  EXPECT_FALSE(is_framing_header("Hosts"));
}

}  // namespace
}  // namespace tocsin::net
