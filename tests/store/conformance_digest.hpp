// Conformance of what leaves together: windows, floods, digests that come back, and the note an attempt
// leaves for the next. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

class StoreDigestConformance : public StoreConformance {
 protected:
  static constexpr std::int64_t kWindowEndMs = kStartMs + 60'000;

  DeliveryId put_in_window(std::int64_t due_ms = kWindowEndMs) {
    return write_one(plan({{ops, false, due_ms}})).seq + 1;
  }
  std::vector<DeliveryId> put_many_in_window(std::size_t count, std::int64_t due_ms = kWindowEndMs,
                                             std::size_t bytes_each = 0) {
    std::vector<NewEvent> events;
    std::vector<DeliveryId> ids_of_deliveries;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(plan({{ops, false, due_ms}}));
      if (bytes_each > 0) {
        Event event = *events.back().event;
        event.summary = std::string(bytes_each, 's');
        events.back().event = std::make_shared<const Event>(std::move(event));
      }
      ids_of_deliveries.push_back(events.back().event->seq + 1);
    }
    must(store->write(events, {}, kStartMs));
    return ids_of_deliveries;
  }
  DeliveryId put_test() {
    NewEvent event = plan({{ops, false}});
    Event test = *event.event;
    test.type = "channel.test";
    event.event = std::make_shared<const Event>(std::move(test));
    return write_one(event).seq + 1;
  }
  std::vector<Claimed> claim(std::int64_t now_ms, std::uint32_t collapse = 0, std::size_t limit = 100) {
    ClaimWish wish(limit);
    wish.digests = true;
    wish.collapse = collapse;
    return must(store->claim(ops, now_ms, wish));
  }
  static std::vector<DeliveryId> ids_in(const std::vector<Claimed>& claimed) {
    std::vector<DeliveryId> found;
    for (const auto& row : claimed) found.push_back(row.delivery);
    return found;
  }
  static Finish finish_all(const std::vector<Claimed>& digest, DeliveryState state, std::int64_t due_ms = 0) {
    Finish finish = make_finish(digest[0].delivery, digest[0].tries, state, due_ms);
    for (std::size_t i = 1; i < digest.size(); ++i) {
      finish.others.push_back({digest[i].delivery, digest[i].tries});
    }
    finish.attempt.message = digest[0].message;
    finish.attempt.events = static_cast<std::uint32_t>(digest.size());
    return finish;
  }
};

TEST_P(StoreDigestConformance, TakesUpAgainNothingOfADigestUnderWay) {
  put_many_in_window(3);
  const auto digest = claim(kWindowEndMs);
  ASSERT_EQ(digest.size(), 3U);
  EXPECT_TRUE(finish_one(finish_all(digest, DeliveryState::kScheduled, kWindowEndMs + 5000)));
  const auto members = ids_in(digest);
  EXPECT_TRUE(must(store->reopen(members, kWindowEndMs + 1)).empty());
  EXPECT_EQ(delivery(members[1]).due_ms, kWindowEndMs + 5000);
  const auto again = claim(kWindowEndMs + 5000);
  EXPECT_EQ(ids_in(again), members);
  EXPECT_TRUE(finish_one(finish_all(again, DeliveryState::kFailed)));
  const auto reopened = must(store->reopen(members, kWindowEndMs + 6000));
  ASSERT_EQ(reopened.size(), 1U);
  EXPECT_EQ(reopened[0].unfinished, 3) << "once it has ended each goes by itself";
  for (const auto& row : claim(kWindowEndMs + 6000)) EXPECT_EQ(row.message, 0);
}

TEST_P(StoreDigestConformance, KeepsAWindowUntilItsEndAndThenGivesItWhole) {
  const DeliveryId first = put_in_window();
  const DeliveryId second = put_in_window();
  EXPECT_EQ(delivery(first).due_ms, kWindowEndMs);
  EXPECT_TRUE(claim(kWindowEndMs - 1).empty());
  const auto digest = claim(kWindowEndMs);
  EXPECT_THAT(ids_in(digest), ElementsAre(first, second));
  EXPECT_EQ(digest[0].message, first);
  EXPECT_EQ(digest[1].message, first);
  EXPECT_TRUE(digest[1].more);
  EXPECT_TRUE(claim(kWindowEndMs).empty());
}

