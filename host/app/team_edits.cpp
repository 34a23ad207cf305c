// One change of what a team keeps: from the request's body to what is stored, checked with all the rest. See
// team_editor.hpp.
#include <algorithm>
#include <boost/json.hpp>

#include "api/json_body.hpp"
#include "app/object_body.hpp"
#include "app/object_views.hpp"
#include "app/team_editor.hpp"
#include "ops/log.hpp"
#include "plugin/egress_target.hpp"
#include "routing/definition.hpp"

namespace tocsin::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostObjects = 500;  // of a kind, a team
constexpr std::size_t kLargestBody = 64 << 10;

// A name for a silence that was given none: nobody has to think of one at three in the morning.
std::string make_silence_name(std::int64_t number) {
  std::string name = "silence-";
  for (const char digit : format_event_id(number).substr(4)) {
    name += digit >= 'A' && digit <= 'Z' ? static_cast<char>(digit - 'A' + 'a') : digit;
  }
  return name;
}

// What is stored of an object. kInternal: the row was damaged.
Result<json::object> read_stored(const store::ObjectRecord& record) {
  json::error_code error;
  json::value body = json::parse(record.body, error);
  if (error || !body.is_object()) {
    return make_error(Errc::kInternal,
                      "what is stored of it cannot be read: the row was damaged; replace it");
  }
  return std::move(body.get_object());
}

// Whether a list on the way to the place has fewer entries than before: then the k-th is perhaps another one.
bool has_shrunk(const json::value& now, const json::value& before, std::string_view pointer) {
  const json::value* a = &now;
  const json::value* b = &before;
  while (!pointer.empty()) {
    const auto* list = a->if_array();
    const auto* old_list = b->if_array();
    if (list != nullptr && old_list != nullptr && list->size() < old_list->size()) return true;
    const auto end = std::min(pointer.find('/', 1), pointer.size());
    const std::string step(pointer.substr(0, end));
    pointer.remove_prefix(end);
    json::error_code failure;
    a = a->find_pointer(step, failure);
    if (a == nullptr) return false;
    b = b->find_pointer(step, failure);
    if (b == nullptr) return false;
  }
  return false;
}

// Where a setting leads to: the scheme and "host:port" of a URL, else the value itself.
std::string way_at(const json::value& settings, const plugin::Secrets& secrets, std::string_view pointer) {
  std::string text;
  json::error_code missing;
  if (const auto* value = settings.find_pointer(json::string_view(pointer.data(), pointer.size()), missing);
      value != nullptr && !value->is_null()) {
    text = value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
  }
  for (const auto& [at, secret] : secrets) {
    if (at == pointer) text = secret.reveal();
  }
  const auto target = plugin::find_target(text);
  // https and http of one place are two ways: the one is sealed.
  return target ? text.substr(0, text.find(':')) + ' ' + *target : text;
}

// The faults of `error` with pointers into the object that is changed; those of others with their names.
Error point_into(const api::ObjectChange& change, Error error) {
  const std::string team = change.team + '/';
  const std::string own = team + place_of(change.kind, change.name);
  const std::string in_settings =
      std::string(config::kApiFile) + ": team \"" + change.team + "\", channel \"" + change.name + '"';
  for (FieldError& field : error.fields) {
    if (field.pointer == own) {
      field.pointer.clear();
    } else if (field.pointer.starts_with(own + '/')) {
      field.pointer.erase(0, own.size());
    } else if (change.kind == store::ObjectKind::kChannel && field.pointer.starts_with(in_settings)) {
      field.pointer.erase(0,
                          std::min(field.pointer.size(), in_settings.size() + std::string_view(", ").size()));
      if (!field.pointer.empty()) field.pointer.insert(0, 1, '/');
    } else {
      if (field.pointer.starts_with(team)) field.pointer.erase(0, team.size());
      field.message = field.pointer + ": " + field.message;
      field.pointer.clear();
    }
  }
  if (!error.fields.empty()) {
    const FieldError& first = error.fields.front();
    error.detail = first.pointer.empty() ? first.message : first.pointer + ": " + first.message;
  }
  return error;
}

}  // namespace

