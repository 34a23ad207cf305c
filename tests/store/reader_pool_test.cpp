// Reading beside the writer, with real threads.
#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>

#include "store/writer_fixture.hpp"

namespace tocsin::store {
namespace {

class ReaderPoolBesideAWriter : public WriterTest {};

TEST_F(ReaderPoolBesideAWriter, ReadsWhileTheLogIsWrittenAndMoved) {
  make({.checkpoint_bytes = 32 << 10});
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(must(store->open_reader()));
  writer->start();
  ReaderPool pool(std::move(readers));
  std::atomic<int> seen = 0;
  for (int i = 0; i < 60; ++i) {
    const auto accepted = must(accept_one().get().front());
    finish(make_finish(accepted.seq + 1, 0, DeliveryState::kDelivered));
    pool.run([&, seq = accepted.seq](Reader& reader) {
      seen += must(reader.find_event(format_event_id(seq), {})).has_value() ? 1 : 0;
      EXPECT_FALSE(must(reader.list_deliveries({})).deliveries.empty());
    });
  }
  pool.stop();
  EXPECT_EQ(seen, 60);
  writer->stop();
  SQLite::Database database(directory.path() + "/tocsin.db", SQLite::OPEN_READWRITE);
  EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST(ReaderPool, AnswersFromSeveralThreadsAndFinishesWhatWasAskedBeforeItStops) {
  const TempDirectory directory;
  const auto store = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 2; ++i) readers.push_back(must(store->open_reader()));
  ReaderPool pool(std::move(readers));
  std::atomic<int> answered = 0;
  for (int i = 0; i < 100; ++i) {
    pool.run([&](Reader& reader) {
      EXPECT_TRUE(reader.find_event("nothing", {}));
      ++answered;
    });
  }
  pool.stop();
  EXPECT_EQ(answered, 100);
}

}  // namespace
}  // namespace tocsin::store
