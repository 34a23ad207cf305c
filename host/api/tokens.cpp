// /v1/tokens: which tokens there are, making one, revoking one. An operator manages all of them, an admin
// those that are for no team but its own. A token is shown once, when it is made; what is kept is its
// SHA-256. See service.hpp for threads.
#include <algorithm>
#include <boost/json.hpp>

#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"
#include "ops/log.hpp"
#include "routing/definition.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;
using security::Principal;
using security::Role;
using SharedResponder = std::shared_ptr<net::Responder>;

constexpr std::size_t kMostOfATeam = 200;  // that are in force
constexpr std::size_t kMostKept = 2000;    // … and revoked
constexpr std::size_t kMostTeams = 50;     // of one token

bool manages(const Principal& by, Role role, const std::vector<std::string>& teams) {
  if (by.role == Role::kOperator) return true;
  return role != Role::kOperator && !teams.empty() &&
         std::ranges::all_of(teams, [&by](const std::string& team) { return by.sees(team); });
}

bool manages(const Principal& by, const store::TokenRecord& token) {
  const auto role = security::find_role(token.role);
  return manages(by, role.value_or(Role::kOperator), token.teams);
}

void append_time(std::string& out, const char* name, std::int64_t unix_ms) {
  if (unix_ms > 0) append_text(out, name, format_rfc3339(unix_ms));
}

// Without its closing brace.
void append_head(std::string& out, std::string_view name, std::string_view role,
                 const std::vector<std::string>& teams, const std::string& user,
                 const std::vector<std::string>& scopes) {
  out += "{\"name\":";
  append_json_string(out, name);
  append_text(out, "role", role);
  append_texts(out, "teams", teams);
  if (!scopes.empty()) append_texts(out, "scopes", scopes);
  if (!user.empty()) append_text(out, "user", user);
}

std::string render_file_token(const security::TokenEntry& token) {
  std::string out;
  const Principal& principal = token.principal;
  append_head(out, principal.name, to_string(principal.role), principal.teams, principal.user,
              principal.scopes ? security::names_of(*principal.scopes) : std::vector<std::string>());
  append_time(out, "expires", token.expires_ms);
  return out + ",\"provisioned\":true}";
}

std::string render_token(const store::TokenRecord& token, bool hidden, std::string_view itself = {}) {
  std::string out;
  append_head(out, token.name, token.role, token.teams, token.user, token.scopes);
  append_time(out, "created", token.created_ms);
  append_text(out, "created_by", token.created_by);
  append_time(out, "expires", token.expires_ms);
  append_time(out, "last_used", token.used_ms);
  append_time(out, "revoked", token.revoked_ms);
  if (hidden)
    append_text(out, "problem", "the configuration file has a token of this name, which is in force");
  if (!itself.empty()) append_text(out, "token", itself);
  return out + ",\"provisioned\":false}";
}

// Reads a request for a token, all its faults at once.
class TokenReader {
 public:
  TokenReader(const Principal& by, const std::unordered_map<std::string, ingest::TeamRoutes>& teams,
              std::int64_t now_ms, std::int64_t latest_ms)
      : by_(by), teams_(teams), now_ms_(now_ms), latest_ms_(latest_ms) {}

