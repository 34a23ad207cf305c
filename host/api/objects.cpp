// /v1/teams/{team}/channels, …/rules, …/silences and …/default-alerts: what a team has, and changing what it
// keeps itself. A change is the editor's (object_editor.hpp); its answer comes when it is in force. See
// service.hpp for threads.
#include <algorithm>
#include <array>

#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

using store::ObjectKind;
using Verb = ObjectChange::Verb;

std::string path_of(const ObjectView& view) {
  return "/v1/teams/" + encode_segment(view.team) + '/' + std::string(plural_of(view.kind)) + '/' +
         encode_segment(view.name);
}

// With a channel's status, where the engine has it.
void append_view(std::string& out, const ObjectView& view,
                 const std::vector<delivery::ChannelStatus>& statuses) {
  out += view.json;
  const auto status = std::ranges::find_if(statuses, [&](const delivery::ChannelStatus& one) {
    return one.team == view.team && one.name == view.name;
  });
  if (view.kind != ObjectKind::kChannel || view.is_out || status == statuses.end()) return;
  out.pop_back();
  out += ",\"status\":";
  append_channel(out, *status);
  out += '}';
}

net::HttpResponse answer_view(const ObjectView& view) {
  net::HttpResponse response;
  response.body = view.json;
  if (!view.etag.empty()) response.headers.push_back({"ETag", view.etag});
  return response;
}

}  // namespace

std::string_view name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kRule:
      return "rule";
    case ObjectKind::kSilence:
      return "silence";
    case ObjectKind::kDefaultAlerts:
      return "default alerts";
    case ObjectKind::kChannel:
      break;
  }
  return "channel";
}

std::string_view plural_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kRule:
      return "rules";
    case ObjectKind::kSilence:
      return "silences";
    case ObjectKind::kDefaultAlerts:
      return "default-alerts";
    case ObjectKind::kChannel:
      break;
  }
  return "channels";
}

void Service::add_object_endpoints() {
  const auto add = [this](std::string_view method, std::string_view path, auto serve,
                          std::string_view act = {}) {
    endpoints_.push_back({method, path, security::Permission::kManageIntegrations,
                          [serve](Call call, net::Responder to) { serve(std::move(call), std::move(to)); },
                          act});
  };
  const auto add_kind = [&](ObjectKind kind, std::string_view all, std::string_view one,
                            const std::array<std::string_view, 4>& acts) {
    const auto change = [this, kind](Verb verb) {
      return [this, kind, verb](Call call, net::Responder to) {
        change_object(verb, kind, std::move(call), std::move(to));
      };
    };
    add("GET", all,
        [this, kind](Call call, net::Responder to) { list_objects(kind, std::move(call), std::move(to)); });
    add("POST", all, change(Verb::kCreate), acts[0]);
    add("GET", one,
        [this, kind](Call call, net::Responder to) { get_object(kind, std::move(call), std::move(to)); });
    add("PUT", one, change(Verb::kReplace), acts[1]);
    add("PATCH", one, change(Verb::kMerge), acts[2]);
    add("DELETE", one, change(Verb::kRemove), acts[3]);
  };
  add_kind(ObjectKind::kChannel, "/v1/teams/{team}/channels", "/v1/teams/{team}/channels/{name}",
           {"channel.create", "channel.replace", "channel.change", "channel.remove"});
  add_kind(ObjectKind::kRule, "/v1/teams/{team}/rules", "/v1/teams/{team}/rules/{name}",
           {"rule.create", "rule.replace", "rule.change", "rule.remove"});
  add_kind(ObjectKind::kSilence, "/v1/teams/{team}/silences", "/v1/teams/{team}/silences/{name}",
           {"silence.create", "silence.replace", "silence.change", "silence.remove"});
  add(
      "POST", "/v1/teams/{team}/rules/order",
      [this](Call call, net::Responder to) {
        change_object(Verb::kOrder, ObjectKind::kRule, std::move(call), std::move(to));
      },
      "rules.order");
  const auto add_alerts = [&](std::string_view method, auto serve, std::string_view act = {}) {
    add(
        method, "/v1/teams/{team}/default-alerts",
        [serve](Call call, net::Responder to) {
          call.arguments.emplace_back(kDefaultAlertsName);
          serve(std::move(call), std::move(to));
        },
        act);
  };
  const auto change_alerts = [this](Verb verb) {
    return [this, verb](Call call, net::Responder to) {
      change_object(verb, ObjectKind::kDefaultAlerts, std::move(call), std::move(to));
    };
  };
  add_alerts("GET", [this](Call call, net::Responder to) {
    get_object(ObjectKind::kDefaultAlerts, std::move(call), std::move(to));
  });
  add_alerts("PUT", change_alerts(Verb::kReplace), "default-alerts.replace");
  add_alerts("DELETE", change_alerts(Verb::kRemove), "default-alerts.remove");
  const auto add_pause = [&](std::string_view path, const char* body, std::string_view act) {
    add(
        "POST", path,
        [this, body](Call call, net::Responder to) {
          call.request.body = body;
          change_object(Verb::kMerge, ObjectKind::kChannel, std::move(call), std::move(to));
        },
        act);
  };
  add_pause("/v1/teams/{team}/channels/{name}/pause", R"({"paused":true})", "channel.pause");
  add_pause("/v1/teams/{team}/channels/{name}/resume", R"({"paused":false})", "channel.resume");
}

