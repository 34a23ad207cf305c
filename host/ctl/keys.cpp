// See keys.hpp.
#include "ctl/keys.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

const json::value& rotation_of(const json::value& answer) {
  static const json::value kNone = json::object();
  const auto* rotation = find_field(answer, "rotation");
  return rotation == nullptr ? kNone : *rotation;
}

std::string describe_rotation(const json::value& answer) {
  const json::value& rotation = rotation_of(answer);
  std::string out = flag_of(rotation, "running") ? "rotation: running" : "rotation: not running";
  for (const char* count : {"done", "failed", "left"}) {
    out += std::string(", ") + std::to_string(number_of(rotation, count)) + ' ' + count;
  }
  out += '\n';
  if (const auto problem = text_of(rotation, "problem"); !problem.empty()) {
    out += "it ended early: " + printable(problem) + '\n';
  }
  for (const auto& secret : items_of(rotation, "unopened")) {
    out += "team " + printable(text_of(secret, "team")) + ", channel " +
           printable(text_of(secret, "channel")) + ", " + printable(text_of(secret, "pointer")) + ": " +
           printable(text_of(secret, "reason")) + '\n';
  }
  return out;
}

std::string describe_keys(const json::value& answer) {
  std::vector<std::vector<std::string>> rows{{"KEY", "ACTIVE", "SECRETS", "FAULT"}};
  for (const auto& key : items_of(answer, "keys")) {
    rows.push_back({printable(text_of(key, "id")), flag_of(key, "active") ? "yes" : "",
                    std::to_string(number_of(key, "secrets")), printable(text_of(key, "fault"))});
  }
  if (rows.size() == 1) return "no master key is configured\n";
  return render_table(rows) + '\n' + describe_rotation(answer);
}

}  // namespace

Exit list_keys(Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get("/v1/keys"), console, exit);
  if (answer) print(*answer, describe_keys, console);
  return exit;
}

Exit rotate_keys(bool wait, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  auto answer = read_answer(daemon.post("/v1/keys/rotate", "application/json", ""), console, exit);
  for (auto pause = std::chrono::milliseconds(20); wait && answer && flag_of(rotation_of(*answer), "running");
       pause = std::min(pause * 2, std::chrono::milliseconds(500))) {
    std::this_thread::sleep_for(pause);
    answer = read_answer(daemon.get("/v1/keys"), console, exit);
  }
  if (!answer) return exit;
  print(*answer, describe_rotation, console);
  const json::value& rotation = rotation_of(*answer);
  const bool well = number_of(rotation, "failed") == 0 && text_of(rotation, "problem").empty();
  return wait && !well ? Exit::kFailed : Exit::kOk;
}

}  // namespace tocsin::ctl
