// /v1/teams/{team}/deliveries: the delivery log. See service.hpp for threads.
#include <algorithm>

#include "api/delivery_filter.hpp"
#include "api/json_body.hpp"
#include "api/page.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

// The filter the query asks for; `routes` is the team's.
Result<store::DeliveryFilter> read_filter(const net::HttpRequest& request, const ingest::TeamRoutes& routes) {
  FilterTexts texts;
  for (const auto* name : {"channel", "state", "type", "since", "until"}) {
    *texts.find(name) = request.parameter(name);
  }
  auto read = read_delivery_filter(texts, routes);
  if (!read) return read;
  store::DeliveryFilter filter = std::move(*read);
  if (const auto cursor = request.parameter("cursor")) {
    const auto before = parse_delivery_id(*cursor);
    if (!before) return bad_place("cursor", "is not one this API gave out");
    filter.before = *before;
  }
  const auto limit = read_limit(request);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

std::string render_page(const store::DeliveryPage& page) {
  std::string out = "{\"deliveries\":[";
  for (std::size_t i = 0; i < page.deliveries.size(); ++i) {
    if (i != 0) out += ',';
    append_delivery(out, page.deliveries[i], nullptr);
  }
  out += "],\"next\":";
  out += page.next == 0 ? "null" : "\"" + format_delivery_id(page.next) + "\"";
  out += '}';
  return out;
}

// What an unfinished delivery waits for, in words.
std::string waits_for(const store::DeliveryRecord& delivery, const delivery::ChannelStatus* channel,
                      std::int64_t now_ms) {
  if (delivery.state == DeliveryState::kSending) return "the end of an attempt";
  if (channel == nullptr) return "its channel, which is not in force now";
  if (channel->state == "paused") return "somebody to resume its channel";
  if (channel->state != "ready") {
    std::string text =
        channel->state == "backing_off" ? "its channel, which holds back" : "its channel, which is ";
    if (channel->state != "backing_off") text += channel->state;
    if (channel->resume_ms > now_ms) text += " until " + format_rfc3339(channel->resume_ms);
    return channel->reason.empty() ? text : text + ": " + channel->reason;
  }
  if (delivery.due_ms <= now_ms) return "its turn";
  return (delivery.state == DeliveryState::kScheduled ? "its next try, at "
                                                      : "the end of a digest window or of quiet hours, at ") +
         format_rfc3339(delivery.due_ms);
}

}  // namespace

void Service::add_delivery_endpoints() {
  using security::Permission;
  endpoints_.push_back(
      {"GET", "/v1/teams/{team}/deliveries", Permission::kReadEvents,
       [this](Call call, net::Responder to) { list_deliveries(std::move(call), std::move(to)); }});
  endpoints_.push_back(
      {"GET", "/v1/teams/{team}/deliveries/{id}", Permission::kReadEvents,
       [this](Call call, net::Responder to) { get_delivery(std::move(call), std::move(to)); }});
}

void Service::list_deliveries(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  auto filter = read_filter(call.request, *team);
  if (!filter) {
    responder.send(net::make_problem(filter.error(), call.request.id));
    return;
  }
  answer_reading(call, std::move(responder),
                 [filter = std::move(*filter)](store::Reader& reader) -> Result<std::string> {
                   const auto page = reader.list_deliveries(filter);
                   if (!page) return page.error();
                   return render_page(*page);
                 });
}

void Service::get_delivery(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  const auto delivery = parse_delivery_id(call.arguments[1]);
  if (!delivery) {
    responder.send(net::make_problem(make_error(Errc::kNotFound, "no such delivery"), call.request.id));
    return;
  }
  answer_reading(call, std::move(responder),
                 [delivery = *delivery, team = team->id, now_ms = with_.clock.unix_ms(),
                  statuses = with_.engine.statuses()](store::Reader& reader) -> Result<std::string> {
                   const auto record = reader.find_delivery(delivery, std::span<const TeamId>(&team, 1));
                   if (!record) return record.error();
                   if (!*record) return make_error(Errc::kNotFound, "no such delivery");
                   const auto attempts = reader.list_attempts(delivery);
                   if (!attempts) return attempts.error();
                   std::string body;
                   append_delivery(body, **record, &*attempts);
                   if (!is_final((*record)->state)) {
                     const auto channel =
                         std::ranges::find(statuses, (*record)->channel, &delivery::ChannelStatus::id);
                     body.back() = ',';
                     body += "\"waits_for\":";
                     append_json_string(
                         body, waits_for(**record, channel == statuses.end() ? nullptr : &*channel, now_ms));
                     body += '}';
                   }
                   return body;
                 });
}

}  // namespace tocsin::api
