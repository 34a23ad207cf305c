// The plugin instances of the configured channels: kept over a reload where nothing of theirs changed, made
// anew otherwise. The engine delivers through them and stops those that are replaced; here they are made, and
// stopped where a configuration is refused after all.
//
// A plugin that finds a channel's settings wrong is right about a file that is just being taken, so the
// reload is refused whole. At any other time it is the plugin that has changed, and one channel must not keep
// the daemon, or another team's edit, from what they were about: it is set aside, which is to say that it
// does not deliver, says why, and its deliveries wait.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/assembly.hpp"
#include "plugin/channel_instance.hpp"

namespace tocsin::app {

// A running instance and what it was made from.
struct Running {
  std::string fingerprint;
  std::shared_ptr<plugin::ChannelInstance> instance;  // null: `unavailable` says why
  std::string unavailable;
  bool is_blocked = false;  // unavailable since nothing may be given to its plugin, or that refuses it …
  std::vector<std::string> refused{};  // … for these reasons
};
using RunningByName = std::map<std::pair<std::string, std::string>, Running>;  // by team and channel

// What becomes of a channel of the file that its plugin refuses. One that a team keeps is refused in either
// case: the team's editor sets it aside.
enum class OnRefusal : std::uint8_t { kRefuseAll, kSetAside };

class Instances {
 public:
  // Why nothing may be given to channels of a type now; empty: it may.
  using Blocked = std::function<std::string(const std::string& type)>;
  // A channel that was not blocked is now, and why.
  using NowBlocked =
      std::function<void(const std::string& team, const std::string& channel, const std::string& why)>;
  // All must outlive it.
  Instances(plugin::Services& services, plugin::JobSink& sink, Blocked blocked, NowBlocked now_blocked)
      : services_(services),
        sink_(sink),
        blocked_(std::move(blocked)),
        now_blocked_(std::move(now_blocked)) {}

  // One for every channel: the one in use where the fingerprint is the same, else a new one, which takes its
  // settings out of the assembly. kInvalid: a plugin refused its settings; the new ones are stopped then.
  // What is set aside already for the same reason is no reason to refuse.
  [[nodiscard]] Result<RunningByName> make(Assembly& assembly, OnRefusal on_refusal) const;
  // Stops those of `made` that are not in use.
  void discard(RunningByName made) const;
  void use(RunningByName made);
  void stop();

 private:
  // The channel set aside, or its faults among `refusals`.
  [[nodiscard]] Running refuse(const ChannelPlan& plan, const std::vector<FieldError>& faults,
                               OnRefusal on_refusal, std::vector<FieldError>& refusals) const;

  plugin::Services& services_;
  plugin::JobSink& sink_;
  Blocked blocked_;
  NowBlocked now_blocked_;
  RunningByName in_use_;
};

}  // namespace tocsin::app
