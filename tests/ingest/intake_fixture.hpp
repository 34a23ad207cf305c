// An intake on a real writer and a real database, with two teams:
//   demo      channels audit (everything), pager (rule: critical), mail (default of its type)
//   platform  channel hook (scan.*)
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/catalogue.hpp"
#include "ingest/intake.hpp"
#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::ingest {

inline routing::TeamDefinition demo_team() {
  routing::TeamDefinition team;
  team.name = "demo";
  team.channels = {
      {"audit", "webhook", {"*"}, false}, {"pager", "pager", {}, false}, {"mail", "smtp", {}, true}};
  routing::RuleDefinition critical;
  critical.name = "critical";
  critical.severities = {Severity::kCritical};
  critical.channels = {1};
  team.rules = {critical};
  return team;
}

inline routing::TeamDefinition platform_team() {
  routing::TeamDefinition team;
  team.name = "platform";
  team.channels = {{"hook", "webhook", {"scan.*"}, false}};
  return team;
}

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
    for (auto team : {demo_team(), platform_team()}) add_team(*store, *table, std::move(team));
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

  void add_team(store::Store& store, RoutingTable& table, routing::TeamDefinition team) {
    const std::string name = team.name;
    TeamRoutes routes;
    routes.id = store::must(store.resolve_teams(std::span(&name, 1))).at(0);
    routes.generation = store::must(store.put_generation(routes.id, routing::write_definition(team)));
    std::vector<store::ChannelKey> keys;
    for (const auto& channel : team.channels) keys.push_back({routes.id, channel.name, channel.type});
    routes.channels = store::must(store.resolve_channels(keys));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      table.channel_names.emplace(routes.channels[i], keys[i].name);
    }
    team_ids_[name] = routes.id;
    channel_ids_[name] = routes.channels;
    routes.rules = std::make_shared<const routing::RuleSet>(
        store::must(routing::RuleSet::compile(std::move(team), catalogue_)));
    table.teams.emplace(name, std::move(routes));
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
  std::unordered_map<std::string, TeamId> team_ids_;
  std::unordered_map<std::string, std::vector<ChannelId>> channel_ids_;
  std::vector<ChannelId> full_;   // channels without room; set before pushing
  std::size_t admitted_ = 0;      // places given out
  std::vector<Offered> offered_;  // [store] read after an answer of the same or a later batch
  store::TempDirectory directory_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Intake> intake_;
};

}  // namespace tocsin::ingest
