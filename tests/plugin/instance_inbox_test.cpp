// Inbox items from a plugin to a store that answers when the test says so: what is copied and refused, and
// one callback for each put, however the attempt or the instance ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "channel_host.hpp"
#include "plugin/inbox_item.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

tocsin_inbox_item plain_item() {
  tocsin_inbox_item item{};
  item.size = sizeof item;
  item.severity = TOCSIN_HIGH;
  item.category = TOCSIN_SYSTEM_ERROR;
  item.time_unix_ms = 5;
  item.id = tocsin_lit("evt_1");
  item.title = tocsin_lit("Disk full");
  return item;
}

// A store that keeps what it was asked for until the test answers.
struct LateStore {
  struct Put {
    std::string team;
    InboxItem item;
    std::function<void(Result<StoredItem>)> done;
  };
  PutItem as_service() {
    return [this](const std::string& team, InboxItem item, std::function<void(Result<StoredItem>)> done) {
      const std::lock_guard lock(mutex);
      puts.push_back({team, std::move(item), std::move(done)});
      changed.notify_all();
    };
  }
  Put take() {
    std::unique_lock lock(mutex);
    const bool there = changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(30),
                                          [this] { return !puts.empty(); });
    EXPECT_TRUE(there);
    Put put = std::move(puts.front());
    puts.erase(puts.begin());
    return put;
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Put> puts;
};

// A channel that puts one item for each delivery and completes with what the store says.
struct Teller {
  Script script;
  Table table;
  const char* requires_ext[2]{TOCSIN_EXT_INBOX, nullptr};
  std::mutex mutex;
  std::vector<tocsin_status> answers;
  std::vector<std::string> items;
  std::vector<bool> duplicates;
  bool completes = true;
  std::string title = "Disk full";
  Signal answered;

  Teller() {
    table.type.requires_ext = requires_ext;
    table.egress[0] = nullptr;
    script.deliver = [this](const tocsin_message&, tocsin_delivery* delivery) {
      if (const auto status = put(delivery); status != TOCSIN_OK) script.complete(delivery, TOCSIN_RETRY);
    };
  }
  tocsin_status put(tocsin_delivery* delivery) {
    std::string passing = title;  // gone when put() has returned
    tocsin_inbox_item item = plain_item();
    item.title = tocsin_lit(passing.c_str());
    const auto status =
        script.extension<tocsin_inbox>(TOCSIN_EXT_INBOX).put(script.host, delivery, &item, &stored, this);
    passing.assign(passing.size(), 'x');
    return status;
  }
  static void stored(tocsin_instance*, tocsin_delivery* delivery, const tocsin_inbox_result* result,
                     void* user) {
    auto& self = *static_cast<Teller*>(user);
    {
      const std::lock_guard lock(self.mutex);
      self.answers.push_back(result->status);
      self.items.emplace_back(view(result->item));
      self.duplicates.push_back(result->duplicate != 0);
    }
    self.answered.set();
    if (result->status == TOCSIN_E_STALE || !self.completes) return;
    self.script.complete(delivery, result->status == TOCSIN_OK ? TOCSIN_DELIVERED : TOCSIN_RETRY);
  }
  std::vector<tocsin_status> seen() {
    const std::lock_guard lock(mutex);
    return answers;
  }
};

class InstanceInbox : public ::testing::Test {
 protected:
  InstanceInbox() { host.services.put_item = store.as_service(); }
  std::shared_ptr<ChannelInstance> make() {
    auto made = host.make(teller.script, teller.table);
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return *made;
  }
  LateStore store;
  Teller teller;
  ChannelHost host;
};

TEST_F(InstanceInbox, StoresACopyForTheChannelsTeamAndTellsWhichItemItIs) {
  const auto instance = make();
  instance->deliver({make_job(1)});
  auto put = store.take();
  EXPECT_EQ(put.team, "ops");
  EXPECT_EQ(put.item.key, "evt_1");
  EXPECT_EQ(put.item.title, "Disk full");
  EXPECT_EQ(put.item.severity, Severity::kHigh);
  EXPECT_EQ(put.item.category, Category::kSystemError);
  EXPECT_EQ(host.sink.count(), 0u) << "not delivered before it is stored";
  put.done(StoredItem{33, true});
  EXPECT_EQ(host.sink.wait(1).front().attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_THAT(teller.items, ElementsAre("itm_0000000000011"));
  EXPECT_THAT(teller.duplicates, ElementsAre(true));
  instance->stop(5'000);
}

TEST_F(InstanceInbox, TellsThatTheStoreCannotAndWritesDownWhy) {
  const auto instance = make();
  instance->deliver({make_job(1)});
  store.take().done(make_error(Errc::kStorageFull, "no room is left"));
  const auto result = host.sink.wait(1).front();
  EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kRetry);
  EXPECT_THAT(result.attempt.outcome.detail, HasSubstr("no room is left"));
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_E_BUSY));
  instance->stop(5'000);
}

