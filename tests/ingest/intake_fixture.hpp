// An intake on a real writer and a real database, with the two teams of teams.hpp.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/catalogue.hpp"
#include "ingest/teams.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::ingest {

using Results = std::vector<Result<Pushed>>;

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override { open({}); }

  // What the writer was given with the intake's answers, for the tests of hot places.
  struct Offered {
    bool stored = false;
    std::vector<store::NewDelivery> deliveries;
  };

  void open(store::WriterOptions options) {
    auto store = store::must(store::open_sqlite({.directory = directory_.path(), .ballast_bytes = 0}));
    reader_ = store::must(store->open_reader());
    auto table = std::make_shared<RoutingTable>();
    table->catalogue = catalogue_;
    for (auto team : {demo_team(), platform_team()}) ingest::add_team(*store, *table, std::move(team));
    const auto last = store->last_number();
    writer_ = std::make_unique<store::Writer>(std::move(store), clock_, options);
    writer_->on_accepted([this](auto events, auto results) {
      for (std::size_t i = 0; i < events.size(); ++i) {
        offered_.push_back({results[i].has_value(), events[i].deliveries});
      }
    });
    intake_ = std::make_unique<Intake>(
        *writer_, clock_, [this](ChannelId channel) { return admit(channel); }, last, EventLimits{});
    intake_->use(std::move(table));
    writer_->start();
  }

  bool admit(ChannelId channel) {
    if (std::find(full_.begin(), full_.end(), channel) != full_.end()) return false;
    ++admitted_;
    return true;
  }

  std::future<Results> push_later(const std::vector<std::string>& texts, const PushRight& right,
                                  std::string_view key = {}) {
    auto answer = std::make_shared<std::promise<Results>>();
    auto later = answer->get_future();
    intake_->push({texts.begin(), texts.end()}, right, key,
                  [answer](Results results) { answer->set_value(std::move(results)); });
    return later;
  }

  Results push(const std::vector<std::string>& texts, std::string_view key = {}) {
    return push_later(texts, {true, nullptr}, key).get();
  }

  // The one event's answer, which must be good.
  Pushed push_one(const std::string& text, std::string_view key = {}) {
    auto results = push({text}, key);
    if (results.size() == 1 && results[0]) return std::move(*results[0]);
    ADD_FAILURE() << text << ": " << (results.empty() ? "no answer" : results[0].error().detail);
    return {};
  }

  Error refuse_one(const std::string& text, const PushRight& right, std::string_view key = {}) {
    const auto results = push_later({text}, right, key).get();
    if (results.size() == 1 && !results[0]) return results[0].error();
    ADD_FAILURE() << text << " was accepted";
    return {};
  }

  std::optional<store::EventRecord> find(const std::string& id) {
    return store::must(reader_->find_event(id, {}));
  }

  // Holds the store thread until the returned promise is fulfilled.
  std::shared_ptr<std::promise<void>> hold_writer() {
    auto gate = std::make_shared<std::promise<void>>();
    std::promise<void> held;
    writer_->run([&held, waits = gate->get_future().share()](store::Store&) {
      held.set_value();
      waits.wait();
    });
    held.get_future().wait();
    return gate;
  }

  static std::vector<std::string> channels(const Pushed& pushed) {
    std::vector<std::string> names;
    for (const auto& delivery : pushed.deliveries) names.push_back(delivery.channel);
    return names;
  }

  ManualClock clock_;
  std::shared_ptr<const Catalogue> catalogue_ = small_catalogue();
  std::vector<ChannelId> full_;   // channels without room; set before pushing
  std::size_t admitted_ = 0;      // places given out
  std::vector<Offered> offered_;  // [store] read after an answer of the same or a later batch
  store::TempDirectory directory_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Intake> intake_;
};

}  // namespace tocsin::ingest
