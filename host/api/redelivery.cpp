// Sending again and cancelling by hand: POST …/deliveries/{id}/redeliver, …/{id}/cancel and, by filter,
// …/deliveries/redeliver. What a delivery is decides on the reading threads, what becomes of it on the
// store's, so that nothing that happens in between is overwritten. See service.hpp for threads.
#include <algorithm>
#include <boost/json.hpp>

#include "api/delivery_filter.hpp"
#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"
#include "routing/definition.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;
using SharedResponder = std::shared_ptr<net::Responder>;

constexpr std::size_t kPage = 500;           // deliveries in one transaction
constexpr std::size_t kMostAtOnce = 50'000;  // by one request; what is left is said

Error conflict(const store::DeliveryRecord& record, std::string why) {
  return make_error(Errc::kConflict, "the delivery is " + std::string(to_string(record.state)) + ": " + why);
}

// Why a delivery cannot be sent again; nullopt: it can.
std::optional<Error> refuse_redelivery(const store::DeliveryRecord& record, bool configured) {
  if (record.event_type == kTestEventType) {
    return make_error(Errc::kConflict, "a test message is not sent again: test the channel once more");
  }
  if (!configured) {
    return make_error(Errc::kConflict, "its channel \"" + record.channel_name + "\" was removed");
  }
  if (!is_final(record.state) && record.state != DeliveryState::kScheduled) {
    return conflict(record, "it is on its way already");
  }
  return std::nullopt;
}

// A request for many: the filter, and whether only to count.
struct Bulk {
  store::DeliveryFilter filter;
  bool dry_run = false;
};

Result<Bulk> read_bulk(const std::string& body, const ingest::TeamRoutes& routes) {
  const auto parsed = read_object(
      body, R"(a JSON object that says which: {"state":"failed","since":"2026-11-23T08:00:00Z"})");
  if (!parsed) return parsed.error();
  Bulk bulk;
  FilterTexts texts;
  for (const auto& member : *parsed) {
    const std::string name(member.key());
    if (name == "dry_run") {
      if (!member.value().is_bool()) return bad_place("/" + name, "must be true or false");
      bulk.dry_run = member.value().get_bool();
      continue;
    }
    auto* text = texts.find(name);
    if (text == nullptr) {
      return bad_place("/" + name, "is not a member here: channel, state, type, since, until, dry_run");
    }
    if (!member.value().is_string()) return bad_place("/" + name, "must be a string");
    *text = std::string(member.value().get_string());
  }
  if (!texts.state) texts.state = "failed";
  if (!texts.since) return bad_place("/since", "is missing: say from which time on");
  auto filter = read_delivery_filter(texts, routes);
  if (!filter) {
    Error error = filter.error();
    for (auto& field : error.fields) field.pointer.insert(0, 1, '/');
    return error;
  }
  if (!is_final(*filter->state) && filter->state != DeliveryState::kScheduled) {
    return bad_place("/state", "must be failed, cancelled, delivered, accepted or scheduled");
  }
  bulk.filter = std::move(*filter);
  bulk.filter.limit = kPage;
  return bulk;
}

// The deliveries a bulk request means, from one moment.
Result<std::vector<DeliveryId>> find_all(store::Reader& reader, const Bulk& bulk,
                                         const std::vector<ChannelId>& configured) {
  std::vector<DeliveryId> found;
  store::DeliveryFilter filter = bulk.filter;
  do {
    auto page = reader.list_deliveries(filter);
    if (!page) return page.error();
    for (const auto& record : page->deliveries) {
      const bool known = std::ranges::find(configured, record.channel) != configured.end();
      if (!refuse_redelivery(record, known)) found.push_back(record.id);
      if (found.size() == kMostAtOnce) return found;
    }
    filter.before = page->next;
  } while (filter.before != 0);
  return found;
}

std::string render_bulk(std::size_t count, bool dry_run) {
  json::object out{{"count", count}, {"dry_run", dry_run}, {"more", count == kMostAtOnce}};
  return json::serialize(out);
}

}  // namespace

void Service::add_redelivery_endpoints() {
  const auto add = [this](std::string_view path, auto member, std::string_view act) {
    endpoints_.push_back(
        {"POST", path, security::Permission::kManageIntegrations,
         [this, member](Call call, net::Responder to) { (this->*member)(std::move(call), std::move(to)); },
         act});
  };
  add("/v1/teams/{team}/deliveries/redeliver", &Service::redeliver_many, kRedeliverMany);
  add("/v1/teams/{team}/deliveries/{id}/redeliver", &Service::redeliver, "delivery.redeliver");
  add("/v1/teams/{team}/deliveries/{id}/cancel", &Service::cancel_delivery, "delivery.cancel");
}

