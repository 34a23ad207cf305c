// A Writer over the real engine on a directory of its own, and its calls as futures.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/faulty_store.hpp"
#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"
#include "store/writer.hpp"

namespace tocsin::store {

class WriterTest : public testing::Test {
 protected:
  void SetUp() override { make({}); }

  void make(WriterOptions options) {
    writer.reset();
    auto sqlite = must(open_sqlite({.directory = directory.path(), .ballast_bytes = 0}));
    const std::vector<std::string> names = {"platform"};
    team = must(sqlite->resolve_teams(names)).front();
    const std::vector<ChannelKey> keys = {{team, "ops", "webhook"}};
    channel = must(sqlite->resolve_channels(keys)).front();
    auto wrapped = std::make_unique<FaultyStore>(std::move(sqlite));
    store = wrapped.get();
    writer = std::make_unique<Writer>(std::move(wrapped), clock, options);
  }

  NewEvent plan(const std::string& key = "", bool hot = true) {
    const std::scoped_lock lock(mutex);
    NewEvent event = make_new_event(ids.reserve(kStartMs, 2), team, {{channel, hot}});
    if (!key.empty()) event.keys = {key};
    return event;
  }
  std::future<std::vector<Result<Accepted>>> accept(std::vector<NewEvent> events) {
    auto promise = std::make_shared<std::promise<std::vector<Result<Accepted>>>>();
    writer->accept(std::move(events), [promise](auto answers) { promise->set_value(std::move(answers)); });
    return promise->get_future();
  }
  std::future<std::vector<Result<Accepted>>> accept_one(const std::string& key = "") {
    std::vector<NewEvent> events;
    events.push_back(plan(key));
    return accept(std::move(events));
  }
  std::future<Result<bool>> finish(Finish finish) {
    auto promise = std::make_shared<std::promise<Result<bool>>>();
    writer->finish(std::move(finish), [promise](auto answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  [[nodiscard]] InboxItem new_item(const std::string& key) const {
    InboxItem item;
    item.team = team;
    item.key = key;
    item.title = "t";
    return item;
  }
  std::future<Result<InboxWritten>> write_inbox(InboxWrite write) {
    auto promise = std::make_shared<std::promise<Result<InboxWritten>>>();
    writer->write_inbox(std::move(write), [promise](auto answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  std::future<Result<InboxWritten>> put_item(const std::string& key) { return write_inbox(new_item(key)); }
  std::vector<Claimed> claim(std::size_t limit) {
    std::promise<Result<std::vector<Claimed>>> promise;
    writer->claim(channel, limit, [&](auto answer) { promise.set_value(std::move(answer)); });
    return must(promise.get_future().get());
  }
  // Holds the store thread, so that what is asked meanwhile lies there together. set_value() lets it go.
  std::shared_ptr<std::promise<void>> hold() {
    auto go = std::make_shared<std::promise<void>>();
    auto held = std::make_shared<std::promise<void>>();
    writer->run([go, held, wait = go->get_future().share()](Store&) {
      held->set_value();
      wait.get();
    });
    held->get_future().get();
    return go;
  }
  // Runs `work` on the store thread and waits for it.
  void on_store(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    writer->run([&](Store& given) {
      work(given);
      done.set_value();
    });
    done.get_future().get();
  }

  TempDirectory directory;
  ManualClock clock{kStartMs};
  std::mutex mutex;
  IdSource ids{0};
  TeamId team = 0;
  ChannelId channel = 0;
  FaultyStore* store = nullptr;
  std::unique_ptr<Writer> writer;
};

}  // namespace tocsin::store
