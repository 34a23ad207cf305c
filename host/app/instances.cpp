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

std::string text_of(const FieldError& fault) {
  return fault.pointer + ": " + fault.message;
}

}  // namespace

bool Instances::is_let_be(const ChannelPlan& plan, const FieldError& fault, OnRefusal on_refusal) const {
  if (!plan.is_from_file) return false;
  const auto kept = in_use_.find({plan.team, plan.name});
  return on_refusal == OnRefusal::kSetAside ||
         (kept != in_use_.end() && !kept->second.instance &&
          kept->second.unavailable.ends_with(": " + fault.message));  // its line may have moved
}

Running Instances::set_aside(const ChannelPlan& plan, const FieldError& fault) const {
  const auto kept = in_use_.find({plan.team, plan.name});
  if (kept != in_use_.end() && kept->second.instance) {
    ops::log_error("app", "channel goes on as it was: " + text_of(fault),
                   {{"team", plan.team}, {"channel", plan.name}});
    return kept->second;
  }
  report_unavailable(plan, text_of(fault));
  return {plan.fingerprint, nullptr, text_of(fault), true};
}

Result<RunningByName> Instances::make(Assembly& assembly, OnRefusal on_refusal) const {
  std::vector<FieldError> faults;
  for (const auto& plan : assembly.channels) {
    if (plan.faults.empty() || is_let_be(plan, plan.faults.front(), on_refusal)) continue;
    faults.insert(faults.end(), plan.faults.begin(), plan.faults.end());
  }
  if (!faults.empty()) return refusal_of(std::move(faults));
  RunningByName made;
  for (auto& plan : assembly.channels) {
    Running running{plan.fingerprint, nullptr, plan.unavailable};
    const auto kept = in_use_.find({plan.team, plan.name});
    const std::string blocked = plan.type == nullptr ? "" : blocked_(plan.type->type);
    if (!blocked.empty()) {
      running.unavailable = blocked;
      running.is_blocked = true;
      report_unavailable(plan, blocked);
    } else if (plan.type == nullptr) {
      report_unavailable(plan, plan.unavailable);
    } else if (!plan.faults.empty()) {
      running = set_aside(plan, plan.faults.front());
    } else if (kept != in_use_.end() && kept->second.instance &&
               kept->second.fingerprint == plan.fingerprint) {
      running = kept->second;
    } else {
      auto instance = plugin::ChannelInstance::create(services_, plan.type, plan.team, plan.name,
                                                      std::move(plan.settings), sink_);
      if (instance) {
        running.instance = std::move(*instance);
      } else if (instance.error().code == Errc::kInvalid) {
        FieldError fault = place_refusal(plan, instance.error());
        if (!is_let_be(plan, fault, on_refusal)) {
          discard(std::move(made));
          return refusal_of({std::move(fault)});
        }
        running = set_aside(plan, fault);
      } else {
        running.unavailable = instance.error().detail;
        report_unavailable(plan, running.unavailable);
      }
    }
    made[{plan.team, plan.name}] = std::move(running);
  }
  return made;
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
    const bool is_news = running.is_blocked && (before == in_use_.end() || !before->second.is_blocked);
    if (is_news) now_blocked_(name.first, name.second, running.unavailable);
  }
  in_use_ = std::move(made);
}

void Instances::stop() {
  stop_all(in_use_);
  in_use_.clear();
}

}  // namespace tocsin::app
