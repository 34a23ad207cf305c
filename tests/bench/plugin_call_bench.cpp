// What the wall between host and plugin costs in process: a job given, deliver() called, complete() called,
// the record handed over; first without I/O, then with what submit() does up to the engine's door. No socket.
#include <tocsin/ext/http.h>

#include <chrono>
#include <cstdio>
#include <ctime>

#include "bench/counting_sink.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/http_request.hpp"
#include "plugin/live_deliveries.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::plugin {
namespace {

constexpr std::size_t kJobs = 200'000;
constexpr std::size_t kBatch = 64;

struct Channel {
  const tocsin_host* host;
};
tocsin_instance* create(const tocsin_host* host, const tocsin_doc*, tocsin_error*) {
  return reinterpret_cast<tocsin_instance*>(new Channel{host});
}
void destroy(tocsin_instance* instance) {
  delete reinterpret_cast<Channel*>(instance);
}
void deliver(tocsin_instance* instance, const tocsin_message*, tocsin_delivery* delivery) {
  const tocsin_host* const host = reinterpret_cast<Channel*>(instance)->host;
  tocsin_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.status = TOCSIN_DELIVERED;
  host->complete(host, delivery, &outcome);
}

constexpr tocsin_channel_api kApi{&create, &destroy, &deliver, nullptr, nullptr, nullptr};
tocsin_channel_type make_type() {
  tocsin_channel_type type{};
  type.size = sizeof type;
  type.type = "bench";
  type.name = "Bench";
  type.version = "1";
  type.settings_schema = R"({"type":"object"})";
  type.api = &kApi;
  return type;
}

std::int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
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

void print(const char* name, std::int64_t ns, std::size_t count) {
  std::printf("{\"bench\":\"plugin_call\",\"part\":\"%s\",\"count\":%zu,\"cpu_ns\":%.0f}\n", name, count,
              static_cast<double>(ns) / static_cast<double>(count));
}

void bench_deliver_and_complete(const EventPtr& event) {
  const tocsin_channel_type table = make_type();
  const tocsin_channel_type* types[] = {&table};
  const tocsin_plugin plugin{sizeof(tocsin_plugin), 0, "bench", types, 1};
  const auto set = PluginSet::from_tables({&plugin});
  const SystemClock clock;
  security::SecretVault vault;
  PluginPool pool(1);
  const auto exchanges = net::ExchangeEngine::open({});
  if (!exchanges) return;
  Services services{clock, **exchanges, vault, pool, {}};
  bench::CountingSink sink;
  PreparedSettings settings;
  settings.json = "{}";
  auto instance =
      ChannelInstance::create(services, set.find_type("bench"), "ops", "bench", std::move(settings), sink);
  if (!instance) return;
  const std::int64_t start = cpu_ns();
  for (std::size_t done = 0; done < kJobs; done += kBatch) {
    std::vector<Job> jobs(kBatch);
    for (std::size_t i = 0; i < kBatch; ++i) {
      jobs[i].delivery = static_cast<DeliveryId>(done + i + 1);
      jobs[i].event = event;
    }
    (*instance)->deliver(std::move(jobs));
    if (done % (kBatch * 4) == 0) sink.wait(done + kBatch);  // as a window would
  }
  const std::size_t all = (kJobs + kBatch - 1) / kBatch * kBatch;
  sink.wait(all);
  print("job_to_record", cpu_ns() - start, all);
  (*instance)->stop(10'000);
}

void bench_message_view(const EventPtr& event) {
  MessageView view;
  Job job;
  job.delivery = 42;
  job.event = event;
  const std::int64_t start = cpu_ns();
  for (std::size_t i = 0; i < kJobs; ++i) view.build(job, 0);
  print("message_view_of_that", cpu_ns() - start, kJobs);
}

void bench_http_request() {
  security::SecretVault vault;
  const std::uint64_t owner = vault.new_owner();
  const std::string token = vault.put(owner, security::Secret("a bearer that is long enough"));
  const std::vector<std::string> egress{"hooks.example.com:443"};
  const std::string body(700, 'x');
  const tocsin_kv headers[] = {{TOCSIN_LIT("content-type"), TOCSIN_LIT("application/json")},
                               {TOCSIN_LIT("webhook-id"), TOCSIN_LIT("dlv_0000000000042")},
                               {TOCSIN_LIT("webhook-timestamp"), TOCSIN_LIT("1795420800")},
                               {TOCSIN_LIT("authorization"), tocsin_string(token.data(), token.size())}};
  tocsin_http_request request{};
  request.size = sizeof request;
  request.url = TOCSIN_LIT("https://hooks.example.com/in/42");
  request.headers = headers;
  request.n_headers = 4;
  request.body = tocsin_string(body.data(), body.size());
  const std::int64_t start = cpu_ns();
  for (std::size_t i = 0; i < kJobs; ++i) {
    HttpRequest read;
    if (read_http_request(&request, vault, owner, egress, read) != TOCSIN_OK) std::abort();
  }
  print("submit_checks_and_secrets", cpu_ns() - start, kJobs);
}

}  // namespace
}  // namespace tocsin::plugin

int main() {
  const auto event = tocsin::plugin::make_event();
  tocsin::plugin::bench_deliver_and_complete(event);
  tocsin::plugin::bench_message_view(event);
  tocsin::plugin::bench_http_request();
}
