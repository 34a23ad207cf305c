// No room: nothing half-written, outcomes still recorded, and events again once there is room. The limit is
// the database's own (max_pages), which any machine can test, and a disk of a few MiB where one can be
// mounted.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::store {
namespace {

constexpr std::int64_t kPages = 200;
constexpr std::int64_t kBallastPages = 50;

class StorageFullTest : public testing::Test {
 protected:
  void SetUp() override {
    open({.directory = directory.path(), .ballast_bytes = kBallastPages * 4096, .max_pages = kPages});
  }
  void open(const SqliteOptions& options) {
    store = must(open_sqlite(options));
    const std::vector<std::string> names = {"platform"};
    team = must(store->resolve_teams(names)).front();
    const std::vector<ChannelKey> keys = {{team, "ops", "webhook"}};
    channel = must(store->resolve_channels(keys)).front();
    ids = IdSource(store->last_number());
  }

  Result<Store::WriteResult> write_events(std::size_t count) {
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(make_new_event(ids.reserve(kStartMs, 2), team, {{channel, true}}));
    }
    auto written = store->write(events, {}, kStartMs);
    if (written) {
      for (const auto& event : events) stored.push_back(event.event->seq);
    }
    return written;
  }
  Result<Store::WriteResult> write_one() { return write_events(1); }
  std::vector<Finish> finish_all() {
    std::vector<Finish> finishes;
    for (const EventSeq seq : stored) finishes.push_back(make_finish(seq + 1, 0, DeliveryState::kDelivered));
    return finishes;
  }
  Error fill() {
    for (;;) {
      const auto written = write_events(8);
      if (!written) return written.error();
    }
  }

  TempDirectory directory;
  std::unique_ptr<Store> store;
  TeamId team = 0;
  ChannelId channel = 0;
  IdSource ids{0};
  std::vector<EventSeq> stored;
};

TEST_F(StorageFullTest, RefusesEventsInOneSentence) {
  const Error error = fill();
  EXPECT_EQ(error.code, Errc::kStorageFull);
  EXPECT_THAT(error.detail, testing::HasSubstr("free space"));
  EXPECT_GT(stored.size(), 100u);
  EXPECT_EQ(write_one().error().code, Errc::kStorageFull);
  EXPECT_EQ(store->write({}, {}, kStartMs).error().code, Errc::kStorageFull);
}

TEST_F(StorageFullTest, StillRecordsOutcomes) {
  fill();
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/ballast"));
  const auto written = must(store->write({}, finish_all(), kStartMs));
  EXPECT_THAT(written.applied, testing::Each(true));
  EXPECT_EQ(write_one().error().code, Errc::kStorageFull);
}

TEST_F(StorageFullTest, TakesEventsAgainWhenThereIsRoom) {
  fill();
  must(store->write({}, finish_all(), kStartMs));
  EXPECT_GT(must(store->delete_expired(kStartMs + 1, stored.size())), 100u);
  EXPECT_TRUE(store->write({}, {}, kStartMs));
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/ballast"));
  EXPECT_TRUE(write_one());
  EXPECT_EQ(fill().code, Errc::kStorageFull);
}

TEST_F(StorageFullTest, LosesNothingThatWasAcknowledged) {
  fill();
  const auto reader = must(store->open_reader());
  for (const EventSeq seq : stored) {
    ASSERT_TRUE(must(reader->find_event(format_event_id(seq), {}))) << seq;
  }
}

class FullDiskTest : public StorageFullTest {
 protected:
  void SetUp() override {
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=12m") != 0) {
      GTEST_SKIP() << "a small disk can be mounted by root only";
    }
    is_mounted = true;
    open({.directory = directory.path() + "/data", .ballast_bytes = 2 << 20});
  }
  void TearDown() override {
    store.reset();
    if (is_mounted) {
      EXPECT_EQ(::umount2(directory.path().c_str(), MNT_DETACH), 0);
    }
  }
  bool is_mounted = false;
};

TEST_F(FullDiskTest, RecordsOutcomesAndRecoversWithoutARestart) {
  const std::string filler = directory.path() + "/filler";
  std::ofstream(filler) << std::string(5 << 20, 'x');
  EXPECT_EQ(fill().code, Errc::kStorageFull);
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/data/ballast"));
  EXPECT_EQ(write_one().error().code, Errc::kStorageFull);
  EXPECT_THAT(must(store->write({}, finish_all(), kStartMs)).applied, testing::Each(true));

  std::filesystem::remove(filler);
  EXPECT_TRUE(store->write({}, {}, kStartMs));
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/data/ballast"));
  EXPECT_TRUE(write_one());
  EXPECT_TRUE(store->checkpoint());
}

}  // namespace
}  // namespace tocsin::store