  Result<store::TokenRecord> read(const std::string& body) {
    const auto parsed =
        read_object(body, R"(a JSON object: {"name": "ci", "role": "service", "teams": ["demo"]})");
    if (!parsed) return parsed.error();
    for (const auto& member : *parsed) {
      if (!read_member(member.key(), member.value())) {
        fault(pointer_to(member.key()),
              "is no member of a token: give name, role, teams, user, scopes and expires");
      }
    }
    judge();
    if (!error_.fields.empty()) {
      error_.detail = error_.fields.front().pointer + ": " + error_.fields.front().message;
      return error_;
    }
    token_.created_ms = now_ms_;
    token_.created_by = by_.name;
    return std::move(token_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    error_.code = Errc::kInvalid;
    error_.fields.push_back({std::move(pointer), std::move(message)});
  }
  void forbid(std::string pointer, std::string message) {
    if (error_.fields.empty()) error_.code = Errc::kForbidden;
    error_.fields.push_back({std::move(pointer), std::move(message)});
  }

  // False: there is none of this name.
  bool read_member(std::string_view name, const json::value& value) {
    const auto text = [&](std::string& into) {
      if (value.is_string()) {
        into = std::string(value.get_string());
      } else {
        fault("/" + std::string(name), "must be a text");
      }
    };
    if (name == "name") {
      text(token_.name);
    } else if (name == "role") {
      text(token_.role);
    } else if (name == "user") {
      text(token_.user);
      has_user_ = true;
    } else if (name == "expires") {
      std::string time;
      text(time);
      if (value.is_string() && (!parse_rfc3339(time, token_.expires_ms) || token_.expires_ms == 0)) {
        fault("/expires", "must be a date and time with its offset, such as 2027-01-31T00:00:00Z");
      }
    } else if (name == "teams") {
      read_names(name, value, kMostTeams, token_.teams);
    } else if (name == "scopes") {
      read_names(name, value, security::all_permissions().size(), token_.scopes);
      if (token_.scopes.empty()) fault("/scopes", "names nothing: leave it out for what the role may");
    } else {
      return false;
    }
    return true;
  }

  void read_names(std::string_view member, const json::value& value, std::size_t most,
                  std::vector<std::string>& into) {
    const std::string pointer = '/' + std::string(member);
    if (!value.is_array() || value.get_array().size() > most) {
      fault(pointer, "must be an array of at most " + std::to_string(most) + " names");
      return;
    }
    for (const auto& name : value.get_array()) {
      if (name.is_string()) {
        into.emplace_back(name.get_string());
      } else {
        fault(pointer + '/' + std::to_string(into.size()), "must be a text");
        return;
      }
    }
  }

  void judge() {
    if (!routing::is_object_name(token_.name)) {
      fault("/name", "must be 1 to 63 of a-z, 0-9 and -, not starting or ending with -");
    }
    const auto role = security::find_role(token_.role);
    if (!role) {
      fault("/role", "must be service, member, admin or operator");
      return;
    }
    judge_teams(*role);
    if (has_user_) judge_user(*role);
    if (token_.expires_ms != 0 && token_.expires_ms <= now_ms_) fault("/expires", "is over already");
    // Or a token that is about to end could make its successor.
    if (latest_ms_ != 0 && (token_.expires_ms == 0 || token_.expires_ms > latest_ms_)) {
      forbid("/expires", "must not be later than the end of your own token, " + format_rfc3339(latest_ms_));
    }
    judge_scopes(*role);
    if (by_.role != Role::kOperator && *role == Role::kOperator) {
      forbid("/role", "only an operator makes tokens of operators");
    }
  }

  void judge_teams(Role role) {
    if (role == Role::kOperator) {
      if (!token_.teams.empty()) fault("/teams", "an operator sees every team: leave teams out");
      return;
    }
    if (token_.teams.empty()) fault("/teams", "is missing or empty: list the teams the token is for");
    for (std::size_t i = 0; i < token_.teams.size(); ++i) {
      const std::string& team = token_.teams[i];
      const std::string pointer = "/teams/" + std::to_string(i);
      if (!by_.sees(team)) {
        forbid(pointer, "you may not make tokens for this team");
      } else if (!teams_.contains(team)) {
        fault(pointer, "there is no team of this name");
      }
    }
  }

  // What it may is at most what its maker may.
  void judge_scopes(Role role) {
    bool usable = true;
    for (std::size_t i = 0; i < token_.scopes.size(); ++i) {
      const auto refusal = security::refuse_scope(role, token_.scopes[i]);
      if (!refusal.empty()) fault("/scopes/" + std::to_string(i), refusal);
      usable &= refusal.empty();
    }
    if (!usable || (role == Role::kOperator && by_.role != Role::kOperator)) return;
    Principal made;
    made.role = role;
    if (!token_.scopes.empty()) made.scopes = security::read_scopes(token_.scopes);
    for (const auto permission : security::excess(made, by_)) forbid("/scopes", lacks(permission));
  }

  void judge_user(Role role) {
    const bool is_word = std::ranges::all_of(token_.user, [](char c) { return c > ' ' && c <= '~'; });
    if (role == Role::kService) {
      fault("/user", "a service has no notification centre: leave user out");
    } else if (token_.user.empty() || token_.user.size() > 128 || !is_word) {
      fault("/user", "must be 1 to 128 visible ASCII characters, such as alice or alice@example.com");
    }
  }

  const Principal& by_;
  const std::unordered_map<std::string, ingest::TeamRoutes>& teams_;
  std::int64_t now_ms_;
  std::int64_t latest_ms_;  // the end of the token that asks; 0: none
  store::TokenRecord token_;
  bool has_user_ = false;
  Error error_;
};

}  // namespace

