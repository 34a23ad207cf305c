// Writes through the Writer until it is killed: an event with a delivery, then its outcome. Prints one line
// for each acknowledged event and outcome, after the acknowledgement: store_victim DIRECTORY
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"
#include "store/writer.hpp"

namespace {

using namespace tocsin;
using namespace tocsin::store;

void say(char kind, std::int64_t number) {
  const std::string line = kind + std::to_string(number) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  SystemClock clock;
  auto store = must(open_sqlite({.directory = argv[1], .ballast_bytes = 0}));
  const std::vector<std::string> names = {"platform"};
  const TeamId team = must(store->resolve_teams(names)).front();
  const std::vector<ChannelKey> keys = {{team, "ops", "webhook"}};
  const ChannelId channel = must(store->resolve_channels(keys)).front();
  IdSource ids(store->last_number());
  Writer writer(std::move(store), clock, {.checkpoint_bytes = 256 << 10});
  writer.start();

  std::mutex mutex;
  std::condition_variable room;
  int waiting = 0;
  for (;;) {
    const EventSeq seq = ids.reserve(clock.unix_ms(), 2);
    {
      std::unique_lock lock(mutex);
      room.wait(lock, [&] { return waiting < 32; });
      ++waiting;
    }
    std::vector<NewEvent> events;
    events.push_back(make_new_event(seq, team, {{channel, true}}, clock.unix_ms()));
    writer.accept(std::move(events), [&, seq](std::vector<Result<Accepted>> answers) {
      if (!answers.front()) ::_exit(3);
      say('e', seq);
      writer.finish(make_finish(seq + 1, 0, DeliveryState::kDelivered), [seq](Result<bool> applied) {
        if (!applied || !*applied) ::_exit(4);
        say('f', seq);
      });
      const std::scoped_lock lock(mutex);
      --waiting;
      room.notify_one();
    });
  }
}
