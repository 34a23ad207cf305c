// See service.hpp.
#include "api/service.hpp"

#include <unistd.h>

#include <algorithm>

#include "api/browser.hpp"
#include "net/problem.hpp"
#include "ops/log.hpp"

namespace tocsin::api {
namespace {

constexpr std::string_view kBearer = "Bearer ";

bool same_letters(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// A header that means one thing only and is there twice: whoever reads the other one reads another request.
std::string_view find_repeated_header(const net::HttpRequest& request) {
  for (const std::string_view name : {"authorization", "content-type", "content-encoding", "idempotency-key",
                                      "cookie", "if-match", "if-none-match"}) {
    const auto is_named = [name](const net::Header& header) { return header.name == name; };
    if (std::count_if(request.headers.begin(), request.headers.end(), is_named) > 1) return name;
  }
  return {};
}

std::string refusal_of(const security::Principal& who, security::Permission needed) {
  if (who.scopes) return "this needs the scope " + std::string(to_string(needed)) + ", which you have not";
  return "the role " + std::string(to_string(who.role)) +
         " may not do this; ask the operator for another token";
}

}  // namespace

std::string_view bearer_token(const net::HttpRequest& request) {
  const std::string_view header = request.header("authorization");
  if (header.size() <= kBearer.size() || !same_letters(header.substr(0, kBearer.size()), "bearer "))
    return {};
  auto token = header.substr(kBearer.size());
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  return token;
}

Service::Service(Collaborators collaborators)
    : with_(std::move(collaborators)),
      state_(std::make_shared<ServiceState>()),
      local_operator_{"local", security::Role::kOperator, {}},
      own_uid_(::geteuid()),
      streams_(with_.readers, with_.post, with_.streams) {
  add_event_endpoints();
  add_delivery_endpoints();
  add_redelivery_endpoints();
  add_audit_endpoints();
  add_rehearsal_endpoint();
  add_preview_endpoint();
  add_event_list_endpoint();
  add_overview_endpoint();
  add_export_endpoint();
  add_channel_endpoints();
  add_object_endpoints();
  add_inbox_endpoints();
  add_key_endpoints();
  add_token_endpoints();
  add_status_endpoints();
  add_plugin_endpoints();
  add_console_endpoints();
}

void Service::use(std::shared_ptr<const ServiceState> state) {
  state_ = std::move(state);
  tokens_.use_file(state_->tokens);
  for (const auto& [name, token] : tokens_.stored()) {
    if (token.revoked_ms != 0 || !tokens_.is_in_file(name)) continue;
    ops::log_warn("api",
                  "the configuration file has the name of a token made over the API; the file's is in force",
                  {{"name", name}});
  }
  recheck_streams();
}

void Service::recheck_streams() {
  auto ended = sessions_.end_orphans(tokens_.table(), with_.clock.unix_ms());
  if (!ended.empty()) {
    with_.writer.run([ended = std::move(ended)](store::Store& store) {
      for (const auto& session : ended) static_cast<void>(store.end_session(session));
    });
  }
  streams_.recheck([this, now_ms = with_.clock.unix_ms()](const StreamCall& stream) {
    if (stream.token) return tokens_.table().find(*stream.token, now_ms);
    if (stream.session) return sessions_.find(*stream.session, now_ms);
    return find_peer(stream.uid);
  });
}

// Who a user of this machine is on the Unix socket. Whoever runs the daemon can read its files anyway: root
// and its own user are operators there, where the configuration file does not say something else.
const security::Principal* Service::find_peer(std::uint32_t uid) const {
  const auto known = std::ranges::find(state_->peers, uid, &security::Peer::uid);
  if (known != state_->peers.end()) return &known->principal;
  return uid == 0 || uid == own_uid_ ? &local_operator_ : nullptr;
}

void Service::answer_reading(const Call& call, net::Responder responder,
                             std::function<Result<std::string>(store::Reader&)> read) {
  with_.readers.run([read = std::move(read), id = call.request.id,
                     to = std::make_shared<net::Responder>(std::move(responder))](store::Reader& reader) {
    auto body = read(reader);
    if (!body) {
      to->send(net::make_problem(body.error(), id));
      return;
    }
    net::HttpResponse response;
    response.body = std::move(*body);
    to->send(std::move(response));
  });
}

void Service::authenticate(Call& call) {
  const auto& request = call.request;
  const auto now_ms = with_.clock.unix_ms();
  if (!request.header("authorization").empty()) {
    const auto token = bearer_token(request);
    if (token.empty()) return;
    write_token_uses(false);
    call.principal = tokens_.find(token, now_ms);
    return;
  }
  // Before the peer: behind a proxy that speaks to the socket the cookie is who calls.
  if (const auto secret = find_session_cookie(request); !secret.empty()) {
    const auto session = security::hash_token(secret);
    call.principal = sessions_.find(session, now_ms);
    if (call.principal != nullptr) call.session = session;
    return;
  }
  if (request.peer.unix_socket) call.principal = find_peer(request.peer.uid);
}

const ingest::TeamRoutes* Service::find_team(const Call& call, net::Responder& responder) const {
  const auto& teams = with_.intake.table()->teams;
  const auto team = teams.find(call.arguments[0]);
  if (team != teams.end() && call.principal->sees(call.arguments[0])) return &team->second;
  responder.send(net::make_problem(make_error(Errc::kNotFound, "no such team"), call.request.id));
  return nullptr;
}

std::optional<std::vector<TeamId>> Service::visible_teams(const security::Principal& principal) const {
  if (principal.role == security::Role::kOperator) return std::nullopt;
  std::vector<TeamId> ids;
  const auto& teams = with_.intake.table()->teams;
  for (const auto& name : principal.teams) {
    if (const auto team = teams.find(name); team != teams.end()) ids.push_back(team->second.id);
  }
  return ids;
}

void Service::handle(net::HttpRequest request, net::Responder responder) {
  if (const auto repeated = find_repeated_header(request); !repeated.empty()) {
    responder.send(net::make_problem(400, "bad-request",
                                     "the header " + std::string(repeated) + " is there twice: send it once",
                                     {}, request.id));
    return;
  }
  Route route = find_route(endpoints_, request.method, request.path);
  if (route.endpoint == nullptr) {
    if (route.allow.empty()) {
      responder.send(net::make_problem(
          404, "not-found", "nothing is served at this path; see the list of endpoints in docs/api.md", {},
          request.id));
      return;
    }
    auto response =
        net::make_problem(405, "method-not-allowed", "this path answers " + route.allow, {}, request.id);
    response.headers.push_back({"Allow", route.allow});
    responder.send(std::move(response));
    return;
  }
  Call call{std::move(request), nullptr, std::move(route.arguments)};
  if (!std::holds_alternative<Public>(route.endpoint->policy)) {
    const auto* const needed = std::get_if<security::Permission>(&route.endpoint->policy);
    authenticate(call);
    if (call.principal == nullptr) {
      responder.send(net::make_problem(
          make_error(Errc::kUnauthorized, "send a valid token: Authorization: Bearer tcs_…"),
          call.request.id));
      return;
    }
    if (needed != nullptr && !call.principal->may(*needed)) {
      responder.send(net::make_problem(make_error(Errc::kForbidden, refusal_of(*call.principal, *needed)),
                                       call.request.id));
      return;
    }
    // A browser sends the cookie also where another site's page asked it to.
    if (call.session && changes_something(call.request) && judge_site(call.request) != Site::kOurs) {
      responder.send(net::make_problem(
          make_error(
              Errc::kForbidden,
              "a console session changes things only from the console's own pages; scripts use a token"),
          call.request.id));
      return;
    }
  }
  if (!route.endpoint->act.empty()) audit(*route.endpoint, call, responder);
  route.endpoint->handler(std::move(call), std::move(responder));
}

}  // namespace tocsin::api
