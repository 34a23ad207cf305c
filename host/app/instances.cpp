// See instances.hpp.
#include "app/instances.hpp"

#include <optional>

#include "ops/log.hpp"

namespace tocsin::app {
namespace {

constexpr std::int64_t kGraceMs = 5'000;

void stop_all(const RunningByName& instances) {
  for (const auto& [name, running] : instances) {
    if (running.instance) running.instance->stop(kGraceMs);
  }
}

void report_unavailable(const ChannelPlan& plan, const std::string& why) {
  ops::log_error("app", "channel cannot deliver: " + why, {{"team", plan.team}, {"channel", plan.name}});
}

// What stands behind the places, which move with every line that is added above them.
std::vector<std::string> words_of(const std::vector<FieldError>& faults) {
  std::vector<std::string> words;
  words.reserve(faults.size());
  for (const auto& fault : faults) words.push_back(fault.message);
  return words;
}

// For the channel's team: without the file, which is the operator's.
std::string reason_of(const ChannelPlan& plan, const FieldError& fault) {
  const std::string around = plan.where + ", ";
  if (!fault.pointer.starts_with(around)) return fault.message;
  return fault.pointer.substr(around.size()) + ": " + fault.message;
}

}  // namespace

Running Instances::refuse(const ChannelPlan& plan, const std::vector<FieldError>& faults,
                          OnRefusal on_refusal, std::vector<FieldError>& refusals) const {
  Running aside{plan.fingerprint, nullptr, reason_of(plan, faults.front()), true, words_of(faults)};
  const auto kept = in_use_.find({plan.team, plan.name});
  const bool is_known = kept != in_use_.end() && kept->second.fingerprint == aside.fingerprint &&
                        kept->second.refused == aside.refused;
  if (!plan.is_from_file || (on_refusal == OnRefusal::kRefuseAll && !is_known)) {
    refusals.insert(refusals.end(), faults.begin(), faults.end());
  } else if (!is_known) {
    report_unavailable(plan, faults.front().pointer + ": " + faults.front().message);
  }
  return aside;
}

Result<RunningByName> Instances::make(Assembly& assembly, OnRefusal on_refusal) const {
  RunningByName made;
  std::vector<FieldError> refusals;
  for (auto& plan : assembly.channels) {
    Running running{plan.fingerprint, nullptr, plan.unavailable};
    const auto kept = in_use_.find({plan.team, plan.name});
    const bool is_same = kept != in_use_.end() && kept->second.fingerprint == plan.fingerprint;
    const std::string blocked = plan.type == nullptr ? "" : blocked_(plan.type->type);
    if (!blocked.empty()) {
      running.unavailable = blocked;
      running.is_blocked = true;
      report_unavailable(plan, blocked);
    } else if (plan.type == nullptr) {
      report_unavailable(plan, plan.unavailable);
    } else if (!plan.faults.empty()) {
      running = refuse(plan, plan.faults, on_refusal, refusals);
    } else if (is_same && (kept->second.instance ||
                           (!kept->second.refused.empty() && on_refusal == OnRefusal::kSetAside))) {
      running = kept->second;  // a refusal, too: only a reload asks again
    } else {
      auto instance = plugin::ChannelInstance::create(services_, plan.type, plan.team, plan.name,
                                                      std::move(plan.settings), sink_);
      if (instance) {
        running.instance = std::move(*instance);
      } else if (instance.error().code == Errc::kInvalid) {
        running = refuse(plan, {place_refusal(plan, instance.error())}, on_refusal, refusals);
      } else {
        running.unavailable = instance.error().detail;
        report_unavailable(plan, running.unavailable);
      }
    }
    made[{plan.team, plan.name}] = std::move(running);
  }
  if (refusals.empty()) return made;
  discard(std::move(made));
  return refusal_of(std::move(refusals));
}

void Instances::discard(RunningByName made) const {
  std::erase_if(made, [this](const auto& entry) {
    const auto kept = in_use_.find(entry.first);
    return kept != in_use_.end() && kept->second.instance == entry.second.instance;
  });
  stop_all(made);
}

void Instances::use(RunningByName made) {
  for (const auto& [name, running] : made) {
    const auto before = in_use_.find(name);
    const bool is_news = running.is_blocked && (before == in_use_.end() || !before->second.is_blocked ||
                                                before->second.unavailable != running.unavailable);
    if (is_news) now_blocked_(name.first, name.second, running.unavailable);
  }
  in_use_ = std::move(made);
}

void Instances::stop() {
  stop_all(in_use_);
  in_use_.clear();
}

}  // namespace tocsin::app
