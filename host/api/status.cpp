// Health, the catalogue and the API's own description: what the daemon is and how it feels. See
// service.hpp for threads.
#include <algorithm>

#include "api/openapi.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

struct Check {
  std::string name;
  bool ok = true;
  bool gates = false;  // not ready where this is not ok
  std::string detail;
};

Check check_store(const store::WriterHealth& health) {
  Check check{"store", !health.failed && !health.storage_full, true, health.reason};
  if (check.ok) check.detail = "commits reach the disk";
  return check;
}

std::vector<Check> check_plugins(const ServiceState& state) {
  std::vector<Check> checks;
  for (const auto& plugin : state.plugins) {
    checks.push_back(
        {"plugin " + plugin.path, plugin.loaded, false, plugin.loaded ? "loaded" : plugin.problem});
  }
  return checks;
}

std::string render_checks(bool ready, const std::vector<Check>& checks) {
  std::string out = ready ? "{\"ready\":true,\"checks\":[" : "{\"ready\":false,\"checks\":[";
  for (std::size_t i = 0; i < checks.size(); ++i) {
    out += i == 0 ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, checks[i].name);
    out += checks[i].ok ? ",\"ok\":true" : ",\"ok\":false";
    append_text(out, "detail", checks[i].detail);
    out += '}';
  }
  out += "]}";
  return out;
}

std::string render_event_types(const Catalogue& catalogue) {
  std::string out = "{\"event_types\":[";
  for (std::size_t i = 0; i < catalogue.types().size(); ++i) {
    const auto& type = catalogue.types()[i];
    out += i == 0 ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, type.name);
    append_text(out, "summary", type.summary);
    append_text(out, "category", to_string(type.category));
    if (type.default_severity) append_text(out, "default_severity", to_string(*type.default_severity));
    if (type.floor > Severity::kInfo) append_text(out, "severity_floor", to_string(type.floor));
    out += type.default_severity ? ",\"severity_required\":false" : ",\"severity_required\":true";
    out += type.default_alert ? ",\"default_alert\":true" : ",\"default_alert\":false";
    if (type.default_alert) append_text(out, "default_alert_from", to_string(type.default_alert_from));
    out += '}';
  }
  out += "]}";
  return out;
}

}  // namespace

void Service::add_status_endpoints() {
  using security::Permission;
  endpoints_.push_back({"GET", "/livez", Public{}, [](Call, net::Responder to) {
                          net::HttpResponse response;
                          response.body = R"({"live":true})";
                          to.send(std::move(response));
                        }});
  endpoints_.push_back({"GET", "/readyz", Public{},
                        [this](Call call, net::Responder to) { get_ready(std::move(call), std::move(to)); }});
  endpoints_.push_back({"GET", "/metrics", Public{}, [this](Call, net::Responder to) {
                          net::HttpResponse response;
                          response.content_type =
                              "application/openmetrics-text; version=1.0.0; charset=utf-8";
                          response.body = with_.metrics();
                          to.send(std::move(response));
                        }});
  endpoints_.push_back({"GET", "/openapi.json", Public{}, [](Call, net::Responder to) {
                          net::HttpResponse response;
                          response.body = openapi_document();
                          to.send(std::move(response));
                        }});
  endpoints_.push_back(
      {"GET", "/v1/channel-types", Permission::kReadCatalogue,
       [this](Call call, net::Responder to) { get_channel_types(std::move(call), std::move(to)); }});
  endpoints_.push_back(
      {"GET", "/v1/event-types", Permission::kReadCatalogue,
       [this](Call call, net::Responder to) { get_event_types(std::move(call), std::move(to)); }});
}

void Service::get_ready(Call call, net::Responder responder) {
  std::vector<Check> checks{check_store(with_.writer.health())};
  checks.push_back({"intake", !draining_, true, draining_ ? "the daemon is stopping" : "events are taken"});
  for (auto& check : check_plugins(*state_)) checks.push_back(std::move(check));
  const bool ready =
      std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok || !check.gates; });
  net::HttpResponse response;
  response.status = ready ? 200 : 503;
  if (!ready) response.headers.push_back({"Retry-After", "1"});
  if (call.request.parameter("verbose")) {
    response.body = render_checks(ready, checks);
  } else {
    response.body = ready ? R"({"ready":true})" : R"({"ready":false})";
  }
  responder.send(std::move(response));
}

void Service::get_channel_types(Call, net::Responder responder) {
  net::HttpResponse response;
  response.body = "{\"channel_types\":[";
  for (std::size_t i = 0; i < state_->types.size(); ++i) {
    const auto& type = *state_->types[i];
    response.body += i == 0 ? "{\"type\":" : ",{\"type\":";
    append_json_string(response.body, type.type);
    append_text(response.body, "name", type.name);
    append_text(response.body, "summary", type.summary);
    append_text(response.body, "version", type.version);
    response.body += type.verifies ? ",\"connection_test\":true" : ",\"connection_test\":false";
    response.body += ",\"settings_schema\":" + type.schema_json + "}";
  }
  response.body += "]}";
  responder.send(std::move(response));
}

void Service::get_event_types(Call, net::Responder responder) {
  net::HttpResponse response;
  response.body = render_event_types(*with_.intake.table()->catalogue);
  responder.send(std::move(response));
}

}  // namespace tocsin::api
