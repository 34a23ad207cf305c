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

}  // namespace

Result<RunningByName> Instances::make(Assembly& assembly) const {
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
    } else if (kept != in_use_.end() && kept->second.instance &&
               kept->second.fingerprint == plan.fingerprint) {
      running = kept->second;
    } else {
      auto instance = plugin::ChannelInstance::create(services_, plan.type, plan.team, plan.name,
                                                      std::move(plan.settings), sink_);
      if (instance) {
        running.instance = std::move(*instance);
      } else if (instance.error().code == Errc::kInvalid) {
        discard(std::move(made));
        FieldError fault = place_refusal(plan, instance.error());
        Error refused = make_error(Errc::kInvalid, fault.pointer + ": " + fault.message);
        refused.fields.push_back(std::move(fault));
        return refused;
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
