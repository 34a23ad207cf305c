// See team.hpp.
#include "ctl/team.hpp"

#include <boost/json.hpp>

#include "ctl/report.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

std::string path_of(const std::string& team, const char* what) {
  return "/v1/teams/" + encode_segment(team) + '/' + what;
}

Exit show(const std::string& path, std::string (*describe)(const json::value&), Daemon& daemon,
          Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get(path), console, exit);
  if (answer) print(*answer, describe, console);
  return exit;
}

}  // namespace

Exit list_rules(const std::string& team, Daemon& daemon, Console& console) {
  return show(path_of(team, "rules"), describe_rules, daemon, console);
}

Exit list_silences(const std::string& team, Daemon& daemon, Console& console) {
  return show(path_of(team, "silences"), describe_silences, daemon, console);
}

Exit list_audit(const std::string& team, std::uint32_t limit, Daemon& daemon, Console& console) {
  const std::string path = team.empty() ? "/v1/audit" : path_of(team, "audit");
  return show(path + "?limit=" + std::to_string(limit), describe_audit, daemon, console);
}

Exit export_team(const std::string& team, Daemon& daemon, Console& console) {
  const auto answer = daemon.get(path_of(team, "export"));
  if (answer && answer->status == 200) {
    console.out << answer->body;
    return Exit::kOk;
  }
  Exit exit = Exit::kOk;
  static_cast<void>(read_answer(answer, console, exit));
  return exit;
}

}  // namespace tocsin::ctl
