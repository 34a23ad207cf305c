// POST …/rules/dry-run: where an event would go now, and why. Nothing is stored and nothing sent. See
// service.hpp for threads.
#include "api/events.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {

void Service::add_rehearsal_endpoint() {
  endpoints_.push_back({"POST", "/v1/teams/{team}/rules/dry-run", security::Permission::kManageIntegrations,
                        [this](Call call, net::Responder to) { rehearse(call, std::move(to)); }});
}

void Service::rehearse(const Call& call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  const std::vector<std::string> teams = {call.arguments[0]};
  const auto event = with_.intake.rehearse(call.request.body, {false, &teams});
  if (!event) {
    responder.send(make_event_problem(event.error(), call.request.id));
    return;
  }
  net::HttpResponse response;
  response.body = "{";
  append_explanation(response.body, team->rules->explain(*event));
  response.body += '}';
  responder.send(std::move(response));
}

}  // namespace tocsin::api
