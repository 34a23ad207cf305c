// Who may call the API: tokens, of which only the hashes leave this file, and users of this machine.
#include <pwd.h>

#include <algorithm>
#include <array>

#include "config/readers.hpp"
#include "config/secret_source.hpp"
#include "model/clock.hpp"

namespace tocsin::config {
namespace {

constexpr std::array<std::string_view, 4> kForms = {"token", "token_file", "token_env", "sha256"};
constexpr std::size_t kShortest = 20;
constexpr std::size_t kLongest = 512;

// The one form that is given; "" where there is none or more than one, which is then a problem.
std::string_view find_form(TableReader& reader) {
  std::string_view form;
  std::size_t count = 0;
  for (const auto candidate : kForms) {
    if (reader.find(candidate) == nullptr) continue;
    form = candidate;
    ++count;
  }
  if (count == 1) return form;
  const auto* const fix = ": give exactly one of token, token_file, token_env and sha256";
  reader.problem("token", (count == 0 ? "is missing" : "has more than one form") + std::string(fix));
  return {};
}

bool is_usable(std::string_view token) {
  return token.size() >= kShortest && token.size() <= kLongest &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool read_hash(TableReader& reader, std::string_view form, const std::string& folder,
               security::TokenHash& hash) {
  std::string written;
  if (!reader.text(form, written)) return false;
  if (form == "sha256") {
    const auto parsed = security::parse_token_hash(written);
    if (!parsed) {
      reader.problem(form, "must be 64 hexadecimal digits: printf %s TOKEN | sha256sum prints them");
      return false;
    }
    hash = *parsed;
    return true;
  }
  security::Secret token;
  std::string problem;
  bool found = true;
  if (form == "token") {
    token = security::Secret(std::move(written));
  } else if (form == "token_file") {
    found = load_secret_file(absolute_path(folder, written), token, problem);
  } else {
    found = load_secret_variable(written, token, problem);
  }
  if (found && !is_usable(token.reveal())) {
    problem =
        "the token must be 20 to 512 printable characters without spaces: openssl rand -hex 32 makes a good "
        "one";
    found = false;
  }
  if (!found) {
    reader.problem(form, problem);
    return false;
  }
  hash = security::hash_token(token.reveal());
  return true;
}

void read_role(TableReader& reader, security::Role& role) {
  std::string name;
  if (!reader.required_text("role", name)) return;
  if (const auto found = security::find_role(name)) {
    role = *found;
  } else {
    reader.problem(
        "role", quote(name) + " is no role" + suggestion(name, {"service", "member", "admin", "operator"}));
  }
}

void read_token_teams(TableReader& reader, const std::vector<std::string>& known,
                      security::Principal& principal) {
  reader.texts("teams", principal.teams);
  const bool is_operator = principal.role == security::Role::kOperator;
  if (is_operator && reader.find("teams") != nullptr) {
    reader.problem("teams", "an operator sees every team: remove teams");
  } else if (!is_operator && principal.teams.empty()) {
    reader.problem("teams", "is missing or empty: list the teams the token is for");
  }
  for (std::size_t i = 0; i < principal.teams.size(); ++i) {
    const auto& team = principal.teams[i];
    if (std::find(known.begin(), known.end(), team) != known.end()) continue;
    reader.problem("teams", i, "there is no team " + quote(team) + suggestion(team, known));
  }
}

void read_user(TableReader& reader, security::Principal& principal) {
  if (!reader.text("user", principal.user)) return;
  const bool is_word =
      std::all_of(principal.user.begin(), principal.user.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (principal.role == security::Role::kService) {
    reader.problem("user", "a service has no notification centre: remove user");
  } else if (principal.user.empty() || principal.user.size() > 128 || !is_word) {
    reader.problem("user", "must be 1 to 128 visible ASCII characters, such as alice or alice@example.com");
  }
}

void read_scopes(TableReader& reader, security::Principal& principal) {
  std::vector<std::string> names;
  if (!reader.texts("scopes", names)) return;
  if (names.empty()) reader.problem("scopes", "names nothing: leave it out for what the role may");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto refusal = security::refuse_scope(principal.role, names[i]);
    if (!refusal.empty()) reader.problem("scopes", i, quote(names[i]) + ' ' + refusal);
  }
  principal.scopes = security::read_scopes(names);
}

// Whose it is, without its name: the same for tokens and peers.
void read_principal(TableReader& reader, const std::vector<std::string>& teams,
                    security::Principal& principal) {
  read_role(reader, principal.role);
  read_token_teams(reader, teams, principal);
  read_user(reader, principal);
  read_scopes(reader, principal);
}

void read_name(TableReader& reader, std::string& name) {
  if (!reader.required_text("name", name) || routing::is_object_name(name)) return;
  reader.problem("name",
                 quote(name) + " is no name: write 1 to 63 of a-z, 0-9 and -, not starting or ending with -");
}

std::vector<std::string> team_names(TableReader& file) {
  std::vector<std::string> teams;
  for (const auto& team : file.tables("team")) {
    if (const Node* name = team.find("name"); name != nullptr) teams.emplace_back(name->text);
  }
  return teams;
}

// The number of a user of this machine, given as one or by the account's name.
void read_uid(TableReader& reader, std::uint32_t& uid) {
  const bool has_uid = reader.find("uid") != nullptr;
  const bool has_account = reader.find("account") != nullptr;
  if (has_uid == has_account) {
    reader.problem("uid", "give exactly one of uid, such as 1000, and account, such as \"scanner\"");
    return;
  }
  if (has_uid) {
    reader.integer("uid", uid, 0, UINT32_MAX - 1);
    return;
  }
  std::string account;
  if (!reader.text("account", account)) return;
  if (const passwd* const found = ::getpwnam(account.c_str()); found != nullptr) {
    uid = found->pw_uid;
  } else {
    reader.problem("account", "this machine has no account " + quote(account));
  }
}

void read_expiry(TableReader& reader, std::int64_t& expires_ms) {
  const Node* value = reader.find("expires");
  if (value == nullptr) return;
  const bool is_text = value->kind == Node::Kind::kText || value->kind == Node::Kind::kDate;
  if (is_text && parse_rfc3339(value->text, expires_ms)) return;
  reader.problem("expires", "must be a date and time with its offset, such as 2027-01-31T00:00:00Z");
}

}  // namespace

void read_tokens(TableReader& file, const std::string& folder, Config& config) {
  const auto teams = team_names(file);
  const auto tables = file.tables("token");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableReader reader(tables[i], file.place("token", i), find_section("token"), file.problems());
    security::TokenEntry entry;
    auto& name = entry.principal.name;
    read_name(reader, name);
    const auto is_namesake = [&](const security::TokenEntry& other) { return other.principal.name == name; };
    if (!name.empty() && std::any_of(config.tokens.begin(), config.tokens.end(), is_namesake)) {
      reader.problem("name", "another token is called " + quote(name) + ": rename one of the two");
    }
    read_principal(reader, teams, entry.principal);
    read_expiry(reader, entry.expires_ms);
    const auto form = find_form(reader);
    if (!form.empty() && read_hash(reader, form, folder, entry.hash)) {
      const auto same = [&](const security::TokenEntry& other) { return other.hash == entry.hash; };
      if (std::any_of(config.tokens.begin(), config.tokens.end(), same)) {
        reader.problem(form, "another entry has the same token: give each its own");
      }
    }
    config.tokens.push_back(std::move(entry));
  }
}

void read_peers(TableReader& file, Config& config) {
  const auto teams = team_names(file);
  const auto tables = file.tables("peer");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableReader reader(tables[i], file.place("peer", i), find_section("peer"), file.problems());
    security::Peer peer;
    read_name(reader, peer.principal.name);
    read_principal(reader, teams, peer.principal);
    read_uid(reader, peer.uid);
    const auto same = [&](const security::Peer& other) { return other.uid == peer.uid; };
    if (std::any_of(config.peers.begin(), config.peers.end(), same)) {
      reader.problem(reader.find("uid") != nullptr ? "uid" : "account",
                     "another peer is the same user: one entry decides what a user may");
    }
    config.peers.push_back(std::move(peer));
  }
}

}  // namespace tocsin::config
