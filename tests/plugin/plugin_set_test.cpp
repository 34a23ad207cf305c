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

}  // namespace
}  // namespace tocsin::plugin::tests