TEST_P(StoreDigestConformance, CountsAWindowInTheBacklogWithItsEnd) {
  put_in_window();
  put_in_window();
  const auto backlogs = must(store->list_backlogs());
  ASSERT_EQ(backlogs.size(), 1u);
  EXPECT_EQ(backlogs[0].unfinished, 2);
  EXPECT_EQ(backlogs[0].next_due_ms, kWindowEndMs);
}

TEST_P(StoreDigestConformance, GathersAllWindowsThatAreOverInOrderOfAcceptance) {
  const DeliveryId later = put_in_window(kWindowEndMs + 60'000);
  const DeliveryId sooner = put_in_window(kWindowEndMs);
  const DeliveryId not_yet = put_in_window(kWindowEndMs + 120'000);
  EXPECT_THAT(ids_in(claim(kWindowEndMs + 60'000)), ElementsAre(later, sooner));
  EXPECT_THAT(ids_in(claim(kWindowEndMs + 120'000)), ElementsAre(not_yet));
}

TEST_P(StoreDigestConformance, KeepsAloneWhatWasNotAcceptedForAWindow) {
  const DeliveryId in_window = put_in_window(kStartMs + 1);
  const DeliveryId alone = put_cold();
  const auto first = claim(kStartMs + 1);
  EXPECT_THAT(ids_in(first), ElementsAre(alone));
  EXPECT_EQ(first[0].message, 0);
  EXPECT_TRUE(first[0].more) << "the window is still to come";
  EXPECT_THAT(ids_in(claim(kStartMs + 1)), ElementsAre(in_window));
}

TEST_P(StoreDigestConformance, CutsAWindowAtAThousandEvents) {
  const auto all = put_many_in_window(2100);
  std::vector<DeliveryId> claimed;
  for (const std::size_t expected : {1000u, 1000u, 100u, 0u}) {
    const auto digest = claim(kWindowEndMs);
    ASSERT_EQ(digest.size(), expected);
    for (const auto& row : digest) {
      EXPECT_EQ(row.message, digest[0].delivery);
      claimed.push_back(row.delivery);
    }
  }
  EXPECT_EQ(claimed, all);
}

TEST_P(StoreDigestConformance, CutsAWindowAtFourMegabytesAndGivesItBackAsItWasCut) {
  put_many_in_window(10, kWindowEndMs, 1 << 20);
  const auto digest = claim(kWindowEndMs);
  EXPECT_EQ(digest.size(), 3u) << "the fourth would pass 4 MiB with what else it holds";
  const auto next = claim(kWindowEndMs);
  EXPECT_EQ(next.size(), 3u);
  EXPECT_TRUE(finish_one(finish_all(digest, DeliveryState::kScheduled, kWindowEndMs + 5000)));
  EXPECT_EQ(ids_in(claim(kWindowEndMs)).size(), 3u) << "the third digest";
  crash();
  EXPECT_EQ(ids_in(claim(kWindowEndMs)), ids_in(next));
}

TEST_P(StoreDigestConformance, GivesADigestBackWholeAndUnderItsNumber) {
  put_many_in_window(5);
  const auto digest = claim(kWindowEndMs);
  Finish finish = finish_all(digest, DeliveryState::kScheduled, kWindowEndMs + 5000);
  finish.attempt.carry = std::string("who has it\0already", 18);
  EXPECT_TRUE(finish_one(finish));
  const DeliveryId straggler = put_in_window();
  EXPECT_THAT(ids_in(claim(kWindowEndMs + 5000)), ElementsAre(straggler)) << "it joins no digest";
  const auto again = claim(kWindowEndMs + 5000);
  EXPECT_EQ(ids_in(again), ids_in(digest));
  for (const auto& row : again) {
    EXPECT_EQ(row.message, digest[0].delivery);
    EXPECT_EQ(row.tries, 1u);
  }
  EXPECT_EQ(again[0].carry, finish.attempt.carry);
  EXPECT_EQ(again[1].carry, "") << "kept once";
  EXPECT_TRUE(finish_one(finish_all(again, DeliveryState::kDelivered)));
  for (const auto& row : again) EXPECT_EQ(delivery(row.delivery).state, DeliveryState::kDelivered);
}

TEST_P(StoreDigestConformance, WritesAnAttemptForEachDeliveryOfADigestAndTheAnswerOnce) {
  put_many_in_window(3);
  const auto digest = claim(kWindowEndMs);
  EXPECT_TRUE(finish_one(finish_all(digest, DeliveryState::kDelivered)));
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto attempts = must(reader->list_attempts(digest[i].delivery));
    ASSERT_EQ(attempts.size(), 1u);
    EXPECT_EQ(attempts[0].message, digest[0].delivery);
    EXPECT_EQ(attempts[0].events, 3u);
    EXPECT_EQ(attempts[0].outcome.code, "webhook.http_200");
    EXPECT_EQ(attempts[0].response.empty(), i > 0);
  }
}

TEST_P(StoreDigestConformance, FindsADigestAfterACrashWithItsDueTimeItsMembersAndItsNumber) {
  put_many_in_window(1500);
  const auto digest = claim(kWindowEndMs + 7);
  const auto second = claim(kWindowEndMs + 7);
  EXPECT_TRUE(finish_one(finish_all(digest, DeliveryState::kDelivered)));
  const DeliveryId straggler = put_in_window();
  crash();
  EXPECT_EQ(delivery(second[0].delivery).due_ms, kWindowEndMs);
  EXPECT_EQ(must(store->list_backlogs()).front().next_due_ms, kWindowEndMs);
  std::vector<std::vector<DeliveryId>> found;
  for (int i = 0; i < 2; ++i) {
    const auto again = claim(kWindowEndMs + 8);
    found.push_back(ids_in(again));
    if (again.size() == 1) continue;
    EXPECT_EQ(again[0].message, second[0].delivery);
    EXPECT_TRUE(again[0].interrupted);
    const auto attempts = must(reader->list_attempts(again[4].delivery));
    ASSERT_EQ(attempts.size(), 1u);
    EXPECT_EQ(attempts[0].outcome.status, OutcomeStatus::kInterrupted);
    EXPECT_EQ(attempts[0].message, second[0].delivery);
    EXPECT_EQ(attempts[0].events, 500u);
  }
  EXPECT_THAT(found, testing::UnorderedElementsAre(ids_in(second), std::vector{straggler}));
  EXPECT_TRUE(claim(kWindowEndMs + 8).empty());
}

TEST_P(StoreDigestConformance, KeepsADigestTogetherThatWasReleased) {
  put_many_in_window(3);
  const auto digest = claim(kWindowEndMs);
  const DeliveryId other = put_in_window();
  must(store->release(ids_in(digest), kWindowEndMs + 100));
  const auto alone = claim(kWindowEndMs + 100);
  EXPECT_THAT(ids_in(alone), ElementsAre(other));
  EXPECT_TRUE(finish_one(finish_all(alone, DeliveryState::kDelivered)));
  stop_and_start();
  const auto again = claim(kWindowEndMs + 100);
  EXPECT_EQ(ids_in(again), ids_in(digest));
  EXPECT_EQ(again[0].message, digest[0].message);
  EXPECT_FALSE(again[0].interrupted);
}

TEST_P(StoreDigestConformance, CollapsesAFloodButNotATrickleAndNoTest) {
  const DeliveryId test = put_test();
  std::vector<DeliveryId> flood;
  for (int i = 0; i < 20; ++i) flood.push_back(put_cold());
  EXPECT_TRUE(claim(kStartMs, 0, 1)[0].message == 0) << "without the wish";
  const std::vector<DeliveryId> taken = {test};
  must(store->release(taken, kStartMs));
  flood.push_back(put_cold());
  const auto digest = claim(kStartMs, 20);
  EXPECT_EQ(ids_in(digest), flood);
  EXPECT_EQ(digest[0].message, flood[0]);
  const auto rest = claim(kStartMs, 20);
  EXPECT_THAT(ids_in(rest), ElementsAre(test));
  EXPECT_EQ(rest[0].message, 0);
}

TEST_P(StoreDigestConformance, MarksTheNumberOfADigestWhoseFirstWasTriedAlone) {
  const DeliveryId tried = put_hot();
  Finish finish = make_finish(tried, 0, DeliveryState::kScheduled, kStartMs + 10);
  finish.attempt.carry = "of its own";
  EXPECT_TRUE(finish_one(finish));
  const DeliveryId fresh = put_cold();
  const DeliveryId dying = put_hot();
  crash();
  const auto digest = claim(kStartMs + 10, 1);
  EXPECT_THAT(ids_in(digest), ElementsAre(tried, fresh, dying));
  EXPECT_EQ(digest[0].message, -tried);
  EXPECT_EQ(format_message_id(digest[0].message), format_delivery_id(tried) + "-d");
  EXPECT_EQ(digest[0].tries, 1u);
  EXPECT_EQ(digest[1].tries, 0u);
  EXPECT_EQ(digest[0].carry, "") << "the note was about another message";
  EXPECT_EQ(must(reader->list_attempts(dying)).front().message, 0) << "it was alone when it was interrupted";
  crash();
  EXPECT_EQ(claim(kStartMs + 10, 1)[0].message, -tried);
}

TEST_P(StoreDigestConformance, GivesEachAloneToATypeThatTakesNoDigests) {
  put_many_in_window(3);
  claim(kWindowEndMs);
  crash();
  const auto claimed = must(store->claim(ops, kWindowEndMs, 2));
  ASSERT_EQ(claimed.size(), 2u);
  EXPECT_EQ(claimed[0].message, 0);
  EXPECT_EQ(claimed[1].message, 0);
}

TEST_P(StoreDigestConformance, FencesEachDeliveryOfADigest) {
  put_many_in_window(2);
  const auto digest = claim(kWindowEndMs);
  Finish finish = finish_all(digest, DeliveryState::kDelivered);
  finish.others[0].tries = 7;
  EXPECT_TRUE(finish_one(finish));
  EXPECT_EQ(delivery(digest[0].delivery).state, DeliveryState::kDelivered);
  EXPECT_EQ(delivery(digest[1].delivery).state, DeliveryState::kSending);
}

TEST_P(StoreDigestConformance, GivesTheNextAttemptTheNoteOfTheLastThatThePluginEnded) {
  const DeliveryId id = put_hot();
  const auto attempt = [&](std::uint32_t tries, OutcomeStatus status, const std::string& carry,
                           bool counted = true) {
    Finish finish = make_finish(id, tries, DeliveryState::kScheduled, kStartMs);
    finish.counted = counted;
    finish.attempt.outcome.status = status;
    finish.attempt.carry = carry;
    EXPECT_TRUE(finish_one(finish));
    const auto claimed = must(store->claim(ops, kStartMs, 10));
    return claimed.size() == 1 ? claimed[0].carry : "not claimed";
  };
  EXPECT_EQ(attempt(0, OutcomeStatus::kRetry, "first"), "first");
  EXPECT_EQ(attempt(1, OutcomeStatus::kTimedOut, ""), "first") << "the plugin said nothing";
  EXPECT_EQ(attempt(2, OutcomeStatus::kInterrupted, "", false), "first");
  crash();
  EXPECT_EQ(must(store->claim(ops, kStartMs, 10)).front().carry, "first") << "nor after a crash";
  EXPECT_EQ(attempt(2, OutcomeStatus::kInterrupted, "second", false), "second") << "it had ended it";
  EXPECT_EQ(attempt(2, OutcomeStatus::kUncertain, ""), "") << "it left none";
  EXPECT_EQ(must(reader->list_attempts(id)).front().carry, "") << "shown to nobody";
}

}  // namespace tocsin::store
