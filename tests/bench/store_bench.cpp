// What the durable path costs by itself: one event with one delivery, and the finish of an earlier one with
// its attempt, in transactions of 1, 10, 100 and 500 events. Prints one JSON object a group size, with the
// disk's own sync rate beside it, since no figure of a store means anything without it.
#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "store/sqlite_store.hpp"

namespace {

using namespace tocsin;
using namespace tocsin::store;

constexpr std::int64_t kStartMs = 1'795'420'800'000;

double cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double wall_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::micro>(now).count();
}

double percentile(std::vector<double>& values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Median of 4 KiB appends, each synced.
double measure_sync_us(const std::string& directory) {
  const std::string file = directory + "/sync";
  const int handle = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
  const std::string page(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const double start = wall_us();
    if (::write(handle, page.data(), page.size()) < 0 || ::fdatasync(handle) != 0) std::abort();
    times.push_back(wall_us() - start);
  }
  ::close(handle);
  std::filesystem::remove(file);
  return percentile(times, 0.5);
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().detail);
    std::exit(1);
  }
  return std::move(*result);
}

NewEvent make_event(EventSeq seq, TeamId team, ChannelId channel, std::int64_t now_ms, bool hot = true) {
  auto event = std::make_shared<Event>();
  event->seq = seq;
  event->id = format_event_id(seq);
  event->team = "platform";
  event->type = "finding.created";
  event->severity = Severity::kHigh;
  event->source = "scanner";
  event->title = "OpenSSL 3.0.2 on web-14 is vulnerable to CVE-2026-12345";
  event->summary = "The scanner found a version with a known remote flaw; an update is available.";
  event->link = "https://console.example.com/findings/123456";
  event->labels = {{"env", "production"}, {"host", "web-14"}};
  event->data = R"({"cve":"CVE-2026-12345","cvss":9.8,"package":"openssl","fixed_in":"3.0.14"})";
  event->occurred_ms = event->received_ms = now_ms;
  NewEvent accepted;
  accepted.event = std::move(event);
  accepted.team = team;
  accepted.generation = 1;
  accepted.deliveries = {{channel, hot}};
  return accepted;
}

Finish make_finish(DeliveryId delivery, std::int64_t now_ms) {
  Finish finish;
  finish.delivery = delivery;
  finish.attempt.started_ms = now_ms;
  finish.attempt.duration_us = 1234;
  finish.attempt.outcome.status = OutcomeStatus::kDelivered;
  finish.attempt.outcome.code = "webhook.http_200";
  finish.attempt.http_status = 200;
  finish.attempt.remote_address = "203.0.113.7:443";
  return finish;
}

struct Opened {
  std::unique_ptr<Store> store;
  TeamId team = 0;
  ChannelId channel = 0;
};

Opened open_store(const std::string& directory) {
  Opened opened{must(open_sqlite({.directory = directory, .ballast_bytes = 0}))};
  const std::string team_name = "platform";
  opened.team = must(opened.store->resolve_teams(std::span(&team_name, 1))).front();
  const ChannelKey key{opened.team, "ops", "webhook"};
  opened.channel = must(opened.store->resolve_channels(std::span(&key, 1))).front();
  return opened;
}

// Claims and finishes 100 deliveries at a time out of a backlog of `depth`.
void measure_depth(const std::string& root, std::size_t depth) {
  const std::string directory = root + "/depth";
  const auto [store, team, channel] = open_store(directory);
  IdSource ids(store->last_number());
  for (std::size_t done = 0; done < depth; done += 1000) {
    std::vector<NewEvent> events;
    for (int i = 0; i < 1000; ++i) {
      events.push_back(make_event(ids.reserve(kStartMs, 2), team, channel, kStartMs, false));
    }
    must(store->write(events, {}, kStartMs));
    if (auto moved = store->checkpoint(); !moved) std::abort();
  }
  std::vector<double> times;
  const double cpu_before = cpu_us();
  for (int round = 0; round < 9; ++round) {
    const double before = wall_us();
    const auto claimed = must(store->claim(channel, kStartMs, 100));
    std::vector<Finish> finishes;
    for (const auto& row : claimed) finishes.push_back(make_finish(row.delivery, kStartMs));
    must(store->write({}, finishes, kStartMs));
    times.push_back(wall_us() - before);
  }
  fmt::print(
      R"({{"bench":"store_depth","queued":{},"claim_finish_100_us":{:.0f},"cpu_us_per_delivery":{:.2f}}})"
      "\n",
      depth, percentile(times, 0.5), (cpu_us() - cpu_before) / 900);
  std::filesystem::remove_all(directory);
}

