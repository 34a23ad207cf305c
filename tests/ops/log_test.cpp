// What the log promises a reader: one line an occurrence, no forged lines, no flood.
#include "ops/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tocsin::ops {
namespace {

class Log : public testing::Test {
 protected:
  ~Log() override { configure_log({}); }

  void configure(LogFormat format, LogLevel level = LogLevel::kInfo, std::uint32_t repeats = 0) {
    LogOptions options;
    options.level = level;
    options.format = format;
    options.repeats = repeats;
    options.repeat_window_ms = 1000;
    options.clock = &clock_;
    options.capture = [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    };
    configure_log(std::move(options));
  }

  ManualClock clock_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(Log, WritesAJsonObjectALineWithTypedFields) {
  configure(LogFormat::kJson);
  log_info("net", "listening",
           {{"address", "127.0.0.1:80"}, {"count", 3}, {"ratio", 0.5}, {"tls", false}, {"big", 1ULL << 63}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(lines_[0],
            R"({"time":"2026-11-23T08:00:00.000Z","level":"info","component":"net","message":"listening",)"
            R"("address":"127.0.0.1:80","count":3,"ratio":0.5,"tls":false,"big":9223372036854775808})");
}

TEST_F(Log, EscapesValuesSoThatNoneForgesALine) {
  configure(LogFormat::kJson);
  const std::string hostile = "a\"b\\c\nlevel=error \x1b[31m\x01";
  log_warn("api", "refused", {{"value", hostile}, {"nan", std::numeric_limits<double>::quiet_NaN()}});
  configure(LogFormat::kText);
  log_warn("api", "refused", {{"value", hostile}});
  ASSERT_EQ(lines_.size(), 2u);
  EXPECT_EQ(boost::json::parse(lines_[0]).at("value").as_string(), hostile);
  EXPECT_TRUE(boost::json::parse(lines_[0]).at("nan").is_null());
  for (const std::string& line : lines_) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
}

TEST_F(Log, WritesUtf8WhateverBytesItIsGiven) {
  configure(LogFormat::kJson);
  log_info("plugin.x", "caf\xc3\xa9 \xff", {{"bad", "a\xc3(\xed\xa0\x80\xf0\x9f\x94\x94\xe2\x82"}});
  ASSERT_EQ(lines_.size(), 1u);
  const auto line = boost::json::parse(lines_[0]);
  const std::string unknown = "\xef\xbf\xbd";
  EXPECT_EQ(line.at("message").as_string(), "caf\xc3\xa9 " + unknown);
  EXPECT_EQ(line.at("bad").as_string(),
            "a" + unknown + "(" + unknown + unknown + unknown + "\xf0\x9f\x94\x94" + unknown + unknown);
}

TEST_F(Log, WritesTextWithQuotesOnlyWhereTheyAreNeeded) {
  configure(LogFormat::kText);
  log_error("store", "write failed", {{"path", "/var/db"}, {"reason", "disk full"}, {"code", 28}, {"x", ""}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(
      lines_[0],
      R"(2026-11-23T08:00:00.000Z error [store] write failed path=/var/db reason="disk full" code=28 x="")");
}

TEST_F(Log, WritesNothingBelowItsLevel) {
  configure(LogFormat::kText, LogLevel::kWarn);
  EXPECT_FALSE(log_enabled(LogLevel::kInfo));
  EXPECT_TRUE(log_enabled(LogLevel::kError));
  log_info("net", "no");
  log_warn("net", "yes");
  EXPECT_EQ(lines_.size(), 1u);
  configure(LogFormat::kText, LogLevel::kOff);
  log_error("net", "no");
  EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(Log, LeavesOutRepeatsAndSaysHowMany) {
  configure(LogFormat::kText, LogLevel::kInfo, 2);
  for (int i = 0; i < 5; ++i) log_warn("store", "slow commit", {{"ms", i}});
  log_warn("store", "another line");
  EXPECT_EQ(lines_.size(), 3u);
  clock_.advance_ms(1001);
  log_warn("store", "slow commit", {{"ms", 9}});
  ASSERT_EQ(lines_.size(), 4u);
  EXPECT_THAT(lines_[3], testing::HasSubstr("slow commit ms=9 left_out=3"));
}

TEST_F(Log, ReportsWhatWasLeftOutWithTheNextLineOfAnyKind) {
  configure(LogFormat::kText, LogLevel::kInfo, 1);
  for (int i = 0; i < 4; ++i) log_warn("net", "refused");
  clock_.advance_ms(1001);
  log_info("app", "still here");
  ASSERT_EQ(lines_.size(), 3u);
  EXPECT_THAT(lines_[1], testing::HasSubstr("warn [net] refused left_out=3"));
  EXPECT_THAT(lines_[2], testing::HasSubstr("still here"));
}

TEST_F(Log, ReportsWhatWasLeftOutAlsoWhileOtherLinesKeepComing) {
  configure(LogFormat::kText, LogLevel::kInfo, 1);
  log_warn("net", "refused");
  log_warn("net", "refused");
  for (int i = 0; i < 20; ++i) {
    clock_.advance_ms(100);
    log_info("app", "tick");
  }
  EXPECT_THAT(lines_, testing::Contains(testing::HasSubstr("refused left_out=1")));
}

TEST_F(Log, KeepsLinesWholeWhenManyThreadsWrite) {
  configure(LogFormat::kJson);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 100; ++i) log_info("net", "line", {{"thread", t}, {"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines_.size(), 400u);
  for (const std::string& line : lines_) EXPECT_TRUE(boost::json::parse(line).is_object());
}

TEST(LogOptions, NamesTheChoicesWhenAWordIsNotOne) {
  EXPECT_EQ(parse_log_level("warn").value(), LogLevel::kWarn);
  EXPECT_EQ(parse_log_format("json").value(), LogFormat::kJson);
  EXPECT_THAT(parse_log_level("loud").error().detail, testing::HasSubstr("trace, debug, info"));
  EXPECT_THAT(parse_log_format("xml").error().detail, testing::HasSubstr("text or json"));
}

}  // namespace
}  // namespace tocsin::ops
