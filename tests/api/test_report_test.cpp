// Every way a test can go, as the sentence that an admin reads.
#include "api/test_report.hpp"

#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

delivery::TestEnd end(OutcomeStatus status, std::string detail = "The server said no",
                      std::int64_t retry_after_ms = -1) {
  delivery::TestEnd end;
  end.ended = true;
  end.state = status == OutcomeStatus::kDelivered  ? DeliveryState::kDelivered
              : status == OutcomeStatus::kAccepted ? DeliveryState::kAccepted
                                                   : DeliveryState::kFailed;
  end.attempt.duration_us = 120'400;
  end.attempt.outcome = {status, retry_after_ms, "test.code", std::move(detail), ""};
  return end;
}

TEST(TestReport, SaysWhatHappenedAndWhatToDo) {
  struct Row {
    OutcomeStatus status;
    const char* result;
    const char* message;
  };
  const Row rows[] = {
      {OutcomeStatus::kDelivered, "delivered", "Delivered: the receiver confirmed it in 120 ms."},
      {OutcomeStatus::kAccepted, "accepted", "Accepted: look at the channel."},
      {OutcomeStatus::kRetry, "failed", "Not delivered. The server said no. This looks temporary"},
      {OutcomeStatus::kRateLimited, "failed", "Test again in a minute."},
      {OutcomeStatus::kRejected, "failed", "refused it for good. The server said no."},
      {OutcomeStatus::kUnreachable, "failed", "Check the recipients"},
      {OutcomeStatus::kMisconfigured, "failed", "The server said no. Change the channel's settings"},
      {OutcomeStatus::kGone, "failed", "Set the channel up anew."},
      {OutcomeStatus::kUncertain, "failed", "may or may not have arrived"},
      {OutcomeStatus::kTimedOut, "failed", "may or may not have arrived"},
      {OutcomeStatus::kInterrupted, "failed", "stopped or changed meanwhile"},
      {OutcomeStatus::kPluginFault, "failed", "broke its contract"},
  };
  for (const Row& row : rows) {
    const auto report = report_test(TestKind::kMessage, end(row.status));
    EXPECT_EQ(report.result, row.result) << to_string(row.status);
    EXPECT_THAT(report.message, HasSubstr(row.message));
  }
}

TEST(TestReport, NamesTheReceiversOwnWaitingTime) {
  EXPECT_THAT(report_test(TestKind::kMessage, end(OutcomeStatus::kRateLimited, "slow down", 29'500)).message,
              HasSubstr("Slow down. Test again in 30 s."));
}

TEST(TestReport, ShowsTheCodeWhereThereIsNoSentence) {
  EXPECT_THAT(report_test(TestKind::kMessage, end(OutcomeStatus::kRejected, "")).message,
              HasSubstr("The reason is test.code."));
}

TEST(TestReport, SpeaksOfTheConnectionWhereOnlyThatWasTested) {
  EXPECT_EQ(report_test(TestKind::kConnection, end(OutcomeStatus::kDelivered, "")).message,
            "The connection works: answered in 120 ms.");
  EXPECT_EQ(report_test(TestKind::kConnection, end(OutcomeStatus::kDelivered)).result, "connected");
  const auto failed = report_test(TestKind::kConnection, end(OutcomeStatus::kMisconfigured));
  EXPECT_EQ(failed.result, "failed");
  EXPECT_THAT(failed.message, StartsWith("The connection does not work. The server said no."));
}

TEST(TestReport, SaysWhatAWaitingTestWaitsFor) {
  delivery::TestEnd waiting;
  waiting.waits_for = "the receiver has not answered yet";
  EXPECT_EQ(report_test(TestKind::kMessage, waiting).result, "waiting");
  EXPECT_THAT(report_test(TestKind::kMessage, waiting).message,
              StartsWith("Not sent yet: the receiver has not answered yet."));
  EXPECT_THAT(report_test(TestKind::kConnection, waiting).message, StartsWith("No answer yet:"));
}

TEST(TestReport, SaysThatTheChannelWasRemoved) {
  auto removed = end(OutcomeStatus::kRetry);
  removed.state = DeliveryState::kCancelled;
  EXPECT_EQ(report_test(TestKind::kMessage, removed).message,
            "Not delivered: the channel was removed meanwhile.");
}

}  // namespace
}  // namespace tocsin::api
