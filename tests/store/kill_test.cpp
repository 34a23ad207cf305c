// kill -9 at any instant: what was acknowledged is there, and the file is sound.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

extern char** environ;

namespace tocsin::store {
namespace {

struct Acknowledged {
  std::vector<EventSeq> events;
  std::vector<EventSeq> finished;
};

// Runs the victim until it has acknowledged `lines`, kills it, and returns all it acknowledged.
Acknowledged kill_after(const std::string& directory, std::size_t lines) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string program = TOCSIN_STORE_VICTIM;
  std::string argument = directory;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);

  Acknowledged acknowledged;
  const std::unique_ptr<FILE, int (*)(FILE*)> answers(::fdopen(ends[0], "r"), ::fclose);
  char kind = 0;
  long long number = 0;
  for (std::size_t seen = 0; std::fscanf(answers.get(), " %c%lld", &kind, &number) == 2;) {
    (kind == 'e' ? acknowledged.events : acknowledged.finished).push_back(number);
    if (++seen == lines) ::kill(child, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the victim ended by itself: " << status;
  return acknowledged;
}

TEST(Kill, LosesNoAcknowledgedEventAndNoOutcome) {
  const TempDirectory directory;
  for (const std::size_t lines : {1u, 57u, 400u, 1500u}) {
    const Acknowledged acknowledged = kill_after(directory.path(), lines);
    ASSERT_GE(acknowledged.events.size() + acknowledged.finished.size(), lines);
    {
      const auto store = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
      const auto reader = must(store->open_reader());
      for (const EventSeq seq : acknowledged.events) {
        const auto event = must(reader->find_event(format_event_id(seq), {}));
        ASSERT_TRUE(event) << seq;
        ASSERT_EQ(event->deliveries.size(), 1u);
      }
      for (const EventSeq seq : acknowledged.finished) {
        EXPECT_EQ(must(reader->find_delivery(seq + 1, {}))->state, DeliveryState::kDelivered);
      }
    }
    SQLite::Database database(directory.path() + "/tocsin.db", SQLite::OPEN_READWRITE);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
  }
}

}  // namespace
}  // namespace tocsin::store
