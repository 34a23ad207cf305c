// An attempt from the job to its record: given to the plugin, completed by it or ended by the host, and never
// twice.
#include <chrono>
#include <cstddef>
#include <cstring>

#include "plugin/guard.hpp"
#include "plugin/instance.hpp"
#include "plugin/misuse.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kMaxDetail = 1024;
constexpr std::size_t kMostRead = 64 * 1024;  // of a text, before secrets are looked for in it
constexpr std::size_t kMaxProviderId = 256;

using State = LiveDelivery::State;

// As a fault names it; a verification has no number.
std::string name_of(DeliveryId delivery) {
  return delivery == 0 ? "a verification" : "delivery " + format_delivery_id(delivery);
}

}  // namespace

void Instance::deliver(std::vector<Job> jobs) {
  std::vector<Task> tasks;
  std::vector<JobResult> refused;
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      tasks.reserve(jobs.size());
      for (Job& job : jobs) tasks.push_back({Task::Kind::kDeliver, live_.add(std::move(job)), nullptr});
      strand_->post_all(tasks);
      return;
    }
  }
  for (const Job& job : jobs) {
    Attempt attempt;
    if (!gone_) attempt.started_ms = services_.clock.unix_ms();
    attempt.outcome = {OutcomeStatus::kInterrupted, -1, "host.stopped", "the channel is stopped", ""};
    sink_.job_done({job.delivery, std::move(attempt)});
  }
}

void Instance::verify(std::int64_t deadline_unix_ms, VerifyDone done) {
  Job job;
  job.deadline_unix_ms = deadline_unix_ms;
  job.verified = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      strand_->post({Task::Kind::kDeliver, live_.add(std::move(job)), nullptr});
      return;
    }
  }
  Attempt attempt;
  attempt.outcome = {OutcomeStatus::kInterrupted, -1, "host.stopped", "the channel is stopped", ""};
  job.verified(std::move(attempt));
}

void Instance::start(Handle handle) {
  LiveDelivery* live = nullptr;
  {
    const std::lock_guard lock(mutex_);
    live = live_.find(handle);
    if (live == nullptr || live->state != State::kQueued) return;
    if (type_->threading == TOCSIN_BLOCKING) {
      if (blocking_ != 0) {
        waiting_.push_back(handle);
        return;
      }
      blocking_ = handle;
    }
    live->state = State::kRunning;
    live->started_ms = services_.clock.unix_ms();
    live->started_us = services_.clock.steady_us();
  }
  if (live->job.verified) {
    const auto thrown = guard([&] { type_->api->verify(plugin_, to_delivery(handle)); });
    if (thrown) end_as_fault(handle, "plugin.threw", "threw from verify(): " + *thrown);
    return;
  }
  live->view.build(live->job, type_->flags);
  const auto thrown = guard([&] { type_->api->deliver(plugin_, live->view.message(), to_delivery(handle)); });
  if (thrown) end_as_fault(handle, "plugin.threw", "threw from deliver(): " + *thrown);
}

void Instance::start_next() {
  Handle next = 0;
  {
    const std::lock_guard lock(mutex_);
    if (blocking_ != 0) return;
    while (!waiting_.empty() && next == 0) {
      const auto* live = live_.find(waiting_.front());
      if (live != nullptr && live->state == State::kQueued) next = waiting_.front();
      waiting_.pop_front();
    }
  }
  if (next != 0) start(next);
}

void Instance::call_cancel(Handle handle) {
  {
    const std::lock_guard lock(mutex_);
    if (live_.find(handle) == nullptr) return;
  }
  if (type_->api->cancel == nullptr) return;
  const auto thrown = guard([&] { type_->api->cancel(plugin_, to_delivery(handle)); });
  if (thrown) end_as_fault(handle, "plugin.threw", "threw from cancel(): " + *thrown);
}

Attempt Instance::record_of(LiveDelivery& live, Outcome outcome) const {
  Attempt attempt;
  const bool started = live.started_ms != 0;
  attempt.started_ms = started ? live.started_ms : services_.clock.unix_ms();
  attempt.duration_us = started ? services_.clock.steady_us() - live.started_us : 0;
  attempt.outcome = std::move(outcome);
  attempt.http_status = live.facts.http_status;
  attempt.remote_address = std::move(live.facts.remote_address);
  attempt.response = std::move(live.facts.response);
  const std::string& reason = live.facts.reason;
  if (!reason.empty() && attempt.outcome.detail.find(reason) == std::string::npos) {
    attempt.outcome.detail = repair_text(attempt.outcome.detail, kMaxDetail - reason.size() - 3);
    attempt.outcome.detail += attempt.outcome.detail.empty() ? reason : " (" + reason + ')';
  }
  return attempt;
}

