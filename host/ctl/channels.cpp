// See channels.hpp.
#include "ctl/channels.hpp"

#include <boost/json.hpp>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"

namespace tocsin::ctl {

Exit list_channels(const std::string& team, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer =
      read_answer(daemon.get("/v1/teams/" + encode_segment(team) + "/channels"), console, exit);
  if (answer) print(*answer, describe_channels, console);
  return exit;
}

Exit test_channel(const ChannelTrial& trial, Daemon& daemon, Console& console) {
  const std::string path =
      "/v1/teams/" + encode_segment(trial.team) + "/channels/" + encode_segment(trial.channel) + "/test";
  const std::string_view body = trial.connection_only ? R"({"kind":"connection"})" : R"({"kind":"message"})";
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.post(path, "application/json", body), console, exit);
  if (!answer) return exit;
  print(*answer, describe_test, console);
  const auto result = text_of(*answer, "result");
  return result == "failed" || result == "waiting" ? Exit::kFailed : Exit::kOk;
}

}  // namespace tocsin::ctl
