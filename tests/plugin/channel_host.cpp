// See channel_host.hpp.
#include "channel_host.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "net/egress_receiver.hpp"

namespace tocsin::plugin::tests {
namespace {

constexpr auto kDeadline = std::chrono::seconds(30);

Script* next_script = nullptr;  // of the create() that is about to run

Script& script_of(tocsin_instance* instance) {
  return *reinterpret_cast<Script*>(instance);
}

tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  Script& script = *next_script;
  script.host = host;
  if (script.create) script.create(*settings);
  if (script.refuse) return script.refuse(error);
  return reinterpret_cast<tocsin_instance*>(&script);
}
void destroy(tocsin_instance* instance) {
  Script& script = script_of(instance);
  if (script.destroy) script.destroy();
  ++script.destroyed;
}
void deliver(tocsin_instance* instance, const tocsin_message* message, tocsin_delivery* delivery) {
  Script& script = script_of(instance);
  if (script.deliver) return script.deliver(*message, delivery);
  script.complete(delivery);
}
void cancel(tocsin_instance* instance, tocsin_delivery* delivery) {
  Script& script = script_of(instance);
  if (script.cancel) script.cancel(delivery);
}
void verify(tocsin_instance* instance, tocsin_delivery* delivery) {
  Script& script = script_of(instance);
  if (script.verify) return script.verify(delivery);
  script.complete(delivery);
}

constexpr tocsin_channel_api kApi{&create, &destroy, &deliver, &cancel, &verify, nullptr};

net::EgressOptions egress_options(bool mail_without_tls) {
  auto options = net::tests::loopback_options();
  options.mail_without_tls = mail_without_tls;
  return options;
}

constexpr const char* kSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "url": {"type": "string", "format": "uri", "minLength": 1},
    "server": {"type": "string"},
    "port": {"type": "integer"},
    "secret": {"type": "string", "writeOnly": true},
    "headers": {"type": "object", "additionalProperties": {"type": "string", "writeOnly": true}},
    "timeout": {"type": "integer", "minimum": 5, "maximum": 30, "default": 15}
  }})";

}  // namespace

void Script::complete(tocsin_delivery* delivery, int status, const char* code, const char* detail) const {
  tocsin_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.status = status;
  outcome.code = tocsin_lit(code);
  outcome.detail = tocsin_lit(detail);
  host->complete(host, delivery, &outcome);
}

Table::Table() {
  type.size = sizeof type;
  type.type = "test.channel";
  type.name = "Test channel";
  type.version = "1.0.0";
  type.settings_schema = kSchema;
  type.requires_ext = requires_ext;
  type.egress = egress;
  type.api = &kApi;  // instances outlive the table
  api = kApi;
  plugin.size = sizeof plugin;
  plugin.sdk = "test 1.0";
  plugin.types = types;
  plugin.n_types = 1;
}

void Sink::job_done(JobResult result) {
  const std::lock_guard lock(mutex_);
  results_.push_back(std::move(result));
  changed_.notify_all();
}

std::vector<JobResult> Sink::wait(std::size_t count) {
  std::unique_lock lock(mutex_);
  const bool enough = changed_.wait_until(lock, std::chrono::system_clock::now() + kDeadline,
                                          [&] { return results_.size() >= count; });
  EXPECT_TRUE(enough) << "only " << results_.size() << " of " << count << " attempts ended";
  std::vector<JobResult> results = results_;
  results.resize(count);
  return results;
}

std::size_t Sink::count() const {
  const std::lock_guard lock(mutex_);
  return results_.size();
}

void Signal::set() {
  const std::lock_guard lock(mutex_);
  set_ = true;
  changed_.notify_all();
}

bool Signal::wait() {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::system_clock::now() + kDeadline, [this] { return set_; });
}

ChannelHost::ChannelHost(unsigned threads, bool batched, bool mail_without_tls)
    : pool(threads),
      services{clock, *(exchanges = std::move(*net::ExchangeEngine::open(egress_options(mail_without_tls)))),
               vault, pool,
               [log = log_](int, const std::string& channel, const std::string& text) {
                 const std::lock_guard lock(log->mutex);
                 log->lines.push_back(channel + ": " + text);
               }},
      mail_without_tls_(mail_without_tls) {
  if (batched) pool.wake_with(*exchanges);
  exchanges->start();
}

ChannelHost::~ChannelHost() {
  exchanges->stop();
  pool.stop();
}

Result<std::shared_ptr<ChannelInstance>> ChannelHost::make(Script& script, const Table& table,
                                                           const std::string& settings) {
  const PluginSet set = PluginSet::from_tables({&table.plugin});
  EXPECT_EQ(set.states().front().problem, "");
  const auto type = set.find_type("test.channel");
  if (type == nullptr) return make_error(Errc::kInternal, "the test's own table is broken");
  auto prepared = prepare_settings(*type, settings, {}, net::tests::loopback_options().policy);
  if (!prepared) return prepared.error();
  prepared->mail_without_tls = mail_without_tls_;
  next_script = &script;
  return ChannelInstance::create(services, type, "ops", "pager", std::move(*prepared), sink);
}

std::vector<std::string> ChannelHost::log() const {
  const std::lock_guard lock(log_->mutex);
  return log_->lines;
}

Job make_job(DeliveryId delivery, const std::string& title) {
  auto event = std::make_shared<Event>();
  event->seq = 7;
  event->id = "evt_0000000000007";
  event->team = "ops";
  event->type = "disk.full";
  event->severity = Severity::kHigh;
  event->category = Category::kSystemError;
  event->title = title;
  event->labels = {{"env", "prod"}};
  event->data = R"({"used":{"percent":97}})";
  event->occurred_ms = 1'795'420'700'000;
  Job job;
  job.delivery = delivery;
  job.event = std::move(event);
  job.deadline_unix_ms = 1'795'420'800'000 + 120'000;
  return job;
}

}  // namespace tocsin::plugin::tests