Outcome Instance::read_outcome(const tocsin_outcome* given, std::string& fault) const {
  constexpr std::size_t kSmallest = offsetof(tocsin_outcome, detail) + sizeof(tocsin_str);
  Outcome bad{OutcomeStatus::kPluginFault, -1, "plugin.bad_outcome", "", ""};
  if (given == nullptr) {
    fault = "completed a delivery with no outcome";
  } else if (given->size < kSmallest) {
    fault = "completed a delivery with an outcome of size " + std::to_string(given->size);
  } else if (given->status < TOCSIN_DELIVERED || given->status > TOCSIN_UNCERTAIN) {
    fault = "completed a delivery with the status " + std::to_string(given->status) + ", which means nothing";
  }
  if (!fault.empty()) {
    bad.detail = "the plugin " + fault;
    return bad;
  }
  Outcome outcome;
  outcome.status = static_cast<OutcomeStatus>(given->status);
  outcome.retry_after_ms = given->retry_after_ms > 0 ? given->retry_after_ms : -1;
  outcome.code = repair_code(view(given->code));
  if (given->detail.len > 0) outcome.detail = redacted(view(given->detail).substr(0, kMostRead), kMaxDetail);
  if (given->provider_id.len > 0) {
    outcome.provider_id = redacted(view(given->provider_id).substr(0, kMostRead), kMaxProviderId);
  }
  return outcome;
}

std::string Instance::read_carry(const tocsin_outcome& given, std::string& fault) {
  if (!TOCSIN_HAS(tocsin_outcome, &given, carry) || given.carry.len == 0) return {};
  if (given.carry.len <= kMaxCarryBytes) return std::string(view(given.carry));
  fault = "left a note of " + std::to_string(given.carry.len) + " bytes for the next attempt; at most " +
          std::to_string(kMaxCarryBytes) + " are kept, so it is dropped";
  return {};
}

void Instance::complete(Handle handle, const tocsin_outcome* outcome) {
  LiveDelivery* live = nullptr;
  PastDelivery past;
  {
    const std::lock_guard lock(mutex_);
    live = live_.find(handle);
    if (live != nullptr && live->state == State::kRunning) {
      live->state = State::kEnding;
      ++ending_;
    } else if (live != nullptr && live->state == State::kAbandoned) {
      past = {handle, live->job.delivery, true};
      live_.release(handle, true);
      live = nullptr;
    } else {
      past = live_.find_past(handle);
      if (live != nullptr) past = {handle, live->job.delivery, false};  // two at once, or before its time
      live = nullptr;
    }
  }
  if (live == nullptr) return blame_completion(past);
  std::string fault;
  Attempt attempt = record_of(*live, read_outcome(outcome, fault));
  if (fault.empty()) attempt.carry = read_carry(*outcome, fault);
  if (fault.empty()) fault = find_misuse(*outcome, attempt.http_status);
  if (!fault.empty()) note_fault(fault);
  end(handle, std::move(attempt));
}

void Instance::complete_late(Handle handle) {
  PastDelivery past;
  {
    const std::lock_guard lock(mutex_);
    past = live_.find_past(handle);
    const LiveDelivery* const live = live_.find(handle);
    if (live != nullptr && live->state == State::kAbandoned) {
      past = {handle, live->job.delivery, true};
      live_.release(handle, true);
    }
  }
  blame_completion(past);
}

void Instance::blame_completion(const PastDelivery& past) {
  if (past.by_host && closing_) return;  // we took it back; the plugin could not know
  if (past.handle == 0) return note_fault("completed a delivery that it was never given, or one long past");
  note_fault("completed " + name_of(past.delivery) +
             (past.by_host ? " too late, after its time was over" : " twice"));
}

void Instance::end(Handle handle, Attempt attempt) {
  std::vector<Task> tasks;
  Job job;
  {
    const std::lock_guard lock(mutex_);
    release_locked(handle, false, tasks, job);
    if (!tasks.empty()) strand_->post_all(tasks);
  }
  tell({{job.delivery, std::move(attempt)}, std::move(job.verified)});
  const std::lock_guard lock(mutex_);
  --ending_;
  if (closing_) changed_.notify_all();
}

