// What an event pattern takes, and what is refused when it is saved.
#include "routing/pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/small_catalogue.hpp"

namespace tocsin::routing {
namespace {

using testing::HasSubstr;

TEST(Pattern, TakesExactlyWhatItSays) {
  struct Case {
    std::string pattern, type;
    bool matches;
    const char* sentence;
  };
  const Case cases[] = {
      {"finding.created", "finding.created", true, "an exact type takes itself"},
      {"finding.created", "finding.resolved", false, "and nothing else"},
      {"finding.created", "finding.created.late", false, "nor what is below it"},
      {"finding.*", "finding.created", true, "a group takes one further segment"},
      {"finding.*", "finding.created.late", true, "or more"},
      {"finding.*", "finding", false, "but not the bare prefix"},
      {"finding.*", "findings.created", false, "and a segment is whole or not at all"},
      {"finding.created.*", "finding.created.late", true, "a longer prefix works alike"},
      {"finding.created.*", "finding.created", false, "and does not take its own prefix"},
      {"*", "user.login", true, "a star takes everything"},
      {"*", "channel.test", false, "but the test message"},
      {"channel.*", "channel.test", false, "which a group does not take either"},
      {"channel.test", "channel.test", true, "only its exact name does"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(pattern_matches(c.pattern, c.type), c.matches)
        << c.sentence << ": " << c.pattern << " " << c.type;
  }
}

TEST(Pattern, IsAcceptedWhereItCanMatchAKnownType) {
  const auto catalogue = small_catalogue();
  for (const auto* pattern : {"*", "finding.*", "finding.created", "compliance.*", "channel.test"}) {
    EXPECT_TRUE(check_pattern(pattern, *catalogue)) << pattern;
  }
}

TEST(Pattern, IsRefusedWhereItIsMalformed) {
  const auto catalogue = small_catalogue();
  for (const auto* pattern : {"", ".", ".*", "**", "*.created", "finding*", "finding.", ".created",
                              "finding.*.late", "finding..*", "Finding.*", "finding.creat?d",
                              "finding created", "finding", "finding.**", "*.*", "finding.created "}) {
    const auto checked = check_pattern(pattern, *catalogue);
    ASSERT_FALSE(checked) << pattern;
    EXPECT_EQ(checked.error().code, Errc::kInvalid);
    EXPECT_THAT(checked.error().detail, HasSubstr("is no event pattern")) << pattern;
  }
}

TEST(Pattern, IsRefusedWhereItCanNeverMatch) {
  const auto catalogue = small_catalogue();
  const auto refused = [&](std::string_view pattern) {
    return check_pattern(pattern, *catalogue).error().detail;
  };
  EXPECT_THAT(refused("findings.*"), HasSubstr("did you mean \"finding.*\"?"));
  EXPECT_THAT(refused("finding.craeted"), HasSubstr("did you mean \"finding.created\""));
  EXPECT_THAT(refused("finding.created.*"), HasSubstr("can never match"));
  EXPECT_THAT(refused("zebra.crossing"), HasSubstr("the known groups are \"finding.*\""));
  EXPECT_THAT(refused("channel.*"), HasSubstr("can never match")) << "the test type is in no group";
}

TEST(Pattern, ShortensAnEndlessOneInTheErrorText) {
  const auto checked = check_pattern(std::string(5000, 'x'), *small_catalogue());
  ASSERT_FALSE(checked);
  EXPECT_LT(checked.error().detail.size(), 600U);
}

}  // namespace
}  // namespace tocsin::routing
