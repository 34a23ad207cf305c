// See channels.hpp.
#include "ctl/channels.hpp"

#include <boost/json.hpp>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"

namespace tocsin::ctl {

namespace json = boost::json;

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

namespace {

std::string deliveries_of(const std::string& team) {
  return "/v1/teams/" + encode_segment(team) + "/deliveries/";
}

std::string describe_redelivery(const json::value& answer) {
  if (const auto id = text_of(answer, "id"); !id.empty()) {
    return printable(id) + " is " + printable(text_of(answer, "state")) + '\n';
  }
  const json::object& counted = answer.as_object();
  const auto count = counted.at("count").to_number<std::int64_t>();
  return std::to_string(count) + (count == 1 ? " delivery " : " deliveries ") +
         (counted.at("dry_run").as_bool() ? "would be sent again"
          : count == 1                    ? "is sent again"
                                          : "are sent again") +
         (counted.at("more").as_bool() ? "; there are more: ask again\n" : "\n");
}

}  // namespace

Exit redeliver(const Redelivery& wish, Daemon& daemon, Console& console) {
  json::object filter;
  for (const auto& [name, value] :
       {std::pair("channel", &wish.channel), std::pair("state", &wish.state), std::pair("type", &wish.type),
        std::pair("since", &wish.since), std::pair("until", &wish.until)}) {
    if (!value->empty()) filter[name] = *value;
  }
  if (wish.dry_run) filter["dry_run"] = true;
  const bool one = !wish.delivery.empty();
  const std::string path =
      deliveries_of(wish.team) + (one ? encode_segment(wish.delivery) + "/redeliver" : "redeliver");
  Exit exit = Exit::kOk;
  const auto answer = read_answer(
      daemon.post(path, "application/json", one ? std::string() : json::serialize(filter)), console, exit);
  if (answer) print(*answer, describe_redelivery, console);
  return exit;
}

Exit cancel_delivery(const std::string& team, const std::string& delivery, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(
      daemon.post(deliveries_of(team) + encode_segment(delivery) + "/cancel", "application/json", ""),
      console, exit);
  if (answer) print(*answer, describe_redelivery, console);
  return exit;
}

}  // namespace tocsin::ctl
