// /console/ and the sessions of the people who use it: the built-in pages, one-time links that an operator
// makes, and the cookie that a link is exchanged for. See service.hpp for threads.
#include <boost/json.hpp>

#include "api/browser.hpp"
#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "console/assets.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

// Nothing of anybody else's, nothing inline, and nobody may frame it.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";
constexpr std::size_t kLongestUser = 128;

// ---- the pages

constexpr const char* kAskAgain = "no-cache";
constexpr const char* kForEver = "public, max-age=31536000, immutable";  // the name follows the content
constexpr const char* kForAWhile = "public, max-age=300";

net::HttpResponse make_page(const console::Asset& asset, const net::HttpRequest& request, const char* keep) {
  net::HttpResponse response;
  response.content_type = asset.content_type;
  const bool gzip = request.header("accept-encoding").find("gzip") != std::string_view::npos;
  response.body = gzip ? asset.gzip : asset.plain;
  if (gzip) response.headers.push_back({"Content-Encoding", "gzip"});
  response.headers.push_back({"Vary", "Accept-Encoding"});
  response.headers.push_back({"Cache-Control", keep});
  response.headers.push_back({"Content-Security-Policy", kContentPolicy});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
  return response;
}

void send_index(const Call& call, net::Responder to) {
  const auto* index = console::find_asset("index.html");
  if (index != nullptr) {
    to.send(make_page(*index, call.request, kAskAgain));
    return;
  }
  net::HttpResponse response;
  response.status = 404;
  response.content_type = "text/plain; charset=utf-8";
  response.body =
      "This build of tocsin has no console: it was built without Node and npm, or with TOCSIN_CONSOLE=OFF.\n"
      "The HTTP API and the tocsin command do everything the console does.\n";
  to.send(std::move(response));
}

void send_asset(const std::string& name, const char* keep, const Call& call, net::Responder to) {
  const auto* asset = console::find_asset(name);
  if (asset == nullptr) {
    to.send(net::make_problem(
        make_error(Errc::kNotFound, "the console has no such file: load it anew from /console/"),
        call.request.id));
    return;
  }
  to.send(make_page(*asset, call.request, keep));
}

// ---- who signs in

Result<void> expect_texts(const json::object& body, std::initializer_list<std::string_view> known) {
  for (const auto& member : body) {
    const std::string pointer = pointer_to(member.key());
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end()) {
      return bad_place(pointer, "is not known here: remove it");
    }
    if (!member.value().is_string()) return bad_place(pointer, "must be text");
  }
  return {};
}

// A body's members, all of them text.
Result<json::object> read_texts(const net::HttpRequest& request,
                                std::initializer_list<std::string_view> known) {
  if (request.body.empty()) return json::object();
  auto body = read_object(request.body, "a JSON object");
  if (!body) return body.error();
  if (auto checked = expect_texts(*body, known); !checked) return checked.error();
  return std::move(*body);
}