bool TeamEditor::is_in_file(const api::ObjectChange& change) const {
  for (const auto& team : base_.teams) {
    const auto& definition = team.definition();
    if (definition.name != change.team) continue;
    const auto has = [&](const auto& list) {
      return std::ranges::any_of(list, [&](const auto& one) { return one.name == change.name; });
    };
    if (change.kind == store::ObjectKind::kChannel) return has(definition.channels);
    if (change.kind == store::ObjectKind::kRule) return has(definition.rules);
    if (change.kind == store::ObjectKind::kDefaultAlerts) return definition.default_alerts.has_value();
    return std::ranges::any_of(definition.silences,
                               [&](const auto& one) { return one.what.name == change.name; });
  }
  return false;
}

// Takes the secrets out of the body's settings. A mask stands for the one that is stored, which stays sealed
// as it is: also where its key is lost for now.
Result<void> TeamEditor::edit_settings(json::object& body, const Object* old, Object& made) const {
  const auto* type_name = body.if_contains("type");
  if (type_name == nullptr || !type_name->is_string()) return {};  // said with the rest
  const auto type = find_type_(std::string(type_name->get_string()));
  if (!type) {
    return api::bad_place("/type",
                          "no loaded plugin provides \"" + std::string(type_name->get_string()) + '"');
  }
  auto* settings = body.if_contains("settings");
  if (settings == nullptr || !settings->is_object()) return {};
  json::object before;  // the stored body; empty where it is new, or damaged
  if (old != nullptr) {
    if (auto stored = read_stored(old->record)) before = std::move(*stored);
  }
  made.secrets = plugin::take_secrets(*type, *settings);
  for (auto given = made.secrets.begin(); given != made.secrets.end();) {
    const std::string& pointer = given->first;
    if (given->second.reveal() != plugin::kSecretMask) {
      ++given;
      continue;
    }
    const store::StoredSecret* stored = nullptr;
    if (old != nullptr) {
      const auto found = std::ranges::find(old->record.secrets, pointer, &store::StoredSecret::pointer);
      if (found != old->record.secrets.end()) stored = &*found;
    }
    if (stored == nullptr) {
      return api::bad_place("/settings" + pointer,
                            "is the mask of a secret that is not stored: give the secret itself");
    }
    const auto* const was = before.if_contains("settings");
    if (was != nullptr && has_shrunk(*settings, *was, pointer)) {
      return api::bad_place("/settings" + pointer,
                            "is a mask in a list that became shorter, so it is not known which secret it "
                            "stands for: give the secrets of this list anew");
    }
    made.record.secrets.push_back(*stored);
    const auto known =
        std::ranges::find(old->secrets, pointer, &std::pair<std::string, security::Secret>::first);
    if (known != old->secrets.end()) {
      given->second = known->second;
      ++given;
    } else {
      made.unusable = old->unusable;
      given = made.secrets.erase(given);
    }
  }
  return {};
}

// A kept secret must not be sent where it was not meant for: whoever changes where a channel leads to gives
// its secrets anew.
Result<void> TeamEditor::judge_way(const json::value& settings, const Object& old, const Object& made) const {
  const auto before = read_stored(old.record);
  if (!before || made.record.secrets.empty()) return {};  // none is kept
  const auto* const name = before->if_contains("type");
  if (name == nullptr || !name->is_string()) return {};  // the row was damaged: nothing is delivered by it
  const auto type = find_type_(std::string(name->get_string()));
  const auto* const settings_before = before->if_contains("settings");
  if (!type || settings_before == nullptr) return {};
  for (const auto& pattern : type->egress) {
    if (!pattern.starts_with(plugin::kFromSettings)) continue;
    const auto target = plugin::settings_target(pattern);
    for (const auto pointer : {target.pointer, target.port}) {
      if (pointer.empty()) continue;
      const auto was = way_at(*settings_before, old.secrets, pointer);
      if (was == way_at(settings, made.secrets, pointer)) continue;
      return api::bad_place("/settings" + std::string(pointer),
                            "leads elsewhere than before: give the channel's secrets (/settings" +
                                made.record.secrets.front().pointer +
                                ") with it, since what stands in for them would send them there");
    }
  }
  return {};
}

