// The set of plugins: one bad plugin costs its own types and nothing else.
#include "plugin/plugin_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel_host.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;

TEST(PluginSet, KeepsTheGoodOnesWhenOneIsBad) {
  Table good;
  Table bad;
  bad.type.type = "test.bad";
  bad.type.api = nullptr;
  const auto set = PluginSet::from_tables({&bad.plugin, &good.plugin, nullptr});
  ASSERT_EQ(set.states().size(), 3U);
  EXPECT_FALSE(set.states()[0].loaded);
  EXPECT_THAT(set.states()[0].problem, HasSubstr("plugin table:0 is refused: its channel type \"test.bad\""));
  EXPECT_TRUE(set.states()[1].loaded);
  EXPECT_EQ(set.states()[1].types, std::vector<std::string>{"test.channel"});
  EXPECT_EQ(set.states()[1].sdk, "test 1.0");
  EXPECT_THAT(set.states()[2].problem, HasSubstr("returned NULL"));
  EXPECT_NE(set.find_type("test.channel"), nullptr);
  EXPECT_EQ(set.find_type("test.bad"), nullptr);
  EXPECT_EQ(set.types().size(), 1U);
}

TEST(PluginSet, RefusesTheLaterOfTwoPluginsOfOneType) {
  Table first;
  Table second;
  const auto set = PluginSet::from_tables({&first.plugin, &second.plugin});
  EXPECT_TRUE(set.states()[0].loaded);
  EXPECT_FALSE(set.states()[1].loaded);
  EXPECT_THAT(set.states()[1].problem, HasSubstr("already provided by table:0"));
}

// A reload may be refused after its plugins were loaded: then they are let go, and what there was is there
// again.
TEST(PluginSet, KeepsOrUndoesWhatAReloadHasLoaded) {
  const std::string path = std::string(TOCSIN_BINARY_DIR) + "/tests/faulty/valid.so";
  Table table;
  std::vector<std::string> said;
  int loaded = 0;
  auto set = PluginSet::load({{path, "", Isolation::kSandbox, false}}, [&](const PluginSource&) {
    const std::string number = std::to_string(++loaded);
    // Another hash each time, as of a file that changes.
    return Result<Library>(Library{&table.plugin, number,
                                   [&said, number] { said.push_back("keep " + number); },
                                   [&said, number] { said.push_back("drop " + number); }});
  });
  EXPECT_EQ(said, std::vector<std::string>{"keep 1"});
  const auto first = set.find_type("test.channel");
  set.add({{path, "", Isolation::kSandbox, false}});
  EXPECT_TRUE(set.is_on_trial(path));
  EXPECT_NE(set.find_type("test.channel"), first);
  EXPECT_EQ(set.states()[0].sha256, "2");
  EXPECT_EQ(said.size(), 1U) << "nothing is decided yet";
  set.undo();
  EXPECT_FALSE(set.is_on_trial(path));
  EXPECT_EQ(set.find_type("test.channel"), first);
  EXPECT_EQ(set.states()[0].sha256, "1");
  EXPECT_EQ(said.back(), "drop 2");
  set.add({{path, "", Isolation::kSandbox, false}});
  set.keep();
  EXPECT_NE(set.find_type("test.channel"), first);
  EXPECT_EQ(set.states()[0].sha256, "3");
  EXPECT_EQ(said, (std::vector<std::string>{"keep 1", "drop 2", "keep 3"}));
}

}  // namespace
}  // namespace tocsin::plugin::tests
