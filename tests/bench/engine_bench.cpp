// What the core thread costs a delivery: a store that keeps nothing and instances that answer at once, so
// that queueing, windows, decisions and the hops between threads are all that is measured. Prints one JSON
// object a case: events accepted 64 or 1 at a time, over 1 or 2,000 channels; answers given on the core's own
// thread or, as plugins do it, on another.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "delivery/engine.hpp"

namespace {

using namespace tocsin;

class NullStore final : public store::Store {
 public:
  Result<std::vector<TeamId>> resolve_teams(std::span<const std::string> names) override {
    return std::vector<TeamId>(names.size(), 1);
  }
  Result<std::vector<ChannelId>> resolve_channels(std::span<const store::ChannelKey> keys) override {
    return std::vector<ChannelId>(keys.size(), 1);
  }
  Result<std::int64_t> put_generation(TeamId, const std::string&) override { return 1; }
  Result<WriteResult> write(std::span<const store::NewEvent> events, std::span<const store::Finish> finishes,
                            std::span<const store::InboxWrite>, std::int64_t) override {
    WriteResult result;
    for (const auto& event : events) {
      auto& accepted = result.accepted.emplace_back();
      accepted.seq = event.event->seq;
      for (const auto& delivery : event.deliveries) accepted.channels.push_back(delivery.channel);
    }
    result.applied.assign(finishes.size(), true);
    return result;
  }
  Result<std::vector<store::Claimed>> claim(ChannelId, std::int64_t, const store::ClaimWish&) override {
    return std::vector<store::Claimed>{};
  }
  Result<void> release(std::span<const DeliveryId>, std::int64_t) override { return {}; }
  Result<std::size_t> cancel_channel(ChannelId, const std::string&, std::int64_t) override { return 0U; }
  Result<void> add_audit(const store::AuditRecord&) override { return {}; }
  Result<std::vector<store::ChannelBacklog>> reopen(std::span<const DeliveryId>, std::int64_t) override {
    return std::vector<store::ChannelBacklog>{};
  }
  Result<bool> cancel(DeliveryId, bool, const std::string&, std::int64_t) override { return false; }
  Result<std::vector<store::ChannelBacklog>> list_backlogs() override {
    return std::vector<store::ChannelBacklog>{};
  }
  Result<std::vector<std::pair<ChannelId, store::ChannelKey>>> list_channels() override {
    return std::vector<std::pair<ChannelId, store::ChannelKey>>{};
  }
  Result<std::vector<store::ObjectRecord>> list_objects() override {
    return std::vector<store::ObjectRecord>{};
  }
  Result<std::int64_t> write_object(const store::ObjectWrite&, std::int64_t) override { return 1; }
  Result<void> order_objects(const store::ObjectOrder&) override { return {}; }
  Result<std::vector<store::SealedValue>> list_secrets(const std::string&, const store::SecretAt&,
                                                       std::size_t) override {
    return std::vector<store::SealedValue>{};
  }
  Result<std::vector<bool>> rewrap(std::span<const store::Rewrapped>) override { return std::vector<bool>{}; }
  Result<std::size_t> trim_audit(std::int64_t, std::size_t) override { return 0U; }
  [[nodiscard]] std::int64_t free_bytes() const override { return -1; }
  Result<std::vector<store::SessionRecord>> list_sessions() override {
    return std::vector<store::SessionRecord>{};
  }
  Result<void> add_session(const store::SessionRecord&, std::int64_t) override { return {}; }
  Result<void> end_session(const store::SessionHash&) override { return {}; }
  Result<std::vector<store::TokenRecord>> list_tokens() override { return std::vector<store::TokenRecord>{}; }
  Result<void> add_token(const store::TokenRecord&) override { return {}; }
  Result<void> revoke_token(const std::string&, std::int64_t) override { return {}; }
  Result<void> note_token_uses(std::span<const store::TokenUse>) override { return {}; }
  Result<std::size_t> delete_expired(std::int64_t, std::size_t) override { return 0U; }
  Result<std::size_t> trim_inbox(std::int64_t, std::int64_t, std::size_t) override { return 0U; }
  Result<void> checkpoint() override { return {}; }
  std::int64_t log_bytes() const override { return 0; }
  std::int64_t epoch() const override { return 1; }
  std::int64_t last_number() const override { return 0; }
  Result<std::unique_ptr<store::Reader>> open_reader() override {
    return make_error(Errc::kUnsupported, "this store keeps nothing");
  }
};

std::atomic<std::uint64_t> delivered{0};

void answer(plugin::JobSink& sink, const std::vector<plugin::Job>& jobs) {
  for (const auto& job : jobs) {
    plugin::JobResult result;
    result.delivery = job.delivery;
    result.attempt.started_ms = 1;
    result.attempt.outcome.status = OutcomeStatus::kDelivered;
    result.attempt.http_status = 200;
    sink.job_done(std::move(result));
  }
  delivered += jobs.size();
}

// One thread that answers for every instance, as a plugin pool would.
class Answerer {
 public:
  explicit Answerer(plugin::JobSink& sink) : sink_(sink), thread_([this] { run(); }) {}
  ~Answerer() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    condition_.notify_one();
    thread_.join();
  }
  void give(std::vector<plugin::Job> jobs) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = batches_.empty();
      batches_.push_back(std::move(jobs));
    }
    if (was_empty) condition_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (condition_.wait(lock, [this] { return stop_ || !batches_.empty(); }), !stop_) {
      const auto batches = std::exchange(batches_, {});
      lock.unlock();
      for (const auto& jobs : batches) answer(sink_, jobs);
      lock.lock();
    }
  }
  plugin::JobSink& sink_;
  std::mutex mutex_;
  std::condition_variable condition_;
  std::deque<std::vector<plugin::Job>> batches_;
  bool stop_ = false;
  std::thread thread_;
};

