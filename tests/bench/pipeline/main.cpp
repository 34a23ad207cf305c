// The whole walk, measured on the real daemon: accept -> receiver's 200 -> outcome recorded. Prints one JSON
// line a cell. CPU is the daemon's own (user + system); rates are of this machine at this minute, so read
// them as ratios.
//
//   pipeline_bench [--events N] [pipeline] [pipeline-64] [rules] [accept] [quiet]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "daemon.hpp"
#include "peers.hpp"

namespace {

using namespace tocsin::bench;

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

void pipeline(const std::string& build_dir, const char* name, std::int64_t events, int events_per_request,
              int rules) {
  CountingReceiver receiver;
  DaemonOptions options;
  options.receiver_port = receiver.port();
  options.rules = rules;
  const DaemonProcess daemon(build_dir, options);
  LoadOptions load;
  load.port = daemon.port();
  load.events_per_request = events_per_request;
  load.events = events / 10;
  const std::int64_t warm = push_events(load).accepted;
  while (receiver.count() < warm || daemon.unfinished() > 0) ::usleep(5000);

  const Cost before = daemon.cost();
  const std::int64_t seen = receiver.count();
  const auto commits = daemon.commits();
  load.events = events;
  const auto from = std::chrono::steady_clock::now();
  const LoadResult result = push_events(load);
  while (receiver.count() - seen < result.accepted || daemon.unfinished() > 0) ::usleep(2000);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  const Cost after = daemon.cost();
  const auto count = static_cast<double>(result.accepted);
  std::printf(
      "{\"bench\":\"%s\",\"rules\":%d,\"events\":%lld,\"refused\":%lld,\"events_per_s\":%.0f,"
      "\"cpu_us_per_event\":%.1f,\"accept_p50_ms\":%.2f,\"accept_p99_ms\":%.2f,\"commits_per_event\":%.4f,"
      "\"peak_mb\":%.0f,\"start_ms\":%.0f}\n",
      name, rules, static_cast<long long>(result.accepted), static_cast<long long>(result.refused),
      count / seconds, (after.cpu_us - before.cpu_us) / count, percentile(result.latencies_ms, 0.5),
      percentile(result.latencies_ms, 0.99), static_cast<double>(daemon.commits() - commits) / count,
      after.peak_mb, daemon.start_ms());
  std::fflush(stdout);
}

void accept(const std::string& build_dir, std::int64_t events, int connections) {
  DaemonOptions options;
  options.receiver_port = 9;
  options.paused = true;
  const DaemonProcess daemon(build_dir, options);
  LoadOptions load;
  load.port = daemon.port();
  load.connections = connections;
  load.events = events / 10;
  (void)push_events(load);
  const Cost before = daemon.cost();
  const auto commits = daemon.commits();
  load.events = events;
  const LoadResult result = push_events(load);
  const Cost after = daemon.cost();
  const auto count = static_cast<double>(result.accepted);
  std::printf(
      "{\"bench\":\"accept\",\"connections\":%d,\"events\":%lld,\"refused\":%lld,\"requests_per_s\":%.0f,"
      "\"cpu_us_per_event\":%.1f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"commits_per_event\":%.4f}\n",
      connections, static_cast<long long>(result.accepted), static_cast<long long>(result.refused),
      count / result.seconds, (after.cpu_us - before.cpu_us) / count, percentile(result.latencies_ms, 0.5),
      percentile(result.latencies_ms, 0.99), static_cast<double>(daemon.commits() - commits) / count);
  std::fflush(stdout);
}

// 500 events/s, open loop: what a producer feels when nothing is saturated.
void quiet(const std::string& build_dir) {
  CountingReceiver receiver;
  DaemonOptions options;
  options.receiver_port = receiver.port();
  const DaemonProcess daemon(build_dir, options);
  LoadOptions load;
  load.port = daemon.port();
  load.connections = 16;
  load.requests_per_second = 500;
  load.events = 5000;
  const LoadResult result = push_events(load);
  std::printf("{\"bench\":\"quiet\",\"events_per_s\":500,\"accept_p50_ms\":%.2f,\"accept_p99_ms\":%.2f}\n",
              percentile(result.latencies_ms, 0.5), percentile(result.latencies_ms, 0.99));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t events = 30'000;
  std::set<std::string> wanted;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--events") == 0 && i + 1 < argc) {
      events = std::atoll(argv[++i]);
    } else {
      wanted.insert(argv[i]);
    }
  }
  const auto asked = [&](const char* name) { return wanted.empty() || wanted.contains(name); };
  const std::string build_dir = TOCSIN_BINARY_DIR;
  if (asked("pipeline")) pipeline(build_dir, "pipeline", events, 1, 1000);
  if (asked("pipeline-64")) pipeline(build_dir, "pipeline-64", events / 64 * 64 * 2, 64, 1000);
  if (asked("rules")) {
    for (const int rules : {10, 100'000}) pipeline(build_dir, "rules", events, 1, rules);
  }
  if (asked("accept")) {
    for (const int connections : {1, 16, 64, 256}) {
      accept(build_dir, connections == 1 ? events / 10 : events, connections);
    }
  }
  if (asked("quiet")) quiet(build_dir);
  return 0;
}
