// /v1/teams/{team}/deliveries: the delivery log. See service.hpp for threads.
#include <charconv>

#include "api/delivery_filter.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

constexpr std::size_t kMaxPage = 200;

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
    if (!before) return bad_parameter("cursor", "is not one this API gave out");
    filter.before = *before;
  }
  if (const auto limit = request.parameter("limit")) {
    const auto [end, failure] = std::from_chars(limit->data(), limit->data() + limit->size(), filter.limit);
    if (failure != std::errc() || end != limit->data() + limit->size() || filter.limit < 1 ||
        filter.limit > kMaxPage) {
      return bad_parameter("limit", "must be 1 to 200");
    }
  }
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
  with_.readers.run([filter = std::move(*filter), id = call.request.id,
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    const auto page = reader.list_deliveries(filter);
    if (!page) {
      to->send(net::make_problem(page.error(), id));
      return;
    }
    net::HttpResponse response;
    response.body = render_page(*page);
    to->send(std::move(response));
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
  with_.readers.run([delivery = *delivery, team = team->id, id = call.request.id,
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    const auto record = reader.find_delivery(delivery, std::span<const TeamId>(&team, 1));
    if (!record) {
      to->send(net::make_problem(record.error(), id));
      return;
    }
    if (!*record) {
      to->send(net::make_problem(make_error(Errc::kNotFound, "no such delivery"), id));
      return;
    }
    const auto attempts = reader.list_attempts(delivery);
    if (!attempts) {
      to->send(net::make_problem(attempts.error(), id));
      return;
    }
    net::HttpResponse response;
    append_delivery(response.body, **record, &*attempts);
    to->send(std::move(response));
  });
}

}  // namespace tocsin::api
