// How an instance comes and goes. Its settings reach the plugin with a token in the place of each secret; its
// end waits for the plugin, but not for ever.
#include "plugin/channel_instance.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "plugin/guard.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds kCreateTime{10};
constexpr std::uint32_t kFaultsASecond = 20;  // in the log

// Since when a plugin has no business with its host.
constexpr const char* kDestroyed = "destroy() had returned";
constexpr const char* kNeverMade = "create() had made no instance";

// The system's clock, since the sanitizers cannot follow a wait on the steady one.
template <class Duration, class Condition>
bool wait_for(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Duration time,
              const Condition& condition) {
  return changed.wait_until(lock, std::chrono::system_clock::now() + time, condition);
}

void place_token(json::value& settings, std::string_view pointer, const std::string& token) {
  json::value* at = &settings;
  for (const auto& name : split_pointer(pointer)) {
    if (at->is_null()) at->emplace_object();
    if (auto* array = at->if_array()) {
      const std::size_t index = std::stoul(name);
      if (index >= array->size()) array->resize(index + 1);
      at = &(*array)[index];
    } else {
      at = &at->get_object()[name];
    }
  }
  at->emplace_string() = token;
}

}  // namespace

Result<std::shared_ptr<ChannelInstance>> ChannelInstance::create(Services& services,
                                                                 std::shared_ptr<const ChannelType> type,
                                                                 std::string team, std::string channel,
                                                                 PreparedSettings settings, JobSink& sink) {
  // Not make_shared(): its door knows it weakly and for ever, which must not keep its memory.
  std::shared_ptr<Instance> instance(
      new Instance(services, std::move(type), std::move(team), std::move(channel), settings, sink));
  auto opened = instance->open(settings);
  if (!opened) return opened.error();
  return std::shared_ptr<ChannelInstance>(std::move(instance));
}

Instance::Instance(Services& services, std::shared_ptr<const ChannelType> type, std::string team,
                   std::string channel, PreparedSettings settings, JobSink& sink)
    : services_(services),
      type_(std::move(type)),
      team_(std::move(team)),
      channel_(std::move(channel)),
      label_(team_ + '/' + channel_),
      sink_(sink),
      egress_(std::move(settings.egress)),
      policy_(std::move(settings.policy)),
      mail_without_tls_(settings.mail_without_tls),
      owner_(services.vault.new_owner()),
      door_(HostDoor::make(type_->type, team_, channel_, services.log)),
      strand_(Strand::make(type_->threading, services.pool.impl(), *this)) {}

Instance::~Instance() {
  if (destroyed_) return;  // stop() was called, and nothing that was borrowed is touched again
  if (plugin_ != nullptr) static_cast<void>(guard([&] { type_->api->destroy(plugin_); }));
  door_.close(plugin_ != nullptr ? kDestroyed : kNeverMade);
  services_.vault.remove_owner(owner_);
}

Result<void> Instance::open(PreparedSettings& settings) {
  json::error_code error;
  json::value document = json::parse(settings.json, error);
  if (error || !document.is_object()) {
    return make_error(Errc::kInternal, "the prepared settings are no JSON object");
  }
  for (auto& [pointer, secret] : settings.secrets) {
    if (secret.empty()) continue;  // reads as absent
    place_token(document, pointer, services_.vault.put(owner_, std::move(secret)));
  }
  settings_ = std::make_unique<FlatDocument>(document);
  door_.lead_to(weak_from_this());
  strand_->post({Task::Kind::kCreate, 0, nullptr});
  bool in_time = false;
  {
    std::unique_lock lock(mutex_);
    in_time = wait_for(changed_, lock, kCreateTime, [this] { return created_; });
    if (in_time && !refusal_) return {};
    closing_ = true;
  }
  // The strand may hold us longer than the caller lives.
  strand_->post({Task::Kind::kDestroy, 0, nullptr});
  if (in_time) {
    std::unique_lock lock(mutex_);
    wait_for(changed_, lock, kCreateTime, [this] { return destroyed_; });
    return *refusal_;
  }
  leave_behind();
  return make_error(Errc::kUnavailable,
                    "plugin " + type_->type + " did not return from create() within 10 s");
}