void Instance::tell(Ended ended) {
  if (ended.verified) {
    ended.verified(std::move(ended.result.attempt));
  } else {
    sink_.job_done(std::move(ended.result));
  }
}

// The plugin broke off: it has nothing more to say about this one.
void Instance::end_as_fault(Handle handle, const std::string& code, const std::string& detail) {
  note_fault(detail);
  LiveDelivery* live = nullptr;
  {
    const std::lock_guard lock(mutex_);
    live = live_.find(handle);
    if (live == nullptr || live->state != State::kRunning) return;
    live->state = State::kEnding;
    ++ending_;
  }
  Outcome outcome{OutcomeStatus::kPluginFault, -1, code, redacted("the plugin " + detail, kMaxDetail), ""};
  end(handle, record_of(*live, std::move(outcome)));
}

void Instance::threw(Handle handle, const std::string& where, const std::string& what) {
  const std::string fault = "threw from " + repair_text(where, 64) + ": " + repair_text(what, 512);
  if (handle == 0) return note_fault(fault);
  end_as_fault(handle, "plugin.threw", fault);
}

void Instance::free_blocking_locked(Handle handle, std::vector<Task>& tasks) {
  if (blocking_ != handle) return;
  blocking_ = 0;
  if (!waiting_.empty()) tasks.push_back({Task::Kind::kNext, 0, nullptr});
}

void Instance::release_locked(Handle handle, bool by_host, std::vector<Task>& tasks, Job& job) {
  if (live_.find(handle)->exchanges > 0) cancel_exchanges_locked(handle, tasks);
  if (!puts_.empty()) cancel_puts_locked(handle, tasks);
  job = live_.release(handle, by_host);
  free_blocking_locked(handle, tasks);
}

void Instance::abandon_locked(Handle handle, std::vector<Task>& tasks) {
  cancel_exchanges_locked(handle, tasks);
  cancel_puts_locked(handle, tasks);
  live_.abandon(handle);
  free_blocking_locked(handle, tasks);
}

void Instance::cancel(DeliveryId delivery) {
  std::vector<Task> tasks;
  std::vector<JobResult> ended;
  {
    const std::lock_guard lock(mutex_);
    const Handle handle = live_.find_delivery(delivery);
    if (handle == 0 || closing_) return;
    LiveDelivery& live = *live_.find(handle);
    if (live.state == State::kQueued) {
      ended.push_back({delivery, record_of(live, {OutcomeStatus::kInterrupted, -1, "host.cancelled",
                                                  "cancelled before the plugin had it", ""})});
      live_.release(handle, true);
    } else {
      cancel_exchanges_locked(handle, tasks);
      tasks.push_back({Task::Kind::kCancel, handle, nullptr});
      strand_->post_all(tasks);
    }
  }
  for (auto& result : ended) sink_.job_done(std::move(result));
}

void Instance::expire(std::int64_t now_unix_ms) {
  std::vector<Task> tasks;
  std::vector<Ended> ended;
  std::vector<std::string> faults;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    live_.for_each([&](Handle handle, LiveDelivery& live) {
      const bool running = live.state == State::kRunning;
      if (!running && live.state != State::kQueued) return;
      if (live.job.deadline_unix_ms == 0 || live.job.deadline_unix_ms > now_unix_ms) return;
      const DeliveryId delivery = live.job.delivery;
      const char* const detail =
          running ? "the plugin did not complete the attempt in its time; it may have been delivered"
                  : "the plugin was busy with other deliveries until this attempt's time was over";
      ended.push_back(
          {{delivery, record_of(live, {OutcomeStatus::kTimedOut, -1, "plugin.timeout", detail, ""})},
           live.job.verified});
      if (running) {
        faults.push_back("did not complete " + name_of(delivery) + " in its time");
        abandon_locked(handle, tasks);
        tasks.push_back({Task::Kind::kCancel, handle, nullptr});
      } else {
        live_.release(handle, true);
      }
    });
    if (!tasks.empty()) strand_->post_all(tasks);
  }
  for (const auto& fault : faults) note_fault(fault);
  for (auto& each : ended) tell(std::move(each));
}

}  // namespace tocsin::plugin