void Service::add_token_endpoints() {
  using security::Permission;
  endpoints_.push_back({"GET", "/v1/tokens", Permission::kManageTokens,
                        [this](Call call, net::Responder to) { list_tokens(call, std::move(to)); }});
  endpoints_.push_back({"POST", "/v1/tokens", Permission::kManageTokens,
                        [this](Call call, net::Responder to) { create_token(call, std::move(to)); },
                        "token.create"});
  endpoints_.push_back({"DELETE", "/v1/tokens/{name}", Permission::kManageTokens,
                        [this](Call call, net::Responder to) { revoke_token(call, std::move(to)); },
                        "token.revoke"});
}

void Service::list_tokens(const Call& call, net::Responder responder) {
  net::HttpResponse response;
  response.body = "{\"tokens\":[";
  const auto add = [&](const std::string& token) {
    if (response.body.back() != '[') response.body += ',';
    response.body += token;
  };
  for (const auto& token : tokens_.of_file()) {
    if (manages(*call.principal, token.principal.role, token.principal.teams)) add(render_file_token(token));
  }
  for (const auto& [name, token] : tokens_.stored()) {
    if (manages(*call.principal, token)) add(render_token(token, tokens_.is_in_file(name)));
  }
  response.body += "]}";
  responder.send(std::move(response));
}

// Why no token of this name can be made now; nullopt: it can.
std::optional<Error> Service::refuse_token(const store::TokenRecord& token) const {
  if (tokens_.is_in_file(token.name) || tokens_.stored().contains(token.name)) {
    return make_error(Errc::kConflict, "there is a token \"" + token.name +
                                           "\" already, or was: names are not given twice, since logs tell "
                                           "tokens by them");
  }
  const auto of = [](const store::TokenRecord& one) { return one.teams.empty() ? "" : one.teams.front(); };
  const std::int64_t now_ms = with_.clock.unix_ms();
  const auto alike = std::ranges::count_if(tokens_.stored(), [&](const auto& entry) {
    const store::TokenRecord& other = entry.second;
    const bool expired = other.expires_ms != 0 && other.expires_ms <= now_ms;
    return other.revoked_ms == 0 && !expired && of(other) == of(token);
  });
  const auto kept = std::ranges::count_if(tokens_.stored(),
                                          [&](const auto& entry) { return of(entry.second) == of(token); });
  if (static_cast<std::size_t>(kept) >= kMostKept) {
    return make_error(Errc::kConflict, "there are " + std::to_string(kept) +
                                           " tokens, the revoked ones counted: names are free again after "
                                           "store.audit_retention");
  }
  if (static_cast<std::size_t>(alike) < kMostOfATeam) return std::nullopt;
  return make_error(Errc::kConflict, "there are " + std::to_string(alike) + " tokens in force: revoke some");
}