Result<TeamEditor::Object> TeamEditor::edit(const api::ObjectChange& change, const Object* old) const {
  auto sent = api::read_object(change.body, "a JSON object");
  if (!sent) return sent.error();
  json::value body = std::move(*sent);
  if (const auto* name = body.get_object().if_contains("name");
      name != nullptr && *name != json::value(change.name)) {
    return api::bad_place("/name", "is another name than the path's: a " +
                                       std::string(api::name_of(change.kind)) + " keeps its name");
  }
  if (change.verb == api::ObjectChange::Verb::kMerge) {
    auto stored = read_stored(old->record);
    if (!stored) return stored.error();
    json::value target = std::move(*stored);
    if (auto* settings = target.get_object().if_contains("settings")) {
      for (const auto& secret : old->record.secrets) {
        static_cast<void>(plugin::place_text(*settings, secret.pointer, plugin::kSecretMask));
      }
    }
    merge_patch(target, body);
    body = std::move(target);
  } else {
    json::value target = json::object();  // null is as if it were left out
    merge_patch(target, body);
    body = std::move(target);
  }
  drop_nulls(body);
  json::object& members = body.get_object();
  for (const char* shown : {"name", "provisioned", "problem", "status", "origin"}) members.erase(shown);
  if (change.kind == store::ObjectKind::kSilence && members.if_contains("author") == nullptr) {
    members["author"] = change.by;
  }
  if (change.kind == store::ObjectKind::kDefaultAlerts) {
    if (auto checked = check_alerts(members); !checked) return checked.error();
  }
  Object made;
  if (old != nullptr) made = *old;
  made.secrets.clear();
  made.record.secrets.clear();
  made.unusable.clear();
  made.left_out.clear();
  made.team = change.team;
  made.record.kind = change.kind;
  made.record.name = change.name;
  if (change.kind == store::ObjectKind::kChannel) {
    if (old != nullptr) {
      const auto before = read_stored(old->record);
      const auto* type = before ? before->if_contains("type") : nullptr;
      if (type != nullptr && members.contains("type") && members.at("type") != *type) {
        return api::bad_place("/type", "cannot change: remove the channel and make another one");
      }
    }
    if (auto edited = edit_settings(members, old, made); !edited) return edited.error();
    const auto* const settings = members.if_contains("settings");
    if (old != nullptr && settings != nullptr) {
      if (auto judged = judge_way(*settings, *old, made); !judged) return judged.error();
    }
  }
  made.record.body = json::serialize(members);
  if (made.record.body.size() > kLargestBody) {
    return api::bad_place("", "the " + title_of(change.kind, change.name) + " is larger than " +
                                  std::to_string(kLargestBody >> 10) + " KiB");
  }
  return made;
}

Result<void> TeamEditor::seal(Object& object) const {
  for (const auto& entry : object.secrets) {
    const auto& pointer = entry.first;
    const auto& secret = entry.second;
    const bool kept = std::ranges::any_of(
        object.record.secrets, [&](const store::StoredSecret& stored) { return stored.pointer == pointer; });
    if (kept) continue;
    auto sealed = base_.keys->seal(secret, {object.team, object.record.name, pointer});
    if (!sealed) {
      Error error = sealed.error();
      if (error.code == Errc::kUnavailable) error.code = Errc::kConflict;  // waiting does not help
      error.fields.push_back({"/settings" + pointer, error.detail});
      return error;
    }
    object.record.secrets.push_back({pointer, std::move(sealed->key), std::move(sealed->bytes)});
  }
  return {};
}

