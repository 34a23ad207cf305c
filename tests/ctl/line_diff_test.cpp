// The difference of golden files as people read it.
#include "ctl/line_diff.hpp"

#include <gtest/gtest.h>

namespace tocsin::ctl {
namespace {

TEST(LineDiff, SaysNothingOfEqualTexts) {
  EXPECT_EQ(diff_lines("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(diff_lines("", ""), "");
}

TEST(LineDiff, ShowsWhatChangedBetweenTwoEqualLinesEachSide) {
  EXPECT_EQ(diff_lines("1\n2\n3\n4\n5\n6\n", "1\n2\n3\nx\n5\n6\n"), "  2\n  3\n- 4\n+ x\n  5\n  6\n");
}

TEST(LineDiff, LeavesOutWhatIsFarFromAChange) {
  EXPECT_EQ(diff_lines("a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n"),
            "- a\n+ x\n  1\n  2\n...\n  5\n  6\n- b\n+ y\n");
}

TEST(LineDiff, ShowsLinesThatCameAndWent) {
  EXPECT_EQ(diff_lines("", "new"), "+ new\n");
  EXPECT_EQ(diff_lines("old\n", ""), "- old\n");
  EXPECT_EQ(diff_lines("a\nb\n", "a\nnew\nb\n"), "  a\n+ new\n  b\n");
}

}  // namespace
}  // namespace tocsin::ctl