TEST_F(InstanceInbox, TakesAnAnswerThatComesBeforePutReturns) {
  host.services.put_item = [](const std::string&, InboxItem, const auto& done) {
    done(StoredItem{1, false});
  };
  const auto instance = make();
  instance->deliver({make_job(1), make_job(2)});
  host.sink.wait(2);
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_OK, TOCSIN_OK));
  instance->stop(5'000);
}

TEST_F(InstanceInbox, CallsBackOnceWhereTheAttemptTimesOutFirst) {
  const auto instance = make();
  instance->deliver({make_job(1)});
  auto put = store.take();
  instance->expire(1'795'420'800'000 + 200'000);
  EXPECT_EQ(host.sink.wait(1).front().attempt.outcome.status, OutcomeStatus::kTimedOut);
  EXPECT_TRUE(teller.answered.wait());
  put.done(StoredItem{1, false});
  instance->stop(5'000);
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_E_STALE));
}

TEST_F(InstanceInbox, CallsBackBeforeItIsDestroyedWhereItStopsWithAPutUnderWay) {
  auto instance = make();
  int answers_at_destroy = -1;
  teller.script.destroy = [&] { answers_at_destroy = static_cast<int>(teller.seen().size()); };
  instance->deliver({make_job(1)});
  auto put = store.take();
  instance->stop(5'000);
  EXPECT_EQ(teller.script.destroyed, 1);
  EXPECT_EQ(answers_at_destroy, 1);
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_E_STALE));
  EXPECT_EQ(host.sink.wait(1).front().attempt.outcome.status, OutcomeStatus::kInterrupted);
  instance.reset();
  put.done(StoredItem{1, false});  // holds the last share of the instance
  put.done = nullptr;
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_E_STALE));
}

