// The audit log: every act over the API that changes what people configure, or deliveries by hand, is written
// down before it is answered. See service.hpp for threads.
#include <boost/json.hpp>
#include <charconv>

#include "api/delivery_filter.hpp"
#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"
#include "ops/log.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNames = 40;
constexpr std::size_t kMaxPage = 200;

// Which members a body has, and which settings; never their values.
std::string member_names(const std::string& body) {
  json::error_code failed;
  const json::value parsed = json::parse(body, failed);
  if (failed || !parsed.is_object()) return {};
  std::string out;
  std::size_t count = 0;
  const auto add = [&](std::string_view prefix, std::string_view name) {
    if (++count > kMostNames) return;
    if (!out.empty()) out += ", ";
    out += prefix;
    out += name.substr(0, 64);
  };
  for (const auto& member : parsed.get_object()) {
    if (member.key() == "settings" && member.value().is_object()) {
      for (const auto& setting : member.value().get_object()) add("settings/", setting.key());
    } else if (member.key() != "name") {
      add("", member.key());
    }
  }
  return out;
}

std::string origin_of(const net::Peer& peer) {
  return peer.unix_socket ? "unix socket, uid " + std::to_string(peer.uid) : peer.address;
}

std::string last_segment(std::string_view location) {
  return std::string(location.substr(location.rfind('/') + 1));
}

std::string render_audit(const store::AuditPage& page, const std::unordered_map<TeamId, std::string>& teams) {
  std::string out = "{\"acts\":[";
  for (const auto& record : page.records) {
    if (out.back() != '[') out += ',';
    out += "{\"at\":\"" + format_rfc3339(record.at_ms) + '"';
    const auto team = teams.find(record.team);
    if (team != teams.end()) append_text(out, "team", team->second);
    append_text(out, "actor", record.actor);
    append_text(out, "role", record.role);
    append_text(out, "origin", record.origin);
    append_text(out, "act", record.act);
    append_text(out, "object", record.object);
    append_text(out, "detail", record.detail);
    append_text(out, "request", record.request);
    out += '}';
  }
  out += "],\"next\":";
  out += page.next == 0 ? "null" : '"' + std::to_string(page.next) + '"';
  out += '}';
  return out;
}

Result<store::AuditFilter> read_filter(const net::HttpRequest& request) {
  store::AuditFilter filter;
  const auto read = [&](const char* name, auto& number, std::int64_t most) {
    const auto text = request.parameter(name);
    if (!text) return true;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
    return failure == std::errc() && end == text->data() + text->size() && number >= 1 &&
           static_cast<std::int64_t>(number) <= most;
  };
  if (!read("limit", filter.limit, kMaxPage)) return bad_place("limit", "must be 1 to 200");
  if (!read("cursor", filter.before, INT64_MAX)) {
    return bad_place("cursor", "is not one this API gave out");
  }
  return filter;
}

}  // namespace

void Service::add_audit_endpoints() {
  endpoints_.push_back({"GET", "/v1/teams/{team}/audit", security::Permission::kReadAudit,
                        [this](Call call, net::Responder to) {
                          const auto* team = find_team(call, to);
                          if (team != nullptr) list_audit(team->id, call, std::move(to));
                        }});
  endpoints_.push_back(
      {"GET", "/v1/audit", security::Permission::kReadAuditOfAll,
       [this](Call call, net::Responder to) { list_audit(std::nullopt, call, std::move(to)); }});
}

// Sees to it that the act stands in the log before its answer is sent. What was refused is no act.
void Service::audit(const Endpoint& endpoint, const Call& call, net::Responder& responder) {
  store::AuditRecord record;
  const auto& teams = with_.intake.table()->teams;
  if (endpoint.path.starts_with("/v1/teams/")) {
    const auto team = teams.find(call.arguments[0]);
    if (team == teams.end()) return;  // it will be refused
    record.team = team->second.id;
    if (call.arguments.size() > 1) record.object = call.arguments[1];
  } else if (endpoint.path.starts_with("/v1/tokens")) {
    if (const auto team = teams.find(team_of_token_act(call)); team != teams.end()) {
      record.team = team->second.id;
    }
    if (!call.arguments.empty()) record.object = call.arguments[0];
  }
  record.actor = call.principal->name;
  record.role = to_string(call.principal->role);
  record.origin = origin_of(call.request.peer);
  record.act = endpoint.act;
  record.detail = member_names(call.request.body);
  record.request = call.request.id;
  responder.before_send([this, record = std::move(record)](net::HttpResponse response,
                                                           net::Responder to) mutable {
    if (response.status >= 400) {
      to.send(std::move(response));
      return;
    }
    record.at_ms = with_.clock.unix_ms();
    if (record.object.empty()) {
      for (const auto& header : response.headers) {
        if (header.name == "Location") record.object = last_segment(header.value);
      }
    }
    with_.writer.run([record = std::move(record), response = std::move(response),
                      to = std::make_shared<net::Responder>(std::move(to))](store::Store& store) mutable {
      if (const auto added = store.add_audit(record); !added) {
        ops::log_error("api", "an act could not be written to the audit log",
                       {{"act", record.act}, {"request", record.request}, {"reason", added.error().detail}});
      }
      to->send(std::move(response));
    });
  });
}

void Service::list_audit(std::optional<TeamId> team, const Call& call, net::Responder responder) {
  auto filter = read_filter(call.request);
  if (!filter) {
    responder.send(net::make_problem(filter.error(), call.request.id));
    return;
  }
  filter->team = team;
  std::unordered_map<TeamId, std::string> names;
  for (const auto& [name, routes] : with_.intake.table()->teams) names.emplace(routes.id, name);
  with_.readers.run([filter = std::move(*filter), names = std::move(names), id = call.request.id,
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    const auto page = reader.list_audit(filter);
    if (!page) {
      to->send(net::make_problem(page.error(), id));
      return;
    }
    net::HttpResponse response;
    response.body = render_audit(*page, names);
    to->send(std::move(response));
  });
}

}  // namespace tocsin::api
