// The plugin instances of the configured channels: kept over a reload where nothing of theirs changed, made
// anew otherwise. The engine delivers through them and stops those that are replaced; here they are made, and
// stopped where a configuration is refused after all.
//
// A plugin that finds a channel's settings wrong is right about a file that is just being taken, so the
// reload is refused whole. At any other time it is the plugin that has changed, and one channel must not keep
// the daemon, or another team's edit, from what they were about: the channel goes on with the instance it
// has, and where it has none it does not deliver, says why, and its deliveries wait.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "app/assembly.hpp"
#include "plugin/channel_instance.hpp"

namespace tocsin::app {

// A running instance and what it was made from.
struct Running {
  std::string fingerprint;
  std::shared_ptr<plugin::ChannelInstance> instance;  // null: `unavailable` says why
  std::string unavailable;
  bool is_blocked = false;  // unavailable since nothing may be given to its plugin, or since that refuses it
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
  [[nodiscard]] bool is_let_be(const ChannelPlan& plan, const FieldError& fault, OnRefusal on_refusal) const;
  [[nodiscard]] Running set_aside(const ChannelPlan& plan, const FieldError& fault) const;

  plugin::Services& services_;
  plugin::JobSink& sink_;
  Blocked blocked_;
  NowBlocked now_blocked_;
  RunningByName in_use_;
};

}  // namespace tocsin::app