TEST_F(InstanceInbox, CallsBackWhereThePluginDidNotWait) {
  teller.completes = false;
  teller.script.deliver = [this](const tocsin_message&, tocsin_delivery* delivery) {
    EXPECT_EQ(teller.put(delivery), TOCSIN_OK);
    teller.script.complete(delivery);
    EXPECT_EQ(teller.put(delivery), TOCSIN_E_STALE);
  };
  const auto instance = make();
  instance->deliver({make_job(1)});
  auto put = store.take();
  host.sink.wait(1);
  EXPECT_TRUE(teller.answered.wait());
  put.done(StoredItem{1, false});
  instance->stop(5'000);
  EXPECT_THAT(teller.seen(), ElementsAre(TOCSIN_E_STALE));
}

TEST_F(InstanceInbox, RefusesMorePutsThanItMayHold) {
  teller.script.deliver = [this](const tocsin_message&, tocsin_delivery* delivery) {
    for (int i = 0; i < 256; ++i) EXPECT_EQ(teller.put(delivery), TOCSIN_OK);
    EXPECT_EQ(teller.put(delivery), TOCSIN_E_BUSY);
    teller.script.complete(delivery);
  };
  const auto instance = make();
  instance->deliver({make_job(1)});
  host.sink.wait(1);
  instance->stop(5'000);
  EXPECT_EQ(teller.seen().size(), 256u);
}

TEST_F(InstanceInbox, SaysSoWhereTheHostHasNoStore) {
  host.services.put_item = nullptr;
  tocsin_status status = TOCSIN_OK;
  teller.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    status = teller.put(delivery);
    teller.script.complete(delivery);
  };
  const auto instance = make();
  instance->deliver({make_job(1)});
  host.sink.wait(1);
  EXPECT_EQ(status, TOCSIN_E_UNSUPPORTED);
  instance->stop(5'000);
}

TEST_F(InstanceInbox, SurvivesAnswersFromManyThreads) {
  std::vector<std::thread> threads;
  host.services.put_item = [&](const std::string&, InboxItem, std::function<void(Result<StoredItem>)> done) {
    const std::lock_guard lock(store.mutex);
    threads.emplace_back([done = std::move(done)] { done(StoredItem{1, false}); });
  };
  const auto instance = make();
  for (DeliveryId id = 1; id <= 50; ++id) instance->deliver({make_job(id)});
  host.sink.wait(50);
  instance->stop(5'000);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(teller.seen().size(), 50u);
}

// ---- the item

struct ItemCase {
  const char* says;
  std::function<void(tocsin_inbox_item&)> change;
  tocsin_status status;
};

TEST(InboxItemOfAPlugin, IsCheckedFieldByField) {
  static const std::string long_text(70'000, 'x');
  static const std::string deep = std::string(200, '[') + std::string(200, ']');
  static const std::string deep_object = "{\"a\":" + deep + "}";
  const auto cut = [](std::size_t bytes) { return tocsin_string(long_text.data(), bytes); };
  const ItemCase cases[] = {
      {"a plain one", [](auto&) {}, TOCSIN_OK},
      {"a size of 0", [](auto& item) { item.size = 0; }, TOCSIN_E_INVALID},
      {"flags", [](auto& item) { item.flags = 1; }, TOCSIN_E_INVALID},
      {"a severity of 5", [](auto& item) { item.severity = 5; }, TOCSIN_E_INVALID},
      {"a category of 0", [](auto& item) { item.category = 0; }, TOCSIN_E_INVALID},
      {"a category of 4", [](auto& item) { item.category = 4; }, TOCSIN_E_INVALID},
      {"no id", [](auto& item) { item.id = {}; }, TOCSIN_E_INVALID},
      {"an id that only has a length",
       [](auto& item) {
         item.id = {nullptr, 5};
       },
       TOCSIN_E_INVALID},
      {"no title", [](auto& item) { item.title = {}; }, TOCSIN_E_INVALID},
      {"an id of 256", [&](auto& item) { item.id = cut(256); }, TOCSIN_OK},
      {"an id of 257", [&](auto& item) { item.id = cut(257); }, TOCSIN_E_TOO_LARGE},
      {"a title of 1 KiB", [&](auto& item) { item.title = cut(1024); }, TOCSIN_OK},
      {"a longer title", [&](auto& item) { item.title = cut(1025); }, TOCSIN_E_TOO_LARGE},
      {"a longer summary", [&](auto& item) { item.summary = cut(8193); }, TOCSIN_E_TOO_LARGE},
      {"a longer link", [&](auto& item) { item.link = cut(2049); }, TOCSIN_E_TOO_LARGE},
      {"a longer json", [&](auto& item) { item.json = cut(65'537); }, TOCSIN_E_TOO_LARGE},
      {"a longer user", [&](auto& item) { item.user = cut(129); }, TOCSIN_E_TOO_LARGE},
      {"a user with a blank", [](auto& item) { item.user = tocsin_lit("a b"); }, TOCSIN_E_INVALID},
      {"a user with a line break", [](auto& item) { item.user = tocsin_lit("a\nb"); }, TOCSIN_E_INVALID},
      {"an https link", [](auto& item) { item.link = tocsin_lit("https://a.example/"); }, TOCSIN_OK},
      {"a script for a link", [](auto& item) { item.link = tocsin_lit("javascript:alert(1)"); },
       TOCSIN_E_INVALID},
      {"a link with a line break", [](auto& item) { item.link = tocsin_lit("https://a\n"); },
       TOCSIN_E_INVALID},
      {"an object", [](auto& item) { item.json = tocsin_lit(R"({"a":[1.10]})"); }, TOCSIN_OK},
      {"an array for json", [](auto& item) { item.json = tocsin_lit("[]"); }, TOCSIN_E_INVALID},
      {"half an object", [](auto& item) { item.json = tocsin_lit("{\"a\":"); }, TOCSIN_E_INVALID},
      {"an object and more", [](auto& item) { item.json = tocsin_lit("{},\"read_at\":1"); },
       TOCSIN_E_INVALID},
      {"json that is no UTF-8", [](auto& item) { item.json = tocsin_lit("{\"a\":\"\xff\"}"); },
       TOCSIN_E_INVALID},
      {"an object too deep", [&](auto& item) { item.json = tocsin_lit(deep_object.c_str()); },
       TOCSIN_E_INVALID},
  };
  for (const auto& each : cases) {
    tocsin_inbox_item item = plain_item();
    each.change(item);
    InboxItem read;
    EXPECT_EQ(read_inbox_item(&item, read), each.status) << each.says;
  }
  InboxItem read;
  EXPECT_EQ(read_inbox_item(nullptr, read), TOCSIN_E_INVALID);
  tocsin_inbox_item nothing_left = plain_item();
  nothing_left.title = tocsin_lit("\xff");
  EXPECT_EQ(read_inbox_item(&nothing_left, read), TOCSIN_E_INVALID);
}

TEST(InboxItemOfAPlugin, HasItsTextMendedAndItsJsonByteForByte) {
  tocsin_inbox_item item = plain_item();
  item.title = tocsin_lit(
      "a\xff"
      "b");
  item.json = tocsin_lit(R"({"big":123456789012345678901234567890})");
  InboxItem read;
  ASSERT_EQ(read_inbox_item(&item, read), TOCSIN_OK);
  EXPECT_THAT(read.title, ::testing::StartsWith("a"));
  EXPECT_EQ(read.title.find('\xff'), std::string::npos);
  EXPECT_EQ(read.json, R"({"big":123456789012345678901234567890})");
}

}  // namespace
}  // namespace tocsin::plugin::tests
