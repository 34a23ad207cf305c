// See queries.hpp.
#include "ctl/queries.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"
#include "model/clock.hpp"
#include "model/delivery.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kPage = 200;  // the API's largest

enum class Progress { kUnfinished, kAllWell, kSomeFailed };

Progress progress_of(const json::value& event) {
  bool failed = false;
  for (const auto& delivery : items_of(event, "deliveries")) {
    const auto state = find_delivery_state(text_of(delivery, "state"));
    if (!state || !is_final(*state)) return Progress::kUnfinished;
    failed |= *state == DeliveryState::kFailed || *state == DeliveryState::kCancelled;
  }
  return failed ? Progress::kSomeFailed : Progress::kAllWell;
}

std::string first_page(const DeliveryQuery& query) {
  std::string path = "/v1/teams/" + encode_segment(query.team) +
                     "/deliveries?limit=" + std::to_string(std::min(query.limit, kPage));
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) path += std::string("&") + name + "=" + encode_segment(value);
  };
  add("channel", query.channel);
  add("state", query.state);
  add("type", query.type);
  add("since", query.since);
  return path;
}

}  // namespace

Exit show_event(const std::string& id, std::int64_t wait_ms, Daemon& daemon, Console& console) {
  const SystemClock clock;
  const auto deadline_us = clock.steady_us() + wait_ms * 1000;
  auto pause = std::chrono::milliseconds(20);
  while (true) {
    Exit exit = Exit::kOk;
    const auto event = read_answer(daemon.get("/v1/events/" + encode_segment(id)), console, exit);
    if (!event) return exit;
    const auto progress = progress_of(*event);
    if (progress == Progress::kUnfinished && clock.steady_us() < deadline_us) {
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::milliseconds(500));
      continue;
    }
    print(*event, describe_event, console);
    return wait_ms > 0 && progress != Progress::kAllWell ? Exit::kFailed : Exit::kOk;
  }
}

Exit explain_event(const std::string& id, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get("/v1/events/" + encode_segment(id) + "/explain"), console, exit);
  if (answer) print(*answer, describe_explanation, console);
  return exit;
}

Exit list_deliveries(const DeliveryQuery& query, Daemon& daemon, Console& console) {
  const auto path = first_page(query);
  json::array all;
  std::string cursor;
  json::value next;
  do {
    Exit exit = Exit::kOk;
    auto page = read_answer(daemon.get(cursor.empty() ? path : path + "&cursor=" + encode_segment(cursor)),
                            console, exit);
    if (!page) return exit;
    for (const auto& delivery : items_of(*page, "deliveries")) {
      if (all.size() < query.limit) all.push_back(delivery);
    }
    cursor = text_of(*page, "next");
    next = cursor.empty() ? json::value(nullptr) : json::value(cursor);
  } while (!cursor.empty() && all.size() < query.limit);
  print(json::object{{"deliveries", std::move(all)}, {"next", next}}, describe_deliveries, console);
  if (!cursor.empty() && !console.json) console.out << "there are older ones: --limit shows more\n";
  return Exit::kOk;
}

Exit list_plugins(Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get("/v1/plugins"), console, exit);
  if (!answer) return exit;
  print(*answer, describe_plugins, console);
  const auto& plugins = items_of(*answer, "plugins");
  const bool all_loaded =
      std::all_of(plugins.begin(), plugins.end(), [](const json::value& p) { return flag_of(p, "loaded"); });
  return all_loaded ? Exit::kOk : Exit::kFailed;
}

Exit reset_plugin(const std::string& type, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(
      daemon.post("/v1/plugins/" + encode_segment(type) + "/reset", "application/json", ""), console, exit);
  if (!answer) return exit;
  print(
      *answer, [](const json::value& plugin) { return text_of(plugin, "path") + " starts anew\n"; }, console);
  return exit;
}

}  // namespace tocsin::ctl
