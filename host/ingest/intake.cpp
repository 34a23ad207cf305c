// See intake.hpp.
#include "ingest/intake.hpp"

#include <algorithm>

namespace tocsin::ingest {
namespace {

// A larger event is not kept in memory for its channel: tens of thousands of places may be taken, so what
// stands in one must be small. It is claimed from the store when its turn comes.
constexpr std::size_t kMaxHotBytes = 4 << 10;
// Of events handed to the store and not yet on disk, all requests together; above it intake answers 503.
constexpr std::size_t kMaxHeldBytes = 64 << 20;

// The team an event goes to, or why it may not. The same answer for another team's name and for one that does
// not exist: a token learns nothing about teams that are not its own.
Result<void> settle_team(Event& event, const PushRight& right) {
  const bool named = !event.team.empty();
  if (!named && right.teams != nullptr && right.teams->size() == 1) {
    event.team = right.teams->front();
    return {};
  }
  if (!named) {
    Error error =
        make_error(Errc::kInvalid, "/team: is required, since the token is not bound to a single team");
    error.fields.push_back({"/team", "is required, since the token is not bound to a single team"});
    return error;
  }
  if (right.all_teams) return {};
  if (right.teams == nullptr ||
      std::find(right.teams->begin(), right.teams->end(), event.team) == right.teams->end()) {
    Error error =
        make_error(Errc::kForbidden, "/team: this token may not push events for team \"" + event.team + "\"");
    error.fields.push_back({"/team", "this token may not push events for that team"});
    return error;
  }
  return {};
}

Pushed describe(const store::Accepted& accepted, const RoutingTable& table) {
  Pushed pushed{accepted.id, accepted.kind == store::Accepted::Kind::kDuplicate, {}};
  pushed.deliveries.reserve(accepted.channels.size());
  for (std::size_t i = 0; i < accepted.channels.size(); ++i) {
    const auto name = table.channel_names.find(accepted.channels[i]);
    pushed.deliveries.push_back({accepted.seq + 1 + static_cast<DeliveryId>(i),
                                 name == table.channel_names.end() ? std::string() : name->second});
  }
  return pushed;
}

Result<Pushed> answer(const Result<store::Accepted>& result, const RoutingTable& table) {
  if (!result) return result.error();
  if (result->kind == store::Accepted::Kind::kConflict) {
    return make_error(Errc::kConflict,
                      "the id or Idempotency-Key was used within the last 24 hours for event " + result->id +
                          ", whose content differs: give this event an id of its own");
  }
  return describe(*result, table);
}

// When the channel's quiet hours end that hold this back now; 0: none do.
std::int64_t hold_until(const TeamRoutes& routes, std::uint32_t position, Severity severity,
                        std::int64_t now_ms) {
  std::int64_t until_ms = 0;
  if (position >= routes.quiet.size()) return 0;
  for (const auto& hours : routes.quiet[position]) {
    until_ms = std::max(until_ms, hours.hold_until(now_ms, severity));
  }
  return until_ms;
}

}  // namespace

Intake::Intake(store::Writer& writer, const Clock& clock, std::function<bool(ChannelId)> admit,
               std::int64_t last_number, EventLimits limits)
    : writer_(writer), clock_(clock), admit_(std::move(admit)), ids_(last_number), limits_(limits) {}

Result<store::NewEvent> Intake::plan(std::string_view text, const PushRight& right, const std::string& key,
                                     std::int64_t now_ms) {
  auto draft = read_event(text, *table_->catalogue, limits_, now_ms, !key.empty());
  if (!draft) return draft.error();
  if (const auto settled = settle_team(draft->event, right); !settled) return settled.error();
  const auto team = table_->teams.find(draft->event.team);
  if (team == table_->teams.end()) {
    Error error = make_error(Errc::kInvalid, "/team: there is no team \"" + draft->event.team + "\"");
    error.fields.push_back({"/team", "there is no such team"});
    return error;
  }
  const TeamRoutes& routes = team->second;
  store::NewEvent stored;
  stored.team = routes.id;
  stored.generation = routes.generation;
  if (draft->named_id) stored.keys.push_back("id:" + draft->event.id);
  if (!key.empty()) stored.keys.push_back("key:" + key);
  stored.body_hash = draft->body_hash;

  chosen_.clear();
  routes.rules->plan(draft->event, chosen_);
  add_deliveries(routes, draft->event, text.size(), now_ms, stored);
  draft->event.seq = ids_.reserve(now_ms, 1 + static_cast<std::int64_t>(chosen_.size()));
  if (!draft->named_id) draft->event.id = format_event_id(draft->event.seq);
  stored.event = std::make_shared<const Event>(std::move(draft->event));
  return stored;
}

void Intake::add_deliveries(const TeamRoutes& routes, const Event& event, std::size_t bytes,
                            std::int64_t now_ms, store::NewEvent& stored) {
  for (const std::uint32_t position : chosen_) {
    const ChannelId channel = routes.channels[position];
    if (const auto* silence = routes.rules->find_silence(event, position)) {
      stored.deliveries.push_back({channel, false, 0, "silenced: " + silence->what.name});
      continue;
    }
    const std::int64_t quiet_ms = hold_until(routes, position, event.severity, now_ms);
    if (position < routes.digests.size() && routes.digests[position]) {
      stored.deliveries.push_back(
          {channel, false, routes.digests[position]->end_after(std::max(now_ms, quiet_ms - 1))});
    } else if (quiet_ms > 0) {
      stored.deliveries.push_back({channel, false, quiet_ms});
    } else {
      stored.deliveries.push_back({channel, bytes <= kMaxHotBytes && admit_(channel)});
    }
  }
}

void Intake::push_own(const OwnEvent& own) {
  const auto found = table_->teams.find(own.team);
  const EventType* type = table_->catalogue->find(own.type);
  if (found == table_->teams.end() || type == nullptr) return;
  const TeamRoutes& routes = found->second;
  const std::int64_t now_ms = clock_.unix_ms();
  Event event;
  event.team = own.team;
  event.type = own.type;
  event.category = type->category;
  event.severity = type->default_severity.value_or(Severity::kHigh);
  event.source = "tocsin";
  event.title = own.title;
  event.summary = own.summary;
  event.data = own.data;
  event.occurred_ms = event.received_ms = now_ms;
  chosen_.clear();
  routes.rules->plan(event, chosen_);
  const auto& channels = routes.rules->definition().channels;
  std::erase_if(chosen_, [&](std::uint32_t position) { return channels[position].name == own.not_through; });
  store::NewEvent stored;
  stored.team = routes.id;
  stored.generation = routes.generation;
  add_deliveries(routes, event, event.data.size() + event.summary.size(), now_ms, stored);
  event.seq = ids_.reserve(now_ms, 1 + static_cast<std::int64_t>(stored.deliveries.size()));
  event.id = format_event_id(event.seq);
  stored.event = std::make_shared<const Event>(std::move(event));
  std::vector<store::NewEvent> events;
  events.push_back(std::move(stored));
  writer_.accept(std::move(events), [](const auto&) {});
}

Result<Event> Intake::rehearse(std::string_view text, const PushRight& right) const {
  auto draft = read_event(text, *table_->catalogue, limits_, clock_.unix_ms(), false);
  if (!draft) return draft.error();
  if (const auto settled = settle_team(draft->event, right); !settled) return settled.error();
  return std::move(draft->event);
}

Result<store::NewEvent> Intake::plan_test(const std::string& team, const std::string& channel) {
  const auto found = table_->teams.find(team);
  if (found == table_->teams.end()) return make_error(Errc::kNotFound, "no such team");
  const TeamRoutes& routes = found->second;
  const auto& channels = routes.rules->definition().channels;
  const auto at = std::ranges::find(channels, channel, &routing::ChannelDefinition::name);
  if (at == channels.end()) return make_error(Errc::kNotFound, "the team has no channel of this name");

  Event event;
  event.seq = ids_.reserve(clock_.unix_ms(), 2);
  event.id = format_event_id(event.seq);
  event.team = team;
  event.type = kTestEventType;
  event.category = Category::kSystemNotification;
  event.source = "tocsin";
  event.title = "Test message";
  event.summary = "The channel \"" + channel + "\" of the team \"" + team +
                  "\" works: this message came the way every alert comes.";
  event.data = "{}";
  event.occurred_ms = event.received_ms = clock_.unix_ms();
  store::NewEvent stored;
  stored.team = routes.id;
  stored.generation = routes.generation;
  stored.deliveries.push_back({routes.channels[static_cast<std::size_t>(at - channels.begin())], true});
  stored.event = std::make_shared<const Event>(std::move(event));
  return stored;
}

void Intake::push_test(store::NewEvent test, std::function<void(Result<Pushed>)> done) {
  std::vector<store::NewEvent> events;
  events.push_back(std::move(test));
  writer_.accept(std::move(events), [table = table_, done = std::move(done)](const auto& accepted) {
    done(answer(accepted.front(), *table));
  });
}

void Intake::push(const std::vector<std::string_view>& texts, const PushRight& right, std::string_view key,
                  PushDone done) {
  const std::int64_t now_ms = clock_.unix_ms();
  std::vector<Result<Pushed>> results;
  results.reserve(texts.size());
  std::size_t bytes = 0;
  for (const auto text : texts) bytes += text.size();
  if (*held_bytes_ > 0 && *held_bytes_ + bytes > kMaxHeldBytes) {
    results.assign(texts.size(),
                   make_error(Errc::kUnavailable, "too many bytes wait to be stored: send again later"));
    done(std::move(results));
    return;
  }
  std::vector<store::NewEvent> events;
  std::vector<std::size_t> places;  // of events[k] in results
  for (std::size_t i = 0; i < texts.size(); ++i) {
    // A batch shares one key; each of its events has its own.
    const std::string own_key =
        key.empty() || texts.size() == 1 ? std::string(key) : std::string(key) + "#" + std::to_string(i);
    auto planned = plan(texts[i], right, own_key, now_ms);
    results.emplace_back(planned ? Result<Pushed>(Pushed{}) : Result<Pushed>(planned.error()));
    if (planned) {
      places.push_back(i);
      events.push_back(std::move(*planned));
    }
  }
  if (events.empty()) {
    done(std::move(results));
    return;
  }
  *held_bytes_ += bytes;
  writer_.accept(std::move(events), [results = std::move(results), places = std::move(places), table = table_,
                                     bytes, held = held_bytes_, done = std::move(done)](
                                        std::vector<Result<store::Accepted>> accepted) mutable {
    *held -= bytes;
    for (std::size_t k = 0; k < accepted.size(); ++k) results[places[k]] = answer(accepted[k], *table);
    done(std::move(results));
  });
}

}  // namespace tocsin::ingest
