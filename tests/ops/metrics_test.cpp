// Counting and the text a scraper reads.
#include "ops/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tocsin::ops {
namespace {

TEST(Metrics, GivesTheSameSeriesForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& a = metrics.counter("tocsin_events", "Events.", {{"team", "red"}});
  Counter& b = metrics.counter("tocsin_events", "Events.", {{"team", "red"}});
  Counter& c = metrics.counter("tocsin_events", "Events.", {{"team", "blue"}});
  EXPECT_EQ(&a, &b);
  EXPECT_NE(&a, &c);
}

TEST(Metrics, WritesOpenMetricsTextInAStableOrder) {
  Metrics metrics;
  metrics.gauge("tocsin_connections", "Open connections.").set(-2);
  metrics.counter("tocsin_events", "Events taken.", {{"team", "red"}, {"result", "ok"}}).add(3);
  Histogram& histogram = metrics.histogram("tocsin_commit_seconds", "Commit.", {0.5, 1, 2.5});
  histogram.observe(0.5);
  histogram.observe(2);
  histogram.observe(100);
  EXPECT_EQ(metrics.open_metrics(),
            "# TYPE tocsin_commit_seconds histogram\n"
            "# HELP tocsin_commit_seconds Commit.\n"
            "tocsin_commit_seconds_bucket{le=\"0.5\"} 1\n"
            "tocsin_commit_seconds_bucket{le=\"1.0\"} 1\n"
            "tocsin_commit_seconds_bucket{le=\"2.5\"} 2\n"
            "tocsin_commit_seconds_bucket{le=\"+Inf\"} 3\n"
            "tocsin_commit_seconds_count 3\n"
            "tocsin_commit_seconds_sum 102.5\n"
            "# TYPE tocsin_connections gauge\n"
            "# HELP tocsin_connections Open connections.\n"
            "tocsin_connections -2\n"
            "# TYPE tocsin_events counter\n"
            "# HELP tocsin_events Events taken.\n"
            "tocsin_events_total{team=\"red\",result=\"ok\"} 3\n"
            "# EOF\n");
}

TEST(Metrics, EscapesLabelValuesAndHelp) {
  Metrics metrics;
  metrics.counter("x", "two\nlines \"quoted\"", {{"name", "a\"b\\c\nd"}}).add();
  const std::string text = metrics.open_metrics();
  EXPECT_THAT(text, testing::HasSubstr("# HELP x two\\nlines \\\"quoted\\\"\n"));
  EXPECT_THAT(text, testing::HasSubstr("x_total{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Metrics, PutsLabelsBeforeTheBucketBound) {
  Metrics metrics;
  metrics.histogram("h", "H.", {1}, {{"kind", "a"}}).observe(1);
  EXPECT_THAT(metrics.open_metrics(), testing::HasSubstr("h_bucket{kind=\"a\",le=\"1.0\"} 1\n"));
}

TEST(Metrics, CountsExactlyFromManyThreads) {
  Metrics metrics;
  Counter& counter = metrics.counter("n", "N.");
  Histogram& histogram = metrics.histogram("h", "H.", {1});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        histogram.observe(0.5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000u);
  EXPECT_EQ(histogram.bucket(0), 40'000u);
  EXPECT_DOUBLE_EQ(histogram.sum(), 20'000.0);
}

TEST(MetricsDeathTest, AbortsOnANameThatOpenMetricsRefuses) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  EXPECT_DEATH(static_cast<void>(metrics.counter("no spaces", "")), "expectation failed");
  EXPECT_DEATH(static_cast<void>(metrics.counter("x", "", {{"le", "1"}})), "expectation failed");
}

}  // namespace
}  // namespace tocsin::ops
