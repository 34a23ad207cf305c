// What a child wrote is read, whole or cut off.
#include "conformance/scribe.hpp"

#include <gtest/gtest.h>

namespace tocsin::conformance {
namespace {

TEST(Scribe, CountsFindingsThatAreAlike) {
  Scribe scribe(-1);
  scribe.find({"acme", "first", "mend it", false, 0});
  scribe.find({"acme", "second", "mend it", false, 0});
  scribe.find({"other", "third", "mend it", false, 0});
  ASSERT_EQ(scribe.findings().size(), 2U);
  EXPECT_EQ(scribe.findings()[0].more, 1U);
}

TEST(Scribe, ReadsWhatACrashLeftBehind) {
  const auto written = read_written(
      "at loading\nfound {\"type\":\"acme\",\"what\":\"w\",\"fix\":\"f\",\"advice\":true}\nmore 0 4\nat "
      "deliver");
  ASSERT_EQ(written.findings.size(), 1U);
  EXPECT_TRUE(written.findings[0].advice);
  EXPECT_EQ(written.findings[0].more, 4U);
  EXPECT_EQ(written.last_step, "deliver");
  EXPECT_FALSE(written.ended);
}

TEST(Scribe, IsNotConfusedByNonsense) {
  const auto written = read_written("found nonsense\nmore\nmore 9 9\nmore x\n\nend\n");
  EXPECT_TRUE(written.ended);
  EXPECT_EQ(written.findings.size(), 1U);
}

}  // namespace
}  // namespace tocsin::conformance