void measure(const std::string& root, std::size_t group, std::size_t total, bool keyed, double sync_us) {
  const std::string directory = root + "/group";
  auto [store, team, channel] = open_store(directory);
  IdSource ids(store->last_number());

  std::vector<Finish> finishes;
  std::vector<double> commits;
  double cpu = 0;
  const double start = wall_us();
  for (std::size_t done = 0; done < total; done += group) {
    const std::int64_t now_ms = kStartMs + static_cast<std::int64_t>(done / 20);
    std::vector<NewEvent> events;
    for (std::size_t i = 0; i < group; ++i) {
      events.push_back(make_event(ids.reserve(now_ms, 2), team, channel, now_ms));
      if (keyed)
        events.back().keys = {fmt::format("id:{:016x}", events.back().event->seq * 0x9E3779B97F4A7C15)};
    }
    const double cpu_before = cpu_us();
    const double before = wall_us();
    must(store->write(events, finishes, now_ms));
    commits.push_back(wall_us() - before);
    if (store->log_bytes() > (4 << 20)) {
      if (auto moved = store->checkpoint(); !moved) std::abort();
    }
    cpu += cpu_us() - cpu_before;
    finishes.clear();
    for (const auto& event : events) finishes.push_back(make_finish(event.event->seq + 1, now_ms));
  }
  const double seconds = (wall_us() - start) / 1e6;
  const auto count = static_cast<double>(total);
  fmt::print(
      R"({{"bench":"store","group":{},"keyed":{},"events":{},"events_per_s":{:.0f},"cpu_us_per_event":{:.2f},)"
      R"("commit_p50_us":{:.0f},"commit_p99_us":{:.0f},"fdatasync_p50_us":{:.0f}}})"
      "\n",
      group, keyed, total, count / seconds, cpu / count, percentile(commits, 0.5), percentile(commits, 0.99),
      sync_us);
  store.reset();
  std::filesystem::remove_all(directory);
}

// What a person's notification centre costs at `items`: pages, counts and marks, and the put itself.
void measure_inbox(const std::string& root, std::size_t items) {
  const std::string directory = root + "/inbox";
  const auto [store, team, channel] = open_store(directory);
  const auto time_of = [](auto&& work) {
    std::vector<double> times;
    for (int round = 0; round < 9; ++round) {
      const double before = wall_us();
      work();
      times.push_back(wall_us() - before);
    }
    return percentile(times, 0.5);
  };
  const double cpu_before = cpu_us();
  for (std::size_t done = 0; done < items; done += 100) {
    std::vector<InboxWrite> writes;
    for (std::size_t i = 0; i < 100; ++i) {
      InboxItem item;
      item.team = team;
      item.key = fmt::format("evt_{:013}", done + i);
      item.type = "finding.created";
      item.source = "scanner";
      item.title = "OpenSSL 3.0.2 on web-14 is vulnerable to CVE-2026-12345";
      item.summary = "The scanner found a version with a known remote flaw; an update is available.";
      item.json = R"({"cve":"CVE-2026-12345","cvss":9.8,"package":"openssl","fixed_in":"3.0.14"})";
      writes.emplace_back(std::move(item));
    }
    must(store->write({}, {}, writes, kStartMs));
  }
  const double put_cpu = (cpu_us() - cpu_before) / static_cast<double>(items);
  const auto reader = must(store->open_reader());
  InboxFilter filter;
  filter.team = team;
  filter.user = "alice";
  const auto list = [&] { static_cast<void>(must(reader->list_inbox(filter))); };
  const auto count = [&] { static_cast<void>(must(reader->count_inbox(team, "alice"))); };
  const double first_page = time_of(list);
  const double counts = time_of(count);
  const auto last = static_cast<InboxSeq>(items);
  const double mark_us = time_of([&, seq = last]() mutable {
    const InboxWrite write = InboxMarking{team, "alice", InboxAction::kRead, {--seq}, 0};
    must(store->write({}, {}, std::span(&write, 1), kStartMs));
  });
  const InboxWrite all = InboxMarking{team, "alice", InboxAction::kReadAll, {}, last};
  const double before = wall_us();
  must(store->write({}, {}, std::span(&all, 1), kStartMs));
  const double read_all = wall_us() - before;
  filter.marks = InboxFilter::Marks::kUnread;  // none is left: the whole of it is looked at
  fmt::print(
      R"({{"bench":"store_inbox","items":{},"put_cpu_us":{:.1f},"first_page_us":{:.0f},"counts_us":{:.0f},)"
      R"("mark_us":{:.0f},"read_all_us":{:.0f},"unread_of_none_us":{:.0f},"counts_read_us":{:.0f}}})"
      "\n",
      items, put_cpu, first_page, counts, mark_us, read_all, time_of(list), time_of(count));
  std::filesystem::remove_all(directory);
}

}  // namespace

// store_bench [DIRECTORY [GROUP [plain|keyed]]]: the figures depend on the directory's disk.
int main(int argc, char** argv) {
  std::string root =
      argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / "store_bench_XXXXXX").string();
  if (argc <= 1 && ::mkdtemp(root.data()) == nullptr) return 1;
  std::filesystem::create_directories(root);
  const double sync_us = measure_sync_us(root);
  for (const bool keyed : {false, true}) {
    if (argc > 3 && (std::string_view(argv[3]) == "keyed") != keyed) continue;
    for (const auto& [group, total] : {std::pair{1, 2'000}, {10, 10'000}, {100, 50'000}, {500, 100'000}}) {
      if (argc > 2 && std::stoi(argv[2]) != group) continue;
      measure(root, static_cast<std::size_t>(group), static_cast<std::size_t>(total), keyed, sync_us);
    }
  }
  for (const std::size_t depth : {1'000, 200'000}) {
    if (argc <= 2) measure_depth(root, depth);
  }
  for (const std::size_t items : {10'000, 100'000}) {
    if (argc <= 2) measure_inbox(root, items);
  }
  std::filesystem::remove_all(root);
}