Result<api::ObjectView> TeamEditor::run_change(const api::ObjectChange& asked) {
  using Verb = api::ObjectChange::Verb;
  api::ObjectChange change = asked;
  const auto team = std::ranges::find(teams_, change.team, &std::pair<std::string, TeamId>::first);
  if (team == teams_.end()) return make_error(Errc::kNotFound, "no such team");
  if (change.verb == Verb::kOrder) return run_order(change);
  if (change.verb == Verb::kCreate) {
    const auto body = api::read_object(change.body, "a JSON object");
    if (!body) return body.error();
    const auto* name = body->if_contains("name");
    if (name != nullptr && name->is_string()) {
      change.name = std::string(name->get_string());
    } else if (name == nullptr && change.kind == store::ObjectKind::kSilence) {
      change.name = make_silence_name(clock_.unix_ms());
    } else {
      return api::bad_place("/name", "is missing: name it");
    }
  }
  const std::string what = std::string(api::name_of(change.kind));
  const std::string title = title_of(change.kind, change.name);
  if (!routing::is_object_name(change.name)) {
    return api::bad_place("/name",
                          "is no name: write 1 to 63 of a-z, 0-9 and -, not starting or ending with -");
  }
  Objects candidate = objects_;
  const auto found = std::ranges::find_if(candidate, [&](const Object& object) {
    return object.team == change.team && object.record.kind == change.kind &&
           object.record.name == change.name;
  });
  const bool there = found != candidate.end();
  const bool removes_own = there && change.verb == Verb::kRemove;  // also what the file's hides
  if (is_in_file(change) && !removes_own) {
    return make_error(Errc::kConflict, "the " + title + " is of the configuration file: change it there");
  }
  if (there && change.verb == Verb::kCreate) {
    return make_error(Errc::kConflict, "there is a " + title + " already");
  }
  if (!there && (change.verb == Verb::kMerge || change.verb == Verb::kRemove)) {
    return make_error(Errc::kNotFound, change.kind == store::ObjectKind::kDefaultAlerts
                                           ? "the team has no default alert set of its own"
                                           : "the team has no " + what + " of this name");
  }
  const std::string etag = there ? make_etag(found->record) : "";
  if (change.only_if_none && there) return make_error(Errc::kOutdated, "there is a " + title + " already");
  if (!matches(change.if_match, etag)) {
    return make_error(Errc::kOutdated, "the " + title + " is another version by now: read it again");
  }

  store::ObjectWrite write;
  write.expected = there ? found->record.version : 0;
  write.remove = change.verb == Verb::kRemove;
  api::ObjectView view;
  const std::int64_t now_ms = clock_.unix_ms();
  if (write.remove) {
    write.object = found->record;
    view = view_object(change.team, found->record, "");
    candidate.erase(found);
  } else {
    auto made = edit(change, there ? &*found : nullptr);
    if (!made) return made.error();
    if (auto sealed = seal(*made); !sealed) return sealed.error();
    made->record.team = team->second;
    made->record.version = write.expected + 1;
    made->record.updated_ms = now_ms;
    if (!there) {
      made->record.created_ms = now_ms;
      std::size_t alike = 0;
      for (const Object& object : candidate) {
        if (object.team != change.team || object.record.kind != change.kind) continue;
        ++alike;
        made->record.place = std::max(made->record.place, object.record.place + 1);
      }
      if (alike >= kMostObjects) {
        return make_error(Errc::kConflict,
                          "the team has " + std::to_string(alike) + ' ' + what + "s: no more");
      }
    }
    write.object = made->record;
    view = view_object(change.team, made->record, made->unusable);
    if (there) {
      *found = std::move(*made);
    } else {  // behind the team's others of its kind, as the store lists them
      const auto behind = std::ranges::find_if(candidate, [&](const Object& object) {
        return std::pair(object.record.team, object.record.kind) > std::pair(team->second, change.kind);
      });
      candidate.insert(behind, std::move(*made));
    }
  }
  const auto merged = merge(base_, candidate);
  if (!merged) {
    Error error = point_into(change, merged.error());
    if (write.remove) {
      error.code = Errc::kConflict;
      error.detail = "something needs the " + title + ": " + error.detail;
    }
    return error;
  }
  const auto persist = [&](store::Store& store) -> Result<void> {
    const auto version = store.write_object(write, now_ms);
    if (!version) return version.error();
    return {};
  };
  // The change may have mended what kept others of the team's out.
  Objects revived = candidate;
  const auto whole = revive(change.team, revived);
  if (whole && apply_(*whole, make_views(base_, revived), persist)) {
    objects_ = std::move(revived);
  } else {
    if (auto applied = apply_(*merged, make_views(base_, candidate), persist); !applied) {
      return point_into(change, applied.error());
    }
    objects_ = std::move(candidate);
  }
  ops::log_info("app", write.remove ? "a team removed an object" : "a team changed an object",
                {{"team", change.team}, {"kind", what}, {"name", change.name}});
  // The default alerts are always there: the team's take the place of the given ones.
  view.created = !there && change.kind != store::ObjectKind::kDefaultAlerts;
  return view;
}

