// The last hour's numbers: what is counted for which minute, and what is forgotten.
#include "store/activity_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace tocsin::store {
namespace {

using testing::Each;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kStartMs = 500'000 * kHourMs;

// The hour whose last minute is that of `now_ms`.
ActivityFilter hour_until(std::int64_t now_ms) {
  return {1, {7}, (now_ms / kMinuteMs + 1) * kMinuteMs - kHourMs, 60};
}

TEST(Durations, AreWithinTenPercentFromAboveAndMergeByCounts) {
  Durations took;
  EXPECT_EQ(took.percentile(50), 0);
  for (std::int64_t ms = 1; ms <= 1'000; ++ms) took.add(ms);
  EXPECT_GE(took.percentile(50), 500);
  EXPECT_LE(took.percentile(50), 550);
  EXPECT_GE(took.percentile(95), 950);
  EXPECT_LE(took.percentile(95), 1'045);
  Durations slow;
  for (int i = 0; i < 3'000; ++i) slow.add(40LL * 24 * kHourMs);  // longer than the longest class
  took.add(slow);
  EXPECT_EQ(took.total(), 4'000u);
  EXPECT_GT(took.percentile(50), 24 * kHourMs);
  Durations none;
  none.add(0);
  EXPECT_EQ(none.percentile(95), 0);
}

TEST(ActivityBook, CountsEachMinuteAndForgetsItAnHourLater) {
  ActivityBook book;
  book.took_in(1, kStartMs);
  book.took_in(1, kStartMs + kMinuteMs - 1);
  book.took_in(2, kStartMs);  // another team's
  book.ended(7, DeliveryState::kDelivered, kStartMs + kMinuteMs, kStartMs);
  book.ended(7, DeliveryState::kAccepted, kStartMs + kMinuteMs, kStartMs);
  book.ended(7, DeliveryState::kFailed, kStartMs + kMinuteMs, kStartMs);
  book.ended(7, DeliveryState::kCancelled, kStartMs + kMinuteMs, kStartMs);  // neither well nor badly
  book.ended(8, DeliveryState::kDelivered, kStartMs, kStartMs);              // not asked for
  const auto then = book.summarize(hour_until(kStartMs + kMinuteMs));
  EXPECT_EQ(then.events[58], 2);
  EXPECT_EQ(then.delivered[59], 2);
  EXPECT_EQ(then.failed[59], 1);
  EXPECT_EQ(then.channels[0].delivered, 2);
  EXPECT_EQ(then.channels[0].failed, 1);
  EXPECT_EQ(then.took.total(), 2u);
  const auto later = book.summarize(hour_until(kStartMs + 59 * kMinuteMs));
  EXPECT_EQ(later.events[0], 2);
  const auto gone = book.summarize(hour_until(kStartMs + kHourMs + 20 * kMinuteMs));
  EXPECT_THAT(gone.events, Each(0));
  EXPECT_THAT(gone.delivered, Each(0));
  EXPECT_EQ(gone.took.total(), 0u);
}

TEST(ActivityBook, CountsNothingOfAnHourThatIsOverIntoThePresentOne) {
  ActivityBook book;
  book.took_in(1, kStartMs + kHourMs);
  book.took_in(1, kStartMs);  // a recount that comes late: the same place of the ring
  const auto now = book.summarize(hour_until(kStartMs + kHourMs));
  EXPECT_EQ(now.events[59], 1);
  EXPECT_EQ(std::accumulate(now.events.begin(), now.events.end(), std::int64_t{0}), 1);
}

TEST(ActivityBook, SaysFromWhenOnItIsComplete) {
  ActivityBook book;
  EXPECT_FALSE(book.summarize(hour_until(kStartMs)).complete);
  book.covers_since(kStartMs - 30 * kMinuteMs);
  EXPECT_FALSE(book.summarize(hour_until(kStartMs)).complete);
  EXPECT_TRUE(book.summarize(hour_until(kStartMs + 30 * kMinuteMs)).complete);
}

TEST(ActivityBook, CountsWhatACommitWroteAndNothingElse) {
  ActivityBook book;
  const auto make = [] {
    NewEvent event;
    event.team = 1;
    event.event = std::make_shared<Event>();
    const_cast<Event&>(*event.event).received_ms = kStartMs;
    return event;
  };
  const std::vector<NewEvent> events{make(), make(), make()};
  std::vector<Accepted> accepted(3);
  accepted[1].kind = Accepted::Kind::kDuplicate;
  accepted[2].kind = Accepted::Kind::kConflict;
  Finish digest;
  digest.channel = 7;
  digest.delivery = kStartMs << 20;
  digest.others = {{(kStartMs << 20) + 1, 0}, {(kStartMs << 20) + 2, 0}};
  Finish fenced = digest;
  Finish retry = digest;
  retry.state = DeliveryState::kScheduled;
  book.note(events, accepted, std::vector{digest, fenced, retry}, {true, false, true}, kStartMs + 250);
  const auto activity = book.summarize(hour_until(kStartMs + 250));
  EXPECT_EQ(activity.events[59], 1);
  EXPECT_EQ(activity.delivered[59], 3);
  EXPECT_GE(activity.took.percentile(95), 250);
  EXPECT_LE(activity.took.percentile(95), 275);
}

}  // namespace
}  // namespace tocsin::store