class InstantInstance final : public plugin::ChannelInstance {
 public:
  InstantInstance(plugin::JobSink& sink, Answerer* answerer) : sink_(sink), answerer_(answerer) {}
  void deliver(std::vector<plugin::Job> jobs) override {
    answerer_ != nullptr ? answerer_->give(std::move(jobs)) : answer(sink_, jobs);
  }
  void verify(std::int64_t, plugin::VerifyDone) override {}
  void cancel(DeliveryId) override {}
  void expire(std::int64_t) override {}
  void stop(std::int64_t) override {}
  std::string fault() const override { return ""; }
  const plugin::ChannelType& type() const override { return type_; }

 private:
  plugin::JobSink& sink_;
  Answerer* answerer_;
  plugin::ChannelType type_;
};

// CPU time of this process's thread of that name so far.
double thread_cpu_us(const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm != name) continue;
    double ns = 0;
    std::ifstream(task.path() / "schedstat") >> ns;
    return ns / 1000;
  }
  return 0;
}

struct Case {
  std::size_t batch;
  ChannelId channels;
  bool own_thread;
};

void feed(delivery::Engine& engine, store::Writer& writer, const Case& run, std::uint64_t count) {
  const std::uint64_t start = delivered;
  EventSeq seq = 1;
  ChannelId channel = 0;
  std::uint64_t sent = 0;
  while (sent < count) {
    if (start + sent - delivered > 4096) {  // stay below what the queues and the writer take
      std::this_thread::yield();
      continue;
    }
    std::vector<store::NewEvent> events(run.batch);
    for (auto& fresh : events) {
      auto event = std::make_shared<Event>();
      event->seq = seq;
      fresh.event = std::move(event);
      channel = channel % run.channels + 1;
      const bool hot = engine.admit(channel);
      fresh.deliveries = {{channel, hot}};
      sent += hot ? 1 : 0;
      seq += 2;
    }
    writer.accept(std::move(events), [](const auto&) {});
  }
  while (delivered - start < sent) std::this_thread::yield();
}

void measure(const Case& run) {
  const SystemClock clock;
  store::Writer writer(std::make_unique<NullStore>(), clock, {});
  delivery::Engine engine(writer, clock, {.hot_queue = 8192});
  writer.on_accepted([&](auto events, auto results) { engine.offer(events, results); });
  writer.start();
  std::unique_ptr<Answerer> answerer;
  if (run.own_thread) answerer = std::make_unique<Answerer>(engine.sink());
  std::vector<delivery::ChannelSetup> setups;
  for (ChannelId id = 1; id <= run.channels; ++id) {
    delivery::ChannelSetup setup;
    setup.id = id;
    setup.instance = std::make_shared<InstantInstance>(engine.sink(), answerer.get());
    setup.retries = delivery::RetrySchedule::standard();
    setups.push_back(std::move(setup));
  }
  engine.configure(std::move(setups), {});
  engine.start();

  constexpr std::uint64_t kCount = 300'000;
  feed(engine, writer, run, kCount / 10);  // warm
  const double cpu = thread_cpu_us("core");
  const std::uint64_t first = delivered;
  const auto begin = std::chrono::steady_clock::now();
  feed(engine, writer, run, kCount);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto count = static_cast<double>(delivered - first);
  const double core_us = (thread_cpu_us("core") - cpu) / count;
  fmt::print(
      R"({{"bench":"engine","batch":{},"channels":{},"answers":"{}","deliveries_per_s":{:.0f},"core_cpu_us":{:.2f}}})"
      "\n",
      run.batch, run.channels, run.own_thread ? "another thread" : "inline", count / seconds, core_us);
  engine.drain(1000);
  answerer.reset();
  writer.stop();
}

}  // namespace

int main() {
  for (const bool own_thread : {false, true}) {
    for (const ChannelId channels : {1, 2000}) {
      for (const std::size_t batch : {1, 64}) measure({batch, channels, own_thread});
    }
  }
  return 0;
}
