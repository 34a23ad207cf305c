// See tokens.hpp.
#include "ctl/tokens.hpp"

#include <boost/json.hpp>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

std::string state_of(const json::value& token) {
  if (const auto revoked = text_of(token, "revoked"); !revoked.empty())
    return "revoked " + printable(revoked);
  if (const auto problem = text_of(token, "problem"); !problem.empty()) return printable(problem);
  return flag_of(token, "provisioned") ? "of the configuration file" : "";
}

std::string describe_tokens(const json::value& answer) {
  std::vector<std::vector<std::string>> rows{
      {"NAME", "ROLE", "TEAMS", "SCOPES", "CREATED BY", "EXPIRES", "LAST USED", "NOTE"}};
  for (const auto& token : items_of(answer, "tokens")) {
    rows.push_back({printable(text_of(token, "name")), printable(text_of(token, "role")),
                    printable(joined(token, "teams")), printable(joined(token, "scopes")),
                    printable(text_of(token, "created_by")), printable(text_of(token, "expires")),
                    printable(text_of(token, "last_used")), state_of(token)});
  }
  return rows.size() == 1 ? std::string("there is no token\n") : render_table(rows);
}

std::string describe_created(const json::value& token) {
  return "the token \"" + printable(text_of(token, "name")) + "\", shown this once:\n" +
         printable(text_of(token, "token")) + '\n';
}

std::string describe_itself(const json::value& token) {
  return printable(text_of(token, "token")) + '\n';
}

std::string describe_revoked(const json::value& token) {
  return "the token \"" + printable(text_of(token, "name")) + "\" is revoked\n";
}

}  // namespace

Exit list_tokens(Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get("/v1/tokens"), console, exit);
  if (answer) print(*answer, describe_tokens, console);
  return exit;
}

Exit create_token(const NewToken& wish, Daemon& daemon, Console& console) {
  json::object body{{"name", wish.name}, {"role", wish.role}};
  if (!wish.teams.empty()) body["teams"] = json::array(wish.teams.begin(), wish.teams.end());
  if (!wish.scopes.empty()) body["scopes"] = json::array(wish.scopes.begin(), wish.scopes.end());
  if (!wish.user.empty()) body["user"] = wish.user;
  if (wish.expires) body["expires"] = *wish.expires;
  Exit exit = Exit::kOk;
  const auto answer =
      read_answer(daemon.post("/v1/tokens", "application/json", json::serialize(body)), console, exit);
  if (answer) print(*answer, console.quiet ? describe_itself : describe_created, console);
  return exit;
}

Exit revoke_token(const std::string& name, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.remove("/v1/tokens/" + encode_segment(name)), console, exit);
  if (answer && !console.quiet) print(*answer, describe_revoked, console);
  return exit;
}

}  // namespace tocsin::ctl