void Instance::run_create() {
  tocsin_error error{};
  error.size = sizeof error;
  const tocsin_doc document = settings_->view();
  const auto thrown = guard([&] { plugin_ = type_->api->create(&door_.host(), &document, &error); });
  settings_.reset();
  std::optional<Error> refusal;
  const std::string plugin = "plugin " + type_->type + ' ';
  if (thrown) {
    refusal = make_error(Errc::kUnavailable, plugin + "threw from create(): " + redacted(*thrown, 512));
  } else if (plugin_ == nullptr) {
    const std::string text = redacted(text_of_array(error.text, sizeof error.text), sizeof error.text);
    const std::string pointer = text_of_array(error.pointer, sizeof error.pointer);
    if (text.empty()) {
      refusal = make_error(Errc::kUnavailable, plugin + "returned NULL from create() without saying why");
    } else {
      refusal = make_error(
          Errc::kInvalid, plugin + "refuses the settings: " + (pointer.empty() ? "" : pointer + ": ") + text);
      refusal->fields.push_back({pointer, text});
    }
  }
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(refusal);
  created_ = true;
  changed_.notify_all();
}

void Instance::run_destroy() {
  if (plugin_ != nullptr) {
    const auto thrown = guard([&] { type_->api->destroy(plugin_); });
    door_.close(kDestroyed);
    if (thrown) note_fault("threw from destroy(): " + *thrown);
    plugin_ = nullptr;
  } else {
    door_.close(kNeverMade);
  }
  if (!gone_) services_.vault.remove_owner(owner_);
  gone_ = true;
  const std::lock_guard lock(mutex_);
  live_.release_abandoned();
  destroyed_ = true;
  changed_.notify_all();
}

void Instance::stop(std::int64_t grace_ms) {
  std::vector<Ended> ended;
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    if (!closing_.exchange(true)) {
      live_.for_each([&](Handle handle, LiveDelivery& live) {
        const bool running = live.state == LiveDelivery::State::kRunning;
        if (!running && live.state != LiveDelivery::State::kQueued) return;
        ended.push_back({{live.job.delivery,
                          record_of(live, {OutcomeStatus::kInterrupted, -1, "host.stopped",
                                           "the channel was stopped or changed during this attempt", ""})},
                         live.job.verified});
        if (running) {
          abandon_locked(handle, tasks);
        } else {
          live_.release(handle, true);
        }
      });
      cancel_exchanges_locked(0, tasks);
      cancel_puts_locked(0, tasks);
      for (const auto& [id, timer] : timers_) services_.pool.impl()->cancel_timer(timer.key);
      timers_.clear();
      tasks.push_back({Task::Kind::kDestroy, 0, nullptr});
      strand_->post_all(tasks);
      services_.pool.impl()->announce();
    }
  }
  for (auto& each : ended) tell(std::move(each));

  std::unique_lock lock(mutex_);
  const auto over = [this] { return (destroyed_ && ending_ == 0) || gone_; };
  if (wait_for(changed_, lock, std::chrono::milliseconds(grace_ms), over) || grace_ms == 0 || gone_) return;
  lock.unlock();
  say(TOCSIN_LOG_ERROR, "plugin " + type_->type + " did not return within " + std::to_string(grace_ms) +
                            " ms of being stopped; it is left behind");
  leave_behind();
}

// The plugin may return in a minute or never: from here on it finds a host that answers nothing.
void Instance::leave_behind() {
  services_.vault.remove_owner(owner_);
  gone_ = true;
}

void Instance::run_task(const Task& task) {
  switch (task.kind) {
    case Task::Kind::kCreate:
      return run_create();
    case Task::Kind::kDeliver:
      return start(task.handle);
    case Task::Kind::kNext:
      return start_next();
    case Task::Kind::kCancel:
      return call_cancel(task.handle);
    case Task::Kind::kAnswer:
      return answer(*task.exchange);
    case Task::Kind::kStored:
      return answer_put(task.handle);
    case Task::Kind::kTimer:
      return fire_timer(task.handle);
    case Task::Kind::kDestroy:
      return run_destroy();
  }
}

std::string Instance::fault() const {
  const std::lock_guard lock(fault_mutex_);
  if (faults_ < 2) return fault_;
  return fault_ + " (" + std::to_string(faults_) + " faults since it was made)";
}

void Instance::note_fault(const std::string& text) {
  std::string sentence = "plugin " + type_->type + ' ' + redacted(text, 1024);
  const std::lock_guard lock(fault_mutex_);
  const std::int64_t second = gone_ ? 0 : services_.clock.steady_us() / 1'000'000;
  if (std::exchange(fault_second_, second) != second) faults_in_second_ = 0;
  // The status counts them all; whoever completes a delivery a million times shall not fill the log with it.
  if (++faults_in_second_ <= kFaultsASecond) say(TOCSIN_LOG_ERROR, sentence);
  fault_ = std::move(sentence);
  ++faults_;
}

std::string Instance::redacted(std::string_view text, std::size_t most) const {
  std::string out(text);
  if (!out.empty() && !gone_) services_.vault.redact(owner_, out);
  return repair_text(out, most);
}

void Instance::say(int level, const std::string& text) {
  if (!gone_ && services_.log) services_.log(level, label_, text);
}

}  // namespace tocsin::plugin
