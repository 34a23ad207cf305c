// What is in force and how it comes there. What a single change does is in team_edits.cpp. See
// team_editor.hpp.
#include "app/team_editor.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "app/object_views.hpp"
#include "app/on_store.hpp"
#include "ops/log.hpp"

namespace tocsin::app {
namespace {

constexpr std::chrono::milliseconds kRotationPause{1};

// "the API: team "demo", channel "ops", settings/url" is of demo's channel ops.
bool is_about(const std::string& pointer, const std::string& team, const std::string& channel) {
  const std::string place =
      std::string(config::kApiFile) + ": team \"" + team + "\", channel \"" + channel + '"';
  return pointer.starts_with(place);
}

}  // namespace

// Whether it was left out before for the same reason: then its team was told.
bool TeamEditor::is_known(const Objects& before, const Object& now) {
  return !now.left_out.empty() && std::ranges::any_of(before, [&](const Object& then) {
    return then.team == now.team && then.record.kind == now.record.kind &&
           then.record.name == now.record.name && then.left_out == now.left_out;
  });
}

TeamEditor::TeamEditor(const Clock& clock, store::Writer& writer, FindType find_type, Apply apply,
                       TellUnusable tell_unusable)
    : clock_(clock),
      writer_(writer),
      find_type_(std::move(find_type)),
      apply_(std::move(apply)),
      tell_unusable_(std::move(tell_unusable)) {}

TeamEditor::~TeamEditor() {
  stop();
}

// ---- the configuration

Result<void> TeamEditor::load() {
  std::vector<std::string> names;
  for (const auto& team : base_.teams) names.push_back(team.definition().name);
  teams_.clear();
  auto records = on_store(writer_, [&](store::Store& store) -> Result<std::vector<store::ObjectRecord>> {
    auto ids = store.resolve_teams(names);
    if (!ids) return ids.error();
    for (std::size_t i = 0; i < names.size(); ++i) teams_.emplace_back(names[i], (*ids)[i]);
    return store.list_objects();
  });
  if (!records) return records.error();
  objects_.clear();
  for (auto& record : *records) {
    const auto team = std::ranges::find(teams_, record.team, &std::pair<std::string, TeamId>::second);
    if (team == teams_.end()) continue;  // not in the file now: kept for when it is again
    Object& object = objects_.emplace_back();
    object.record = std::move(record);
    object.team = team->first;
  }
  return {};
}

void TeamEditor::open_secrets(Object& object) const {
  object.secrets.clear();
  object.unusable.clear();
  object.left_out.clear();
  for (const store::StoredSecret& secret : object.record.secrets) {
    auto opened =
        base_.keys->open({secret.key, secret.sealed}, {object.team, object.record.name, secret.pointer});
    if (opened) {
      object.secrets.emplace_back(secret.pointer, std::move(*opened));
      continue;
    }
    object.unusable = "settings" + secret.pointer + ": " + opened.error().detail;
  }
}

Result<config::Config> TeamEditor::merge(const config::Config& base, const Objects& objects) const {
  std::vector<config::TeamObjects> teams;
  for (const Object& object : objects) {
    if (!object.left_out.empty()) continue;
    if (teams.empty() || teams.back().team != object.team) teams.push_back({object.team, {}, {}});
    config::TeamObjects& its = teams.back();
    config::TeamObject one{object.record.name, object.record.body, object.secrets, object.unusable};
    switch (object.record.kind) {
      case store::ObjectKind::kChannel:
        its.channels.push_back(std::move(one));
        break;
      case store::ObjectKind::kRule:
        its.rules.push_back(std::move(one));
        break;
      case store::ObjectKind::kSilence:
        its.silences.push_back(std::move(one));
        break;
      case store::ObjectKind::kDefaultAlerts:
        its.default_alerts = std::move(one);
        break;
    }
  }
  return config::add_team_objects(base, teams);
}

bool TeamEditor::set_aside(Objects& objects, const Error& error) {
  bool any = false;
  for (const FieldError& field : error.fields) {
    for (Object& object : objects) {
      const bool is_channel = object.record.kind == store::ObjectKind::kChannel;
      const std::string place = object.team + '/' + place_of(object.record.kind, object.record.name);
      if (field.pointer == place || field.pointer.starts_with(place + '/')) {
        any |= object.left_out.empty();
        if (object.left_out.empty()) object.left_out = field.message;
      } else if (is_channel && is_about(field.pointer, object.team, object.record.name)) {
        any |= object.unusable.empty();
        if (object.unusable.empty()) object.unusable = field.message;
      }
    }
  }
  return any;
}

api::ObjectViews TeamEditor::make_views(const config::Config& base, const Objects& objects) const {
  api::ObjectViews views;
  for (const auto& team : base.teams) {
    const auto& definition = team.definition();
    for (std::size_t i = 0; i < definition.channels.size(); ++i) {
      views.push_back(view_file_channel(team, i, find_type_(definition.channels[i].type).get()));
    }
    for (std::size_t i = 0; i < definition.rules.size(); ++i) views.push_back(view_file_rule(team, i));
    for (std::size_t i = 0; i < definition.silences.size(); ++i) {
      views.push_back(view_file_silence(team, i));
    }
    const bool keeps_alerts = std::ranges::any_of(objects, [&](const Object& object) {
      return object.team == definition.name && object.left_out.empty() &&
             object.record.kind == store::ObjectKind::kDefaultAlerts;
    });
    if (!keeps_alerts) views.push_back(view_given_alerts(team, *base.catalogue));
    for (const Object& object : objects) {
      if (object.team != definition.name) continue;
      views.push_back(view_object(object.team, object.record,
                                  object.left_out.empty() ? object.unusable : object.left_out));
      views.back().is_out = !object.left_out.empty();
    }
  }
  return views;
}

Result<void> TeamEditor::use(config::Config base) {
  config::Config before = std::exchange(base_, std::move(base));
  auto objects_before = objects_;
  auto teams_before = teams_;
  auto loaded = load();
  for (Object& object : objects_) open_secrets(object);
  Error error;
  // Each round sets at least one object aside, so it comes to an end.
  for (std::size_t round = 0; loaded && round <= 2 * objects_.size(); ++round) {
    const auto merged = merge(base_, objects_);
    const auto applied =
        merged ? apply_(*merged, make_views(base_, objects_), {}) : Result<void>(merged.error());
    if (applied) {
      for (const Object& object : objects_) {
        const std::string& why = object.left_out.empty() ? object.unusable : object.left_out;
        if (why.empty()) continue;
        ops::log_error("app", "what a team keeps is not usable; it is left as it is",
                       {{"team", object.team}, {"name", object.record.name}, {"reason", why}});
        if (!is_known(objects_before, object)) {
          tell_unusable_(
              {object.team, object.record.kind, object.record.name, why, !object.left_out.empty()});
        }
      }
      return {};
    }
    error = applied.error();
    if (!set_aside(objects_, error)) break;
  }
  if (!loaded) error = loaded.error();
  base_ = std::move(before);
  objects_ = std::move(objects_before);
  teams_ = std::move(teams_before);
  return error;
}

// ---- the line

void TeamEditor::start() {
  thread_ = std::thread([this] { run(); });
}

void TeamEditor::stop() {
  std::deque<Waiting> refused;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    refused.swap(line_);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Waiting& waiting : refused) {
    waiting.done(make_error(Errc::kUnavailable, "the daemon is stopping: send it again shortly"));
  }
}

