// The audit log: every act over the API that changes what people configure, or deliveries by hand, is written
// down before it is answered. See service.hpp for threads.
#include <boost/json.hpp>
#include <charconv>

#include "api/delivery_filter.hpp"
#include "api/json_body.hpp"
#include "api/page.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"
#include "ops/log.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNames = 40;

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

std::string origin_of(const Call& call) {
  const net::Peer& peer = call.request.peer;
  const std::string where = peer.unix_socket ? "unix socket, uid " + std::to_string(peer.uid) : peer.address;
  return call.session ? where + ", console" : where;
}

// Who is let in as what, and for which teams: of a token, or a link into the console. No secret is among it.
struct Named {
  std::string object;
  std::string detail;
  std::vector<std::string> teams;
};

Named read_named(const std::string& body) {
  Named named;
  json::error_code failed;
  const json::value parsed = json::parse(body, failed);
  if (failed || !parsed.is_object()) return named;
  const auto text = [&](const char* member) {
    const auto* value = parsed.get_object().if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  named.object = text("user").substr(0, 128);
  const std::string team = text("team"), role = text("role");
  if (!team.empty()) named.teams.push_back(team);
  if (const auto* teams = parsed.get_object().if_contains("teams"); teams != nullptr && teams->is_array()) {
    for (const auto& one : teams->get_array()) {
      if (one.is_string()) named.teams.emplace_back(one.get_string());
    }
  }
  if (!role.empty()) named.detail = "role " + role.substr(0, 16);
  return named;
}

// A redelivery that only counts does nothing. Of no other endpoint: whoever asks one writes its body.
bool only_counts(const Endpoint& endpoint, const std::string& body) {
  if (endpoint.act != kRedeliverMany) return false;
  json::error_code failed;
  const json::value parsed = json::parse(body, failed);
  const auto* dry = failed || !parsed.is_object() ? nullptr : parsed.get_object().if_contains("dry_run");
  return dry != nullptr && *dry == json::value(true);
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
  const auto limit = read_limit(request);
  if (!limit) return limit.error();
  filter.limit = *limit;
  if (const auto text = request.parameter("cursor")) {
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), filter.before);
    if (failure != std::errc() || end != text->data() + text->size() || filter.before < 1) {
      return bad_place("cursor", "is not one this API gave out");
    }
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

// Sees to it that the act stands in the log before its answer is sent, once for each team it is about. What
// was refused is no act.
void Service::audit(const Endpoint& endpoint, const Call& call, net::Responder& responder) {
  store::AuditRecord record;
  std::vector<TeamId> others;  // that it is about as well
  const auto& teams = with_.intake.table()->teams;
  if (endpoint.path.starts_with("/v1/teams/")) {
    const auto team = teams.find(call.arguments[0]);
    if (team == teams.end()) return;  // it will be refused
    record.team = team->second.id;
    if (call.arguments.size() > 1) record.object = call.arguments[1];
  }
  record.detail = member_names(call.request.body);
  if (only_counts(endpoint, call.request.body)) return;
  if (!endpoint.path.starts_with("/v1/teams/") && !call.arguments.empty()) record.object = call.arguments[0];
  const bool is_login = endpoint.path == "/v1/console/login";
  if (is_login || endpoint.path.starts_with("/v1/tokens")) {
    const Named named = read_named(call.request.body);
    const auto about = call.arguments.empty() ? named.teams : teams_of_token(call);
    for (const auto& name : about) {
      const auto team = teams.find(name);
      if (team == teams.end()) continue;
      if (record.team == 0) {
        record.team = team->second.id;
      } else if (record.team != team->second.id) {
        others.push_back(team->second.id);
      }
    }
    if (is_login) record.object = named.object.empty() ? call.principal->acts_for() : named.object;
    if (!named.detail.empty()) record.detail += (record.detail.empty() ? "" : "; ") + named.detail;
  }
  record.actor = call.principal->name;
  record.role = to_string(call.principal->role);
  record.origin = origin_of(call);
  record.act = endpoint.act;
  record.request = call.request.id;
  responder.before_send([this, record = std::move(record), others = std::move(others)](
                            net::HttpResponse response, net::Responder to) mutable {
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
    with_.writer.run([record = std::move(record), others = std::move(others), response = std::move(response),
                      to = std::make_shared<net::Responder>(std::move(to))](store::Store& store) mutable {
      others.push_back(record.team);
      for (const TeamId team : others) {
        record.team = team;
        if (const auto added = store.add_audit(record); !added) {
          ops::log_error(
              "api", "an act could not be written to the audit log",
              {{"act", record.act}, {"request", record.request}, {"reason", added.error().detail}});
        }
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
  answer_reading(call, std::move(responder),
                 [filter = *filter, names = std::move(names)](store::Reader& reader) -> Result<std::string> {
                   const auto page = reader.list_audit(filter);
                   if (!page) return page.error();
                   return render_audit(*page, names);
                 });
}

}  // namespace tocsin::api
