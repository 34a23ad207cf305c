// See team.hpp.
#include "ctl/team.hpp"

#include <boost/json.hpp>

#include "config/table_reader.hpp"
#include "ctl/fields.hpp"
#include "ctl/report.hpp"
#include "model/clock.hpp"

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

Exit wrong(Console& console, const std::string& what) {
  console.err << "tocsin: " << what << '\n';
  return Exit::kUsage;
}

json::array texts(const std::vector<std::string>& items) {
  return json::array(items.begin(), items.end());
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

Exit silence(const SilenceWish& wish, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  if (wish.end) {
    const std::string path = path_of(wish.team, "silences") + '/' + encode_segment(wish.name);
    if (read_answer(daemon.remove(path), console, exit))
      console.out << printable(wish.name) << " has ended\n";
    return exit;
  }
  json::object body;
  if (wish.lasts.empty() == wish.until.empty()) {
    return wrong(console, "say how long: either --for, such as 2h, or --until, an RFC 3339 time");
  }
  body["until"] = wish.until;
  if (!wish.lasts.empty()) {
    std::int64_t lasts_ms = 0;
    if (!config::parse_duration(wish.lasts, lasts_ms)) {
      return wrong(console, "--for: \"" + wish.lasts + "\" is no duration: write one such as 2h or 1h30m");
    }
    body["until"] = format_rfc3339(SystemClock().unix_ms() + lasts_ms);
  }
  const auto add = [&](const char* name, const std::vector<std::string>& items) {
    if (!items.empty()) body[name] = texts(items);
  };
  add("severities", wish.severities);
  add("sources", wish.sources);
  add("events", wish.events);
  add("channels", wish.channels);
  json::object labels;
  for (const auto& label : wish.labels) {
    const auto equals = label.find('=');
    if (equals == std::string::npos) return wrong(console, "--label: \"" + label + "\" is not key=value");
    labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  if (!labels.empty()) body["labels"] = std::move(labels);
  for (const auto& [name, value] : {std::pair("name", &wish.name), std::pair("category", &wish.category),
                                    std::pair("reason", &wish.reason)}) {
    if (!value->empty()) body[name] = *value;
  }
  const auto answer = read_answer(
      daemon.post(path_of(wish.team, "silences"), "application/json", json::serialize(body)), console, exit);
  if (answer) print(*answer, describe_silence, console);
  return exit;
}

}  // namespace tocsin::ctl
