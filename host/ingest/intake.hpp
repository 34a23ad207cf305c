// Accepting events: who may push for which team, which channels each goes to, and handing the lot to the
// store. The answer comes when it is on disk. Ingest and delivery meet only in the store and in `admit`,
// which the app wires.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/read_event.hpp"
#include "model/clock.hpp"
#include "routing/digest_window.hpp"
#include "routing/quiet_hours.hpp"
#include "routing/rule_set.hpp"
#include "store/writer.hpp"

namespace tocsin::ingest {

// A team as it is routed now: its rules and the store's numbers for its channels.
struct TeamRoutes {
  TeamId id = 0;
  std::int64_t generation = 0;
  std::shared_ptr<const routing::RuleSet> rules;
  std::vector<ChannelId> channels;  // by position in the definition
  // The windows of those that gather events; by position, may be shorter.
  std::vector<std::optional<routing::DigestWindow>> digests;
  std::vector<std::vector<routing::QuietHours>> quiet;  // by position, may be shorter
};

// Every team, immutable; replaced whole at reload.
struct RoutingTable {
  std::shared_ptr<const Catalogue> catalogue;
  std::unordered_map<std::string, TeamRoutes> teams;
  std::unordered_map<ChannelId, std::string> channel_names;  // also of channels only old events know
};

// Where an event may go: the pusher's teams. A single team is the default for events that name none.
struct PushRight {
  bool all_teams = false;
  const std::vector<std::string>* teams = nullptr;
};

struct PushedDelivery {
  DeliveryId id = 0;
  std::string channel;
};

// Something that tocsin says of itself.
struct OwnEvent {
  std::string team;
  std::string type;  // of the catalogue, system.…
  std::string title;
  std::string summary;
  std::string data = "{}";  // a JSON object
  std::string not_through;  // the channel it is about
};

struct Pushed {
  std::string id;
  bool duplicate = false;
  std::vector<PushedDelivery> deliveries;
};

using PushDone = std::function<void(std::vector<Result<Pushed>>)>;

class Intake {
 public:
  // `admit`: whether the channel has room in memory for one more delivery (see delivery::Engine::admit).
  Intake(store::Writer& writer, const Clock& clock, std::function<bool(ChannelId)> admit,
         std::int64_t last_number, EventLimits limits);

  // [api] The table in force for events from now on.
  void use(std::shared_ptr<const RoutingTable> table) { table_ = std::move(table); }
  void use_limits(EventLimits limits) { limits_ = limits; }
  [[nodiscard]] const std::shared_ptr<const RoutingTable>& table() const { return table_; }
  [[nodiscard]] const EventLimits& limits() const { return limits_; }

  // [api] Each text is one event; the k-th result belongs to texts[k]. A fault in one does not touch the
  // others. `key`: the request's Idempotency-Key or "". `done` runs on [store], or at once where nothing had
  // to be stored.
  void push(const std::vector<std::string_view>& texts, const PushRight& right, std::string_view key,
            PushDone done);

  // [api] Goes where the team's rules send it; nobody is told. A team or type that is not there any more:
  // nothing.
  void push_own(const OwnEvent& own);

  // [api] The event as it would be stored were it pushed now; nothing comes of it. Refused as by push().
  [[nodiscard]] Result<Event> rehearse(std::string_view text, const PushRight& right) const;

  // [api] A test message for one channel of a team, whatever its rules say and its digest window is: one
  // delivery, hot, whose place the caller has reserved (delivery::Engine::expect_test). kNotFound: there is
  // no such channel.
  [[nodiscard]] Result<store::NewEvent> plan_test(const std::string& team, const std::string& channel);
  // [api] `done` runs on [store].
  void push_test(store::NewEvent test, std::function<void(Result<Pushed>)> done);

 private:
  Result<store::NewEvent> plan(std::string_view text, const PushRight& right, const std::string& key,
                               std::int64_t now_ms);
  // The deliveries of an event whose plan is in chosen_.
  void add_deliveries(const TeamRoutes& routes, const Event& event, std::size_t bytes, std::int64_t now_ms,
                      store::NewEvent& stored);

  store::Writer& writer_;
  const Clock& clock_;
  std::function<bool(ChannelId)> admit_;
  IdSource ids_;
  EventLimits limits_;
  std::shared_ptr<const RoutingTable> table_;
  std::vector<std::uint32_t> chosen_;  // scratch of plan()
  // Of what the writer has and has not answered; shared with the answers, which come on [store].
  std::shared_ptr<std::atomic<std::size_t>> held_bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace tocsin::ingest
