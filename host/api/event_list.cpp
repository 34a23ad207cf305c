// GET /v1/teams/{team}/events: what was taken in, whether a channel got it or not. See service.hpp for
// threads.
#include <boost/json.hpp>

#include "api/json_body.hpp"
#include "api/page.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kMatched = "matched";
constexpr std::string_view kUnmatched = "unmatched";

Result<store::EventFilter> read_filter(const net::HttpRequest& request, TeamId team) {
  store::EventFilter filter;
  filter.team = team;
  filter.type = request.parameter("type").value_or("");
  if (const auto state = request.parameter("state")) {
    if (*state != kMatched && *state != kUnmatched) return bad_place("state", "must be matched or unmatched");
    filter.matched = *state == kMatched;
  }
  for (const auto& [name, at] :
       {std::pair{"since", &filter.since_ms}, std::pair{"until", &filter.until_ms}}) {
    const auto text = request.parameter(name);
    if (text && !parse_rfc3339(*text, *at)) return bad_place(name, kTimeWanted);
  }
  if (const auto cursor = request.parameter("cursor")) {
    const auto before = parse_event_id(*cursor);
    if (!before) return bad_place("cursor", "is not one this API gave out");
    filter.before = *before;
  }
  const auto limit = read_limit(request);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

std::string render_page(const store::EventPage& page) {
  json::array events;
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    json::object event = summarize_event(page.events[i]);
    event["state"] = page.deliveries[i] > 0 ? kMatched : kUnmatched;
    event["deliveries"] = page.deliveries[i];
    events.push_back(std::move(event));
  }
  return json::serialize(
      json::object{{"events", std::move(events)},
                   {"next", page.next == 0 ? json::value() : json::value(format_event_id(page.next))}});
}

}  // namespace

void Service::add_event_list_endpoint() {
  endpoints_.push_back({"GET", "/v1/teams/{team}/events", security::Permission::kReadEvents,
                        [this](Call call, net::Responder to) { list_events(call, std::move(to)); }});
}

void Service::list_events(const Call& call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  auto filter = read_filter(call.request, team->id);
  if (!filter) {
    responder.send(net::make_problem(filter.error(), call.request.id));
    return;
  }
  answer_reading(call, std::move(responder),
                 [filter = std::move(*filter)](store::Reader& reader) -> Result<std::string> {
                   const auto page = reader.list_events(filter);
                   if (!page) return page.error();
                   return render_page(*page);
                 });
}

}  // namespace tocsin::api