// Those of the team's objects that were left out and fit again are in; nothing where none is, or where one
// that was in would be out for it.
std::optional<config::Config> TeamEditor::revive(const std::string& team, Objects& objects) const {
  const auto is_out = [&](const Object& object) { return object.team == team && !object.left_out.empty(); };
  const auto out = std::ranges::count_if(objects, is_out);
  if (out == 0) return std::nullopt;
  std::vector<bool> was_in;
  for (Object& object : objects) {
    was_in.push_back(!is_out(object));
    if (is_out(object)) object.left_out.clear();
  }
  // Each round sets at least one aside again, so it comes to an end.
  for (std::ptrdiff_t round = 0; round <= out; ++round) {
    auto merged = merge(base_, objects);
    if (merged) {
      for (std::size_t i = 0; i < objects.size(); ++i) {
        if (was_in[i] && is_out(objects[i])) return std::nullopt;
      }
      if (std::ranges::count_if(objects, is_out) == out) return std::nullopt;
      return std::move(*merged);
    }
    if (!set_aside(objects, merged.error())) return std::nullopt;
  }
  return std::nullopt;
}

// The rules of the file stand first, whatever the order of the team's own.
Result<api::ObjectView> TeamEditor::run_order(const api::ObjectChange& change) {
  const auto body = api::read_object(change.body, "a JSON object");
  if (!body) return body.error();
  for (const auto& member : *body) {
    if (member.key() != "rules")
      return api::bad_place(api::pointer_to(member.key()), "is not known here: remove it");
  }
  const auto* rules = body->if_contains("rules");
  if (rules == nullptr || !rules->is_array()) {
    return api::bad_place("/rules", "must be an array of the names of the team's rules, first to last");
  }
  Objects candidate = objects_;
  const auto is_one = [&](const Object& object) {
    return object.team == change.team && object.record.kind == store::ObjectKind::kRule;
  };
  const auto first = std::ranges::find_if(candidate, is_one);  // they stand together, in their order
  const auto last = std::find_if_not(first, candidate.end(), is_one);
  auto place = first;
  store::ObjectOrder order;
  order.kind = store::ObjectKind::kRule;
  for (std::size_t i = 0; i < rules->get_array().size(); ++i) {
    const json::value& name = rules->get_array()[i];
    const std::string pointer = "/rules/" + std::to_string(i);
    if (!name.is_string()) return api::bad_place(pointer, "must be the name of a rule");
    api::ObjectChange one = change;
    one.name = std::string(name.get_string());
    if (is_in_file(one)) {
      return api::bad_place(pointer, "is of the configuration file: its rules stand first, in its order");
    }
    const auto found =
        std::find_if(place, last, [&](const Object& object) { return object.record.name == one.name; });
    if (found == last) {
      const bool twice =
          std::any_of(first, place, [&](const Object& object) { return object.record.name == one.name; });
      return api::bad_place(pointer, twice ? "is named twice" : "the team has no rule of this name");
    }
    std::rotate(place, found, found + 1);
    order.names.push_back(one.name);
    ++place;
  }
  if (place != last) {
    return make_error(Errc::kOutdated, "the rule \"" + place->record.name +
                                           "\" is not listed: read the rules again and list all of them");
  }
  if (first != last) order.team = first->record.team;
  for (auto object = first; object != last; ++object) object->record.place = object - first;
  const auto merged = merge(base_, candidate);
  if (!merged) return point_into(change, merged.error());
  const auto persist = [&](store::Store& store) { return store.order_objects(order); };
  if (auto applied = apply_(*merged, make_views(base_, candidate), persist); !applied) {
    return point_into(change, applied.error());
  }
  objects_ = std::move(candidate);
  ops::log_info("app", "a team changed the order of its rules", {{"team", change.team}});
  api::ObjectView view;
  view.team = change.team;
  view.kind = change.kind;
  view.json = json::serialize(json::object{{"rules", *rules}});
  return view;
}

}  // namespace tocsin::app
