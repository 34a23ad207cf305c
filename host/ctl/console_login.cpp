// See console_login.hpp.
#include "ctl/console_login.hpp"

#include <boost/json.hpp>

#include "ctl/fields.hpp"

namespace tocsin::ctl {

namespace json = boost::json;

Exit make_console_login(const ConsoleGuest& guest, Daemon& daemon, Console& console) {
  json::object body;
  for (const auto& [name, value] :
       {std::pair("team", &guest.team), std::pair("user", &guest.user), std::pair("role", &guest.role)}) {
    if (!value->empty()) body[name] = *value;
  }
  if (!guest.scopes.empty()) body["scopes"] = json::array(guest.scopes.begin(), guest.scopes.end());
  Exit exit = Exit::kOk;
  const auto answer =
      read_answer(daemon.post("/v1/console/login", "application/json", json::serialize(body)), console, exit);
  if (!answer) return exit;
  if (console.json) {
    console.out << json::serialize(*answer) << '\n';
    return exit;
  }
  console.out << printable(text_of(*answer, "url")) << '\n';
  if (!console.quiet)
    console.err << "It works once, until " << printable(text_of(*answer, "expires")) << ".\n";
  return exit;
}

}  // namespace tocsin::ctl
