// What a crash costs: nothing that can be given again, and a word about what cannot. See supervisor.hpp.
#include <algorithm>

#include "plugin/instance.hpp"
#include "sandbox/supervisor.hpp"

namespace tocsin::sandbox {

namespace {

constexpr std::size_t kMostRemembered = 10'000;  // deliveries that were there in a crash

}  // namespace

// The process is gone; `how` says so in words, or is empty where it was stopped.
void Supervisor::crashed(const std::string& how, const std::string& said, bool blames_deliveries) {
  Verdicts verdicts;
  std::vector<std::pair<std::shared_ptr<Remote>, std::uint64_t>> timers;
  bool is_quarantined = false;
  {
    const Lock lock(mutex_);
    ++generation_;  // what its exchanges bring is for nobody
    packer_ = {};
    status_.pid = 0;
    if (!how.empty()) plan_restart(how, said);
    is_quarantined = state_ == State::kQuarantined;
    for (const auto& [number, remote] : remotes_) {
      for (const auto& [id, timer] : remote->timers) timers.emplace_back(remote, timer.host_timer);
      remote->timers.clear();
      using Of = Remote::State;
      if (remote->state == Of::kDestroying) remote->state = Of::kDestroyed;
      if (remote->state == Of::kAsked && !remote->was_ready) {
        remote->state = Of::kLost;  // nobody asks for it again: it may be what crashed
        remote->threw = how.empty() ? "the plugin is stopped" : how;
      } else if (remote->state == Of::kAsked || remote->state == Of::kReady) {
        remote->state = Of::kWaiting;
      } else if (remote->was_ready && remote->state != Of::kDestroyed) {
        remote->state = Of::kWaiting;
      }
      for (auto at = remote->deliveries.begin(); at != remote->deliveries.end();) {
        const auto here = at++;  // settling may take it out
        if (here->second.is_given) settle(remote, here->first, here->second, blames_deliveries, verdicts);
      }
    }
    alone_.reset();
    given_ = 0;
    for (const auto& [remote, timer] : timers) ++remote->calls;
    changed_.notify_all();
  }
  for (const auto& [remote, timer] : timers) {
    const auto* const clock =
        static_cast<const tocsin_clock*>(remote->host.get_extension(&remote->host, TOCSIN_EXT_CLOCK));
    if (clock != nullptr) clock->cancel_timer(&remote->host, timer);
    const Lock lock(mutex_);
    --remote->calls;
    changed_.notify_all();
  }
  tell(verdicts);
  if (is_quarantined && quarantined_) quarantined_();
}

void Supervisor::plan_restart(const std::string& told, const std::string& said) {
  const std::string fault = said.empty() ? told : told + "; it said \"" + said + '"';
  const std::int64_t now = clock_.steady_us() / 1000;
  status_.last_fault = fault;
  status_.last_fault_told = told;
  status_.last_fault_ms = clock_.unix_ms();
  if (!is_described_) {  // it never came up: start() says why
    if (load_fault_.empty()) load_fault_ = "does not load: " + fault;
    state_ = State::kStopped;
    return;
  }
  if (stopping_) return;
  if (up_since_ms_ != 0 && now - up_since_ms_ > kQuarantineMs) wait_ms_ = kFirstWaitMs;
  up_since_ms_ = 0;
  crash_times_.push_back(now);
  while (now - crash_times_.front() > kQuarantineMs) crash_times_.pop_front();
  if (crash_times_.size() >= kQuarantineCrashes) {
    state_ = State::kQuarantined;
    say(TOCSIN_LOG_ERROR,
        "quarantined after " + std::to_string(crash_times_.size()) +
            " faults in ten minutes; its deliveries wait for `tocsin plugin reset`. The last: " + fault);
    return;
  }
  state_ = State::kWaiting;
  resume_ms_ = now + wait_ms_;
  ++status_.restarts;
  say(TOCSIN_LOG_ERROR,
      "the plugin is started anew in " + std::to_string(wait_ms_) + " ms, because " + fault);
  wait_ms_ = std::min(wait_ms_ * 2, kLongestWaitMs);
}

// Of what the process had.
void Supervisor::settle(const std::shared_ptr<Remote>& remote, Handle handle, RemoteDelivery& delivery,
                        bool blames, Verdicts& verdicts) {
  delivery.is_given = false;
  const bool was_alone = alone_ && *alone_ == std::pair(remote->number, handle);
  if (blames && !delivery.is_verification) {
    if (crashes_of_.size() >= kMostRemembered) crashes_of_.clear();
    delivery.is_alone = ++crashes_of_[delivery.key] >= kCrashesUntilAlone;
  }
  if (blames && was_alone) {
    verdicts.push_back({remote, handle, TOCSIN_REJECTED, "plugin.poison",
                        "the plugin crashed " + std::to_string(crashes_of_[delivery.key]) +
                            " times with this delivery, at last with it alone: " + status_.last_fault_told});
    crashes_of_.erase(delivery.key);
    remote->deliveries.erase(handle);
  } else if (delivery.is_verification) {
    verdicts.push_back({remote, handle, TOCSIN_RETRY, "plugin.crashed",
                        "the plugin crashed during the test: " + status_.last_fault_told});
    remote->deliveries.erase(handle);
  } else {
    delivery.is_orphan = true;
    if (delivery.exchanges == 0) orphan_ended(remote, handle, verdicts);
  }
}

// Nothing of it is under way any more: either no byte has left, or somebody may have got it.
void Supervisor::orphan_ended(const std::shared_ptr<Remote>& remote, Handle handle, Verdicts& verdicts) {
  const auto found = remote->deliveries.find(handle);
  if (found == remote->deliveries.end() || found->second.exchanges > 0) return;
  RemoteDelivery& delivery = found->second;
  delivery.is_orphan = false;
  if (delivery.may_have_left) {
    verdicts.push_back(
        {remote, handle, TOCSIN_UNCERTAIN, "plugin.crashed",
         "the plugin crashed after bytes of its request had left: " + status_.last_fault_told});
    remote->deliveries.erase(found);
    return;
  }
  if (delivery.is_alone) {
    waiting_alone_.emplace_back(remote->number, handle);
  } else {
    waiting_.emplace_back(remote->number, handle);
  }
  give_waiting();
}

void Supervisor::tell(const Verdicts& verdicts) {
  for (const Verdict& verdict : verdicts) {
    {
      const Lock lock(mutex_);
      if (!remotes_.contains(verdict.remote->number)) continue;
      ++verdict.remote->calls;
    }
    tocsin_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.status = verdict.status;
    outcome.code = tocsin_lit(verdict.code);
    outcome.detail = {verdict.detail.data(), verdict.detail.size()};
    verdict.remote->host.complete(&verdict.remote->host, plugin::to_delivery(verdict.handle), &outcome);
    const Lock lock(mutex_);
    --verdict.remote->calls;
    changed_.notify_all();
  }
}

}  // namespace tocsin::sandbox
