// /v1/keys: which master keys there are, what each has sealed, and sealing it anew with the active one. See
// service.hpp for threads.
#include <algorithm>

#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

void append_key(std::string& out, const security::KeyRing::State& key, bool active, std::int64_t secrets) {
  out += out.back() == '[' ? "{\"id\":" : ",{\"id\":";
  append_json_string(out, key.id);
  out += active ? ",\"active\":true" : ",\"active\":false";
  out += key.fault.empty() ? ",\"usable\":true" : ",\"usable\":false";
  if (!key.fault.empty()) append_text(out, "fault", key.fault);
  out += ",\"secrets\":" + std::to_string(secrets) + '}';
}

void append_rotation(std::string& out, const RotationProgress& progress, std::int64_t left) {
  out += "{\"running\":";
  out += progress.running ? "true" : "false";
  out += ",\"done\":" + std::to_string(progress.done) + ",\"failed\":" + std::to_string(progress.failed) +
         ",\"left\":" + std::to_string(left);
  if (!progress.problem.empty()) append_text(out, "problem", progress.problem);
  out += ",\"unopened\":[";
  for (const UnopenedSecret& secret : progress.unopened) {
    out += out.back() == '[' ? "{\"team\":" : ",{\"team\":";
    append_json_string(out, secret.team);
    append_text(out, "channel", secret.channel);
    append_text(out, "pointer", secret.pointer);
    append_text(out, "reason", secret.reason);
    out += '}';
  }
  out += "]}";
}

// The configured keys, then those that are gone and have still sealed something.
std::string render_keys(const security::KeyRing& keys, const std::vector<store::KeyUse>& uses,
                        const RotationProgress& progress) {
  std::string out = "{\"keys\":[";
  std::int64_t left = 0;
  for (const auto& key : keys.states()) {
    const auto use = std::ranges::find(uses, key.id, &store::KeyUse::key);
    append_key(out, key, key.id == keys.active(), use == uses.end() ? 0 : use->secrets);
  }
  for (const auto& use : uses) {
    if (use.key != keys.active()) left += use.secrets;
    if (keys.knows(use.key)) continue;
    append_key(out, {use.key, "is not configured: add it again, or set what it has sealed anew"}, false,
               use.secrets);
  }
  out += "],\"rotation\":";
  append_rotation(out, progress, left);
  return out + '}';
}

}  // namespace

void Service::add_key_endpoints() {
  endpoints_.push_back({"GET", "/v1/keys", security::Permission::kManageKeys,
                        [this](Call call, net::Responder to) { send_keys(200, call, std::move(to)); }});
  endpoints_.push_back({"POST", "/v1/keys/rotate", security::Permission::kManageKeys,
                        [this](Call call, net::Responder to) { rotate_keys(call, std::move(to)); },
                        "keys.rotate"});
}

void Service::rotate_keys(const Call& call, net::Responder responder) {
  if (auto able = state_->keys->can_seal(); !able) {
    Error error = able.error();
    error.code = Errc::kConflict;  // waiting does not help
    responder.send(net::make_problem(error, call.request.id));
    return;
  }
  if (with_.rotation == nullptr) {
    responder.send(net::make_problem(
        make_error(Errc::kUnavailable, "nothing can be changed over the API now"), call.request.id));
    return;
  }
  with_.rotation->rotate();
  send_keys(202, call, std::move(responder));
}

void Service::send_keys(int status, const Call& call, net::Responder responder) {
  // Before the values are counted: what says that it has ended is shown with what it left.
  auto progress = with_.rotation == nullptr ? RotationProgress() : with_.rotation->rotation();
  with_.readers.run([status, progress = std::move(progress), keys = state_->keys, id = call.request.id,
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    const auto uses = reader.count_secrets();
    if (!uses) {
      to->send(net::make_problem(uses.error(), id));
      return;
    }
    net::HttpResponse response;
    response.status = status;
    response.body = render_keys(*keys, *uses, progress);
    to->send(std::move(response));
  });
}

}  // namespace tocsin::api