void Service::list_objects(ObjectKind kind, Call call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  const auto statuses =
      kind == ObjectKind::kChannel ? with_.engine.statuses() : std::vector<delivery::ChannelStatus>();
  net::HttpResponse response;
  response.body = "{\"" + std::string(plural_of(kind)) + "\":[";
  for (const ObjectView& view : *state_->objects) {
    if (view.team != call.arguments[0] || view.kind != kind) continue;
    if (response.body.back() != '[') response.body += ',';
    append_view(response.body, view, statuses);
  }
  response.body += "]}";
  responder.send(std::move(response));
}

void Service::get_object(ObjectKind kind, Call call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  const auto found = std::ranges::find_if(*state_->objects, [&](const ObjectView& view) {
    return view.team == call.arguments[0] && view.kind == kind && view.name == call.arguments[1];
  });
  if (found == state_->objects->end()) {
    const std::string what = "the team has no " + std::string(name_of(kind)) + " of this name";
    responder.send(net::make_problem(make_error(Errc::kNotFound, what), call.request.id));
    return;
  }
  responder.send(answer_view(*found));
}

void Service::change_object(Verb verb, ObjectKind kind, Call call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  if (with_.editor == nullptr) {
    responder.send(net::make_problem(
        make_error(Errc::kUnavailable, "nothing can be changed over the API now"), call.request.id));
    return;
  }
  ObjectChange change;
  change.verb = verb;
  change.kind = kind;
  change.team = call.arguments[0];
  if (call.arguments.size() > 1) change.name = call.arguments[1];
  change.by = call.principal->acts_for();
  change.if_match = call.request.header("if-match");
  const auto none_match = call.request.header("if-none-match");
  if (!none_match.empty() && none_match != "*") {
    responder.send(net::make_problem(
        bad_place("If-None-Match", "can only be *: make it where it is not there"), call.request.id));
    return;
  }
  change.only_if_none = !none_match.empty();
  change.body = std::move(call.request.body);
  with_.editor->change(std::move(change),
                       [id = call.request.id, to = std::make_shared<net::Responder>(std::move(responder))](
                           const Result<ObjectView>& view) {
                         if (!view) {
                           to->send(net::make_problem(view.error(), id));
                           return;
                         }
                         auto response = answer_view(*view);
                         if (view->created) {
                           response.status = 201;
                           response.headers.push_back({"Location", path_of(*view)});
                         }
                         to->send(std::move(response));
                       });
}

}  // namespace tocsin::api
