// What a sandbox costs: the same plugins, in the daemon's process and in one of their own. One that completes
// at once, one delivery at a time (a round trip) and many in flight; and one that asks its host for an
// exchange in every delivery, which the host refuses at its door, so that no socket but the sandbox's own is
// measured.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "bench/counting_sink.hpp"
#include "net/exchange.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/plugin_set.hpp"
#include "sandbox/sandboxes.hpp"

namespace tocsin::sandbox {
namespace {

constexpr std::size_t kJobs = 60'000;
constexpr std::size_t kTrips = 5'000;
constexpr std::size_t kBatch = 16;
constexpr std::size_t kInFlight = 64;

double own_cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Of another process: fields 14 and 15 of its stat, in ticks of ten milliseconds.
double cpu_us_of(int pid) {
  if (pid == 0) return 0;
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double ticks = 0;
  for (int field = 1; in >> word && field <= 15; ++field) {
    if (field >= 14) ticks += std::stod(word);
  }
  return ticks * 10'000;
}

double wall_us() {
  return static_cast<double>(SystemClock().steady_us());
}

EventPtr make_event() {
  auto event = std::make_shared<Event>();
  event->seq = 1;
  event->id = "evt_0000000000001";
  event->team = "ops";
  event->type = "finding.created";
  event->title = "A critical finding appeared on host web-7";
  event->labels = {{"env", "prod"}, {"region", "eu"}};
  event->data = R"({"finding":"F-2026-1234","score":9.8,"asset":{"name":"web-7","owner":"platform"}})";
  return event;
}

struct Figures {
  double trip_us = 0;
  double cpu_us = 0;  // a delivery, both processes
  double per_s = 0;
};

plugin::Job job(DeliveryId id, const EventPtr& event) {
  plugin::Job made;
  made.delivery = id;
  made.event = event;
  return made;
}

Figures measure(const std::string& file, plugin::Isolation isolation, const std::string& settings) {
  Sandboxes sandboxes;
  const auto set = plugin::PluginSet::load(
      {{file, "", isolation, false}}, [&](const plugin::PluginSource& one) { return sandboxes.load(one); });
  const SystemClock clock;
  security::SecretVault vault;
  plugin::PluginPool pool(2);
  const auto exchanges = net::ExchangeEngine::open({});
  plugin::Services services{clock, **exchanges, vault, pool, {}};
  bench::CountingSink sink;
  if (set.types().empty()) {
    std::fprintf(stderr, "%s\n", set.states()[0].problem.c_str());
    std::exit(1);
  }
  auto prepared = plugin::prepare_settings(*set.types()[0], settings, {}, security::AddressPolicy());
  auto instance =
      plugin::ChannelInstance::create(services, set.types()[0], "ops", "bench", std::move(*prepared), sink);
  if (!instance) std::exit(1);
  const EventPtr event = make_event();
  std::size_t given = 0;
  Figures figures;
  const double trips_from = wall_us();
  for (std::size_t i = 0; i < kTrips; ++i) {
    (*instance)->deliver({job(static_cast<DeliveryId>(++given), event)});
    sink.wait(given);
  }
  figures.trip_us = (wall_us() - trips_from) / kTrips;
  const auto status = sandboxes.status(file);
  const int pid = status ? status->pid : 0;
  const double cpu_from = own_cpu_us() + cpu_us_of(pid);
  const double from = wall_us();
  for (std::size_t done = 0; done < kJobs; done += kBatch) {
    std::vector<plugin::Job> jobs;
    for (std::size_t i = 0; i < kBatch; ++i) jobs.push_back(job(static_cast<DeliveryId>(++given), event));
    (*instance)->deliver(std::move(jobs));
    if (given > kTrips + kInFlight) sink.wait(given - kInFlight);
  }
  sink.wait(given);
  const double count = static_cast<double>(given - kTrips);
  figures.per_s = count / (wall_us() - from) * 1e6;
  figures.cpu_us = (own_cpu_us() + cpu_us_of(pid) - cpu_from) / count;
  (*instance)->stop(10'000);
  sandboxes.stop();
  return figures;
}

void compare(const char* part, const std::string& file, const std::string& settings) {
  const Figures here = measure(file, plugin::Isolation::kInProcess, settings);
  const Figures there = measure(file, plugin::Isolation::kSandbox, settings);
  std::printf(
      "{\"bench\":\"sandbox\",\"part\":\"%s\",\"in_process_us\":%.1f,\"sandbox_us\":%.1f,\"in_process_cpu_"
      "us\":%.2f,"
      "\"sandbox_cpu_us\":%.2f,\"added_cpu_us\":%.2f,\"in_process_per_s\":%.0f,\"sandbox_per_s\":%.0f}\n",
      part, here.trip_us, there.trip_us, here.cpu_us, there.cpu_us, there.cpu_us - here.cpu_us, here.per_s,
      there.per_s);
}

}  // namespace
}  // namespace tocsin::sandbox

int main() {
  const std::string folder = TOCSIN_BINARY_DIR "/tests/faulty/";
  tocsin::sandbox::compare("completes_at_once", folder + "valid.so", "{}");
  tocsin::sandbox::compare("asks_for_an_exchange", folder + "calls_home.so",
                           R"({"url":"https://example.com/"})");
}