// Finds the delivery and goes on with it on the reading thread; answers itself where there is none.
void Service::with_delivery(Call call, net::Responder responder,
                            std::function<void(store::DeliveryRecord, SharedResponder)> go_on) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  const auto delivery = parse_delivery_id(call.arguments[1]).value_or(0);
  with_.readers.run([delivery, team = team->id, id = call.request.id, go_on = std::move(go_on),
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    auto record = reader.find_delivery(delivery, std::span<const TeamId>(&team, 1));
    if (!record) {
      to->send(net::make_problem(record.error(), id));
    } else if (!*record) {
      to->send(net::make_problem(make_error(Errc::kNotFound, "no such delivery"), id));
    } else {
      go_on(std::move(**record), to);
    }
  });
}

void Service::redeliver(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  const std::string request = call.request.id;
  auto channels = team->channels;
  with_delivery(
      std::move(call), std::move(responder),
      [this, request, channels = std::move(channels)](store::DeliveryRecord record,
                                                      const SharedResponder& to) {
        const bool configured = std::ranges::find(channels, record.channel) != channels.end();
        if (const auto refused = refuse_redelivery(record, configured)) {
          to->send(net::make_problem(*refused, request));
          return;
        }
        with_.writer.run([this, request, record = std::move(record), to](store::Store& store) mutable {
          const std::int64_t now_ms = with_.clock.unix_ms();
          const auto reopened = store.reopen(std::span<const DeliveryId>(&record.id, 1), now_ms);
          if (!reopened || reopened->empty()) {
            to->send(net::make_problem(
                reopened ? conflict(record, "it waits with its digest, or has changed meanwhile: look again")
                         : reopened.error(),
                request));
            return;
          }
          with_.engine.recall(*reopened);
          record.state = DeliveryState::kPending;
          record.tries = 0;
          record.due_ms = now_ms;
          record.finished_ms = 0;
          record.reason.clear();
          net::HttpResponse response;
          append_delivery(response.body, record, nullptr);
          to->send(std::move(response));
        });
      });
}

void Service::redeliver_many(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  auto bulk = read_bulk(call.request.body, *team);
  if (!bulk) {
    responder.send(net::make_problem(bulk.error(), call.request.id));
    return;
  }
  auto to = std::make_shared<net::Responder>(std::move(responder));
  with_.readers.run([this, bulk = std::move(*bulk), channels = team->channels, request = call.request.id,
                     to](store::Reader& reader) {
    auto found = find_all(reader, bulk, channels);
    if (!found) {
      to->send(net::make_problem(found.error(), request));
      return;
    }
    if (bulk.dry_run) {
      net::HttpResponse response;
      response.body = render_bulk(found->size(), true);
      to->send(std::move(response));
      return;
    }
    reopen_from(std::make_shared<std::vector<DeliveryId>>(std::move(*found)), 0, request, to);
  });
}

// A page a turn of the store's thread, so that events are accepted in between.
void Service::reopen_from(std::shared_ptr<std::vector<DeliveryId>> found, std::size_t at,
                          const std::string& request, const SharedResponder& to) {
  if (at >= found->size()) {
    net::HttpResponse response;
    response.body = render_bulk(found->size(), false);
    to->send(std::move(response));
    return;
  }
  with_.writer.run([this, found = std::move(found), at, request, to](store::Store& store) {
    const std::size_t count = std::min(kPage, found->size() - at);
    const auto reopened =
        store.reopen(std::span<const DeliveryId>(*found).subspan(at, count), with_.clock.unix_ms());
    if (!reopened) {
      to->send(net::make_problem(reopened.error(), request));
      return;
    }
    with_.engine.recall(*reopened);
    reopen_from(found, at + count, request, to);
  });
}

// It was taken out of memory and could not be cancelled: it waits on disk again, or the next start finds it.
void Service::give_back(store::Store& store, const store::DeliveryRecord& record) {
  const std::int64_t now_ms = with_.clock.unix_ms();
  if (store.release(std::span<const DeliveryId>(&record.id, 1), now_ms)) {
    with_.engine.recall({{record.channel, 1, now_ms}});
  }
}

void Service::cancel_delivery(Call call, net::Responder responder) {
  const std::string request = call.request.id;
  const std::string who = call.principal->name;
  with_delivery(
      std::move(call), std::move(responder),
      [this, request, who](store::DeliveryRecord record, const SharedResponder& to) {
        if (is_final(record.state)) {
          to->send(net::make_problem(conflict(record, "there is nothing left to cancel"), request));
          return;
        }
        const bool taken = with_.engine.take_back(record.channel, record.id);
        with_.writer.run(
            [this, request, who, taken, record = std::move(record), to](store::Store& store) mutable {
              record.reason = "cancelled by " + who;
              record.finished_ms = with_.clock.unix_ms();
              const auto cancelled = store.cancel(record.id, taken, record.reason, record.finished_ms);
              if (!cancelled || !*cancelled) {
                if (taken) give_back(store, record);
                to->send(net::make_problem(
                    cancelled
                        ? conflict(record, "an attempt or its digest is under way, which is not called back")
                        : cancelled.error(),
                    request));
                return;
              }
              record.state = DeliveryState::kCancelled;
              net::HttpResponse response;
              append_delivery(response.body, record, nullptr);
              to->send(std::move(response));
            });
      });
}

}  // namespace tocsin::api