void TeamEditor::change(api::ObjectChange change, std::function<void(Result<api::ObjectView>)> done) {
  {
    const std::lock_guard lock(mutex_);
    constexpr std::size_t kMostWaiting = 64;
    if (!stopping_ && line_.size() < kMostWaiting) {
      line_.push_back({std::move(change), std::move(done)});
      changed_.notify_one();
      return;
    }
  }
  done(make_error(Errc::kUnavailable,
                  "too many changes wait, or the daemon is stopping: send it again shortly"));
}

void TeamEditor::apply_again() {
  const std::lock_guard lock(mutex_);
  again_ = true;
  changed_.notify_all();
}

void TeamEditor::use_again() {
  if (const auto used = use(config::Config(base_)); !used) {
    ops::log_error("app", "what is in force could not be applied anew", {{"reason", used.error().detail}});
  }
}

void TeamEditor::run() {
  ::pthread_setname_np(::pthread_self(), "editor");
  while (true) {
    std::optional<Waiting> next;
    bool rotating = false;
    bool again = false;
    {
      std::unique_lock lock(mutex_);
      // Where only a rotation goes on it pauses between its batches: whoever else waits for hold() gets it.
      if (rotation_.running) changed_.wait_for(lock, kRotationPause, [this] { return has_change(); });
      changed_.wait(lock, [this] { return has_change() || rotation_.running; });
      if (stopping_) return;
      if (!line_.empty()) {
        next = std::move(line_.front());
        line_.pop_front();
      }
      rotating = rotation_.running;
      again = std::exchange(again_, false);
    }
    const auto busy = hold();
    if (again) use_again();
    if (next) next->done(run_change(next->change));
    if (rotating) rotate_some();
  }
}

}  // namespace tocsin::app