std::string text_at(const json::object& body, std::string_view name) {
  const auto* value = body.if_contains(name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

Result<security::Principal> read_guest(const json::object& body, const ingest::RoutingTable& table,
                                       const security::Principal& host) {
  using security::Role;
  security::Principal guest;
  const auto team = text_at(body, "team");
  if (!team.empty() && !table.teams.contains(team)) return bad_place("/team", "there is no such team");
  const auto role = security::find_role(body.contains("role") ? text_at(body, "role")
                                        : team.empty()        ? "operator"
                                                              : "member");
  if (!role || *role == Role::kService) return bad_place("/role", "must be member, admin or operator");
  if (*role != Role::kOperator && team.empty()) return bad_place("/team", "is missing: name the team");
  if (*role == Role::kOperator && !team.empty()) {
    return bad_place("/team", "an operator sees every team: leave it out, or name a role");
  }
  guest.role = *role;
  if (!team.empty() && *role != Role::kOperator) guest.teams = {team};
  guest.user = body.contains("user") ? text_at(body, "user") : host.acts_for();
  const bool is_visible =
      std::all_of(guest.user.begin(), guest.user.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (guest.user.empty() || guest.user.size() > kLongestUser || !is_visible) {
    return bad_place("/user", "must be 1 to 128 visible ASCII characters");
  }
  guest.name = guest.user;
  return guest;
}

// What the guest may, where that is not what the role may.
Result<void> read_guest_scopes(const json::value& scopes, security::Principal& guest) {
  const auto* list = scopes.if_array();
  if (list == nullptr || list->empty()) {
    return bad_place("/scopes", "must be an array of scopes; leave it out for what the role may");
  }
  std::vector<std::string> names;
  for (const auto& name : *list) {
    const std::string pointer = "/scopes/" + std::to_string(names.size());
    if (!name.is_string()) return bad_place(pointer, "must be text");
    names.emplace_back(name.get_string());
    if (const auto why = security::refuse_scope(guest.role, names.back()); !why.empty()) {
      return bad_place(pointer, why);
    }
  }
  guest.scopes = security::read_scopes(names);
  return {};
}

Result<security::Principal> read_login(const net::HttpRequest& request, const ingest::RoutingTable& table,
                                       const security::Principal& host) {
  json::object body;
  if (!request.body.empty()) {
    auto sent = read_object(request.body, "a JSON object");
    if (!sent) return sent.error();
    body = std::move(*sent);
  }
  std::optional<json::value> scopes;
  if (auto* given = body.if_contains("scopes")) {
    scopes = std::move(*given);
    body.erase("scopes");
  }
  if (auto checked = expect_texts(body, {"team", "user", "role"}); !checked) return checked.error();
  auto guest = read_guest(body, table, host);
  if (!guest) return guest;
  if (scopes) {
    if (auto read = read_guest_scopes(*scopes, *guest); !read) return read.error();
  }
  if (const auto over = security::excess(*guest, host); !over.empty()) {
    Error error = bad_place("/scopes", lacks(over.front()));
    error.code = Errc::kForbidden;
    return error;
  }
  return guest;
}

std::string render_me(const security::Principal& who, const ingest::RoutingTable& table) {
  std::string out = "{\"name\":";
  append_json_string(out, who.name);
  out += ",\"user\":";
  append_json_string(out, who.acts_for());
  append_text(out, "role", to_string(who.role));
  std::vector<std::string> teams, permissions;
  for (const auto& [name, routes] : table.teams) {
    if (who.sees(name)) teams.push_back(name);
  }
  std::sort(teams.begin(), teams.end());
  append_texts(out, "teams", teams);
  for (const auto permission : security::all_permissions()) {
    if (who.may(permission)) permissions.emplace_back(to_string(permission));
  }
  append_texts(out, "permissions", permissions);
  out += ",\"expires\":";
  out += who.expires_ms == 0 ? "null" : '"' + format_rfc3339(who.expires_ms) + '"';
  out += '}';
  return out;
}

store::SessionRecord record_of(const security::OpenedSession& opened) {
  store::SessionRecord record;
  record.hash = security::hash_token(opened.secret);
  record.name = opened.principal.name;
  record.role = security::to_string(opened.principal.role);
  record.teams = opened.principal.teams;
  record.user = opened.principal.user;
  if (opened.principal.scopes) record.scopes = security::names_of(*opened.principal.scopes);
  record.expires_ms = opened.principal.expires_ms;
  if (const auto& let_in = opened.principal.let_in) {
    record.let_in_by = let_in->by;
    record.let_in_until_ms = let_in->until_ms;
  }
  return record;
}

net::Header session_cookie(const net::HttpRequest& request, std::string_view secret, std::int64_t lives_s) {
  const bool secure = is_over_https(request);
  std::string cookie(secure ? kSecureSessionCookie : kSessionCookie);
  cookie += '=' + std::string(secret) + "; Path=/; Max-Age=" + std::to_string(lives_s) +
            "; HttpOnly; SameSite=Strict";
  if (secure) cookie += "; Secure";
  return {"Set-Cookie", std::move(cookie)};
}

}  // namespace

void Service::add_console_endpoints() {
  using security::Permission;
  for (const auto* path : {"/console", "/console/"}) {
    endpoints_.push_back({"GET", path, Public{},
                          [](const Call& call, net::Responder to) { send_index(call, std::move(to)); }});
  }
  endpoints_.push_back({"GET", "/console/assets/{file}", Public{}, [](const Call& call, net::Responder to) {
                          send_asset("assets/" + call.arguments[0], kForEver, call, std::move(to));
                        }});
  // Of one name for other people's pages, which stay when this program is replaced.
  endpoints_.push_back({"GET", "/console/tocsin-inbox.js", Public{}, [](const Call& call, net::Responder to) {
                          send_asset("tocsin-inbox.js", kForAWhile, call, std::move(to));
                        }});
  endpoints_.push_back(
      {"POST", "/v1/console/login", Permission::kLetOthersIn,
       [this](Call call, net::Responder to) { make_console_login(std::move(call), std::move(to)); },
       "console.login"});
  endpoints_.push_back({"POST", "/v1/console/session", Public{}, [this](Call call, net::Responder to) {
                          open_console_session(std::move(call), std::move(to));
                        }});
  endpoints_.push_back({"DELETE", "/v1/console/session", Anybody{}, [this](Call call, net::Responder to) {
                          end_console_session(std::move(call), std::move(to));
                        }});
  endpoints_.push_back({"GET", "/v1/console/me", Anybody{}, [this](Call call, net::Responder to) {
                          get_console_me(std::move(call), std::move(to));
                        }});
}

void Service::make_console_login(Call call, net::Responder responder) {
  auto guest = read_login(call.request, *with_.intake.table(), *call.principal);
  if (!guest) {
    responder.send(net::make_problem(guest.error(), call.request.id));
    return;
  }
  if (call.session) {
    guest->let_in = call.principal->let_in;
  } else if (const auto token = bearer_token(call.request); !token.empty()) {
    guest->let_in = security::LetIn{security::hash_token(token), call.principal->expires_ms};
  }
  const auto now_ms = with_.clock.unix_ms();
  std::string base;
  if (!call.request.peer.unix_socket) {
    base = "http://" + std::string(call.request.header("host"));
  } else if (with_.addresses) {
    const auto addresses = with_.addresses();
    if (!addresses.empty()) base = "http://" + addresses.front();
  }
  net::HttpResponse response;
  response.status = 201;
  // Behind the '#' it reaches no log and no Referer.
  response.body = "{\"url\":";
  append_json_string(response.body,
                     base + "/console/#/sign-in/" + sessions_.issue(std::move(*guest), now_ms));
  response.body += ",\"expires\":\"" + format_rfc3339(now_ms + sessions_.limits().code_ms) + "\"}";
  responder.send(std::move(response));
}

void Service::open_console_session(Call call, net::Responder responder) {
  // Or another site could sign a person in as somebody else.
  if (judge_site(call.request) == Site::kAnother) {
    responder.send(net::make_problem(
        make_error(Errc::kForbidden, "the console's own page signs in, no other"), call.request.id));
    return;
  }
  const auto body = read_texts(call.request, {"code"});
  if (!body) {
    responder.send(net::make_problem(body.error(), call.request.id));
    return;
  }
  const auto opened = sessions_.redeem(text_at(*body, "code"), with_.clock.unix_ms());
  if (!opened) {
    responder.send(net::make_problem(make_error(Errc::kUnauthorized,
                                                "this code was used already or is older than ten minutes: "
                                                "make another with tocsin console-login"),
                                     call.request.id));
    return;
  }
  net::HttpResponse response;
  response.headers.push_back(
      session_cookie(call.request, opened->secret, sessions_.limits().session_ms / 1000));
  response.body = render_me(opened->principal, *with_.intake.table());
  // Who was signed in with this browser is not any more.
  std::optional<security::TokenHash> before;
  if (const auto secret = find_session_cookie(call.request); !secret.empty()) {
    before = security::hash_token(secret);
    sessions_.end(*before);
    streams_.end(*before);
  }
  // Where it cannot be kept, the session is good until the daemon restarts.
  with_.writer.run(
      [record = record_of(*opened), before, now_ms = with_.clock.unix_ms(), response = std::move(response),
       to = std::make_shared<net::Responder>(std::move(responder))](store::Store& store) mutable {
        if (before) (void)store.end_session(*before);
        (void)store.add_session(record, now_ms);
        to->send(std::move(response));
      });
}

void Service::use_sessions(const std::vector<store::SessionRecord>& sessions) {
  for (const auto& record : sessions) {
    const auto role = security::find_role(record.role);
    if (!role) continue;  // of a newer version
    security::Principal principal{record.name, *role, record.teams, record.user, record.expires_ms};
    if (!record.scopes.empty()) principal.scopes = security::read_scopes(record.scopes);
    if (record.let_in_by) principal.let_in = security::LetIn{*record.let_in_by, record.let_in_until_ms};
    sessions_.restore(record.hash, std::move(principal), with_.clock.unix_ms());
  }
}

void Service::end_console_session(Call call, net::Responder responder) {
  net::HttpResponse response;
  response.headers.push_back(session_cookie(call.request, "", 0));
  response.body = call.session ? R"({"ended":true})" : R"({"ended":false})";
  if (!call.session) {
    responder.send(std::move(response));
    return;
  }
  sessions_.end(*call.session);
  streams_.end(*call.session);
  with_.writer.run(
      [hash = *call.session, id = call.request.id, response = std::move(response),
       to = std::make_shared<net::Responder>(std::move(responder))](store::Store& store) mutable {
        const auto ended = store.end_session(hash);
        to->send(ended ? std::move(response) : net::make_problem(ended.error(), id));
      });
}

void Service::get_console_me(Call call, net::Responder responder) {
  net::HttpResponse response;
  response.body = render_me(*call.principal, *with_.intake.table());
  responder.send(std::move(response));
}

}  // namespace tocsin::api
