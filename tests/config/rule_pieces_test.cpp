// A large file is read in pieces: the same file gives the same configuration, and the same errors, as when it
// is read whole.
#include "config/rule_pieces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::HasSubstr;

constexpr std::string_view kTwoTeams = R"([server] # a comment with [[team.rule]] in it
data_dir = "x"
hosts = [
  "a",
]
[[team]]
name = "one"
  [[ team.channel ]]
  name = "c"
  type = "webhook"
  [team.channel.settings]
  text = """
[[team.rule]]
name = "in a string, \""" still"
"""
  other = '''
[[team]]
'''
  quoted = "[[team.rule]] \" ["
  "odd key" = 'it is # no comment' # [
[[team.rule]] # the first
name = "r1"
channels = ["c"]
events = [
  "finding.*", # ]
  "*",
]
[team.rule.labels]
env = "[[team.rule]]"
[[team.rule]]
name = "r2"
channels = ["c"]
[[team.channel]]
name = "d"
type = "webhook"
[[team.rule]]
name = "r3"
channels = ["d", "c"]
[[team]]
name = "two"
[[team.channel]]
name = "c"
type = "webhook"
[[team.rule]]
name = "r4"
channels = ["c"]
)";

TEST(RulePieces, AreWholeBlocksOfTheirTeamAndLeaveTheRestLineForLine) {
  const std::string text(kTwoTeams);
  const auto cut = cut_rules(text);
  ASSERT_TRUE(cut);
  ASSERT_EQ(cut->pieces.size(), 3U);
  EXPECT_EQ(cut->pieces[0].team, 0U);
  EXPECT_TRUE(cut->pieces[0].text.starts_with("[[team.rule]] # the first\n"));
  EXPECT_TRUE(cut->pieces[0].text.ends_with("name = \"r2\"\nchannels = [\"c\"]\n"));
  EXPECT_EQ(cut->pieces[1].text, "[[team.rule]]\nname = \"r3\"\nchannels = [\"d\", \"c\"]\n");
  EXPECT_EQ(cut->pieces[2].team, 1U);
  EXPECT_EQ(std::count(cut->rest.begin(), cut->rest.end(), '\n'), std::count(text.begin(), text.end(), '\n'));
  EXPECT_THAT(cut->rest, HasSubstr("in a string"));
  EXPECT_EQ(cut->rest.find("r1"), std::string::npos);
}

TEST(RulePieces, AreNotCutWhereTheFormIsUnusual) {
  for (const auto* text :
       {"", "[server]\n", "[[team]]\nname = \"t\"\n", "[[team.rule]]\nname = \"r\"\n",
        "[[team]]\n[[\"team\".rule]]\n[[team.rule]]\n", "[[team]]\n[team.rule.labels]\n[[team.rule]]\n",
        "[[team]]\n[[team.rule]]\nname = \"\"\"\n", "[[team]]\n[[team.rule]]\nevents = [\n"}) {
    EXPECT_FALSE(cut_rules(text)) << text;
  }
}

// A sound configuration, made large by a comment.
std::string large_config() {
  std::string text = "#" + std::string(1 << 18, ' ') + "\n";
  for (const std::string team : {"one", "two"}) {
    text += "[[team]]\nname = \"" + team + "\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\n";
    for (int i = 0; i < 200; ++i) {
      text += "[[team.rule]]\nname = \"rule-" + std::to_string(i) + "\"\nsources = [\"" + team +
              "\"]\nlabels = { n = \"" + std::to_string(i) + "\" }\nchannels = [\"c\"]\n";
    }
    text += "[[team.channel]]\nname = \"d\"\ntype = \"webhook\"\n";
  }
  return text;
}

TEST(RulePieces, GiveTheSameConfigurationAsTheWholeFile) {
  const ConfigFolder folder;
  const auto text = large_config();
  const auto large = folder.load(text);
  const auto small = folder.load("#" + text.substr((1 << 18) + 1));
  ASSERT_TRUE(large) << large.error().detail;
  ASSERT_TRUE(small) << small.error().detail;
  ASSERT_EQ(large->teams.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(routing::write_definition(large->teams[i].definition()),
              routing::write_definition(small->teams[i].definition()));
    EXPECT_EQ(large->teams[i].definition().rules.size(), 200U);
    EXPECT_EQ(large->teams[i].channels[1].position.line, small->teams[i].channels[1].position.line);
  }
}

TEST(RulePieces, GiveTheSameErrorsAsTheWholeFile) {
  const ConfigFolder folder;
  const auto sound = large_config();
  const std::string endings[] = {"[[team.rule]]\nname = \"rule-5\"\nchannels = [\"c\"]\n",
                                 "[[team.rule]]\nname = \"x\"\nchannels = [\"e\"]\n",
                                 "[[team.rule]]\nname = \"x\"\nchannels = [\"c\"]\nevents = [\"finding\"]\n",
                                 "[[team.rule]]\nname = \"x\nchannels = [\"c\"]\n",
                                 "[[team.rule]]\nname = \"x\"\nname = \"y\"\n",
                                 "[[team.rule]]\nunknown = 1\nname = \"x\"\nchannels = [\"c\"]\n",
                                 "[log]\nlevel = \"loud\"\n",
                                 "[[team]]\nname = \"two\"\n",
                                 "[team.rule]\nname = \"x\"\n",
                                 "[[team]]\nname = \"x\"\nrule = []\n[[team.rule]]\nname = \"x\"\n"};
  for (const auto& ending : endings) {
    const auto large = folder.load(sound + ending);
    const auto small = folder.load("#" + sound.substr((1 << 18) + 1) + ending);
    ASSERT_FALSE(large) << ending;
    ASSERT_FALSE(small) << ending;
    EXPECT_EQ(large.error().detail, small.error().detail);
    EXPECT_EQ(large.error().fields.size(), small.error().fields.size());
  }
}

}  // namespace
}  // namespace tocsin::config