void Service::create_token(const Call& call, net::Responder responder) {
  // A session's own end is no token's; that of the token which let its person in is.
  const auto& let_in = call.principal->let_in;
  const std::int64_t latest_ms = !call.session ? call.principal->expires_ms : let_in ? let_in->until_ms : 0;
  TokenReader reader(*call.principal, with_.intake.table()->teams, with_.clock.unix_ms(), latest_ms);
  auto token = reader.read(call.request.body);
  if (!token) {
    responder.send(net::make_problem(token.error(), call.request.id));
    return;
  }
  if (const auto refusal = refuse_token(*token)) {
    responder.send(net::make_problem(*refusal, call.request.id));
    return;
  }
  security::Secret itself(security::make_token());
  token->hash = security::hash_token(itself.reveal());
  with_.writer.run([this, token = std::move(*token), itself = std::move(itself), id = call.request.id,
                    to = std::make_shared<net::Responder>(std::move(responder))](store::Store& store) {
    const auto added = store.add_token(token);
    if (!added) {
      to->send(net::make_problem(added.error(), id));
      return;
    }
    with_.post([this, token, itself, to] {
      net::HttpResponse response;
      response.status = 201;
      response.headers.push_back({"Location", "/v1/tokens/" + encode_segment(token.name)});
      response.body = render_token(token, false, itself.reveal());
      tokens_.put(token);
      to->send(std::move(response));
    });
  });
}

void Service::revoke_token(const Call& call, net::Responder responder) {
  const std::string& name = call.arguments[0];
  const auto stored = tokens_.stored().find(name);
  const bool found = stored != tokens_.stored().end() && manages(*call.principal, stored->second);
  if (!found || stored->second.revoked_ms != 0) {
    const bool in_file = std::ranges::any_of(tokens_.of_file(), [&](const security::TokenEntry& token) {
      return token.principal.name == name &&
             manages(*call.principal, token.principal.role, token.principal.teams);
    });
    if (in_file) {
      responder.send(net::make_problem(
          make_error(Errc::kConflict,
                     "the token \"" + name + "\" is of the configuration file: take it out there and reload"),
          call.request.id));
    } else if (found) {
      net::HttpResponse response;
      response.body = render_token(stored->second, false);
      responder.send(std::move(response));
    } else {
      responder.send(
          net::make_problem(make_error(Errc::kNotFound, "there is no token of this name"), call.request.id));
    }
    return;
  }
  with_.writer.run([this, name, now_ms = with_.clock.unix_ms(), id = call.request.id,
                    to = std::make_shared<net::Responder>(std::move(responder))](store::Store& store) {
    const auto revoked = store.revoke_token(name, now_ms);
    if (!revoked) {
      to->send(net::make_problem(revoked.error(), id));
      return;
    }
    with_.post([this, name, now_ms, to] { end_token(name, now_ms, *to); });
  });
}

// It is revoked on disk: from here on it opens nothing, and what it has open ends.
void Service::end_token(const std::string& name, std::int64_t revoked_ms, net::Responder& to) {
  store::TokenRecord token = tokens_.stored().at(name);
  if (token.revoked_ms == 0) token.revoked_ms = revoked_ms;
  net::HttpResponse response;
  response.body = render_token(token, tokens_.is_in_file(name));
  tokens_.put(std::move(token));
  recheck_streams();
  to.send(std::move(response));
}

// The teams of the token that an act names in its path; none: an operator's, or there is no such token.
std::vector<std::string> Service::teams_of_token(const Call& call) const {
  const auto stored = tokens_.stored().find(call.arguments[0]);
  return stored == tokens_.stored().end() ? std::vector<std::string>() : stored->second.teams;
}

void Service::write_token_uses(bool all) {
  auto uses = tokens_.take_uses(with_.clock.unix_ms(), all);
  if (uses.empty()) return;
  with_.writer.run([uses = std::move(uses)](store::Store& store) {
    if (const auto written = store.note_token_uses(uses); !written) {
      ops::log_warn("api", "when tokens were last used is not written", {{"reason", written.error().detail}});
    }
  });
}

}  // namespace tocsin::api
