// The SDK's fake host before a plugin wherever that runs: in this process, or in one of its own behind the
// daemon's sandbox. Why: a check says what has to happen, not where. What it does not do: judge.
//
// In a sandbox the plugin's calls come on its supervisor's thread. The fake host is for one thread only, so
// there is a turn (sandboxed.hpp): the check has it, save where it waits for the plugin's process.
#pragma once

#include <optional>
#include <string>
#include <tocsin/testing/fake_host.hpp>

#include "conformance/sandboxed.hpp"
#include "plugin/remote_faults.hpp"

namespace tocsin::conformance {

// The descriptor with the functions that the fake host calls: there before it, since it keeps a reference.
struct PlayedType {
  PlayedType(const tocsin_channel_type& raw, bool sandboxed);
  tocsin_channel_type type;
  tocsin_channel_api api;
};

class PlayedHost final : private PlayedType, public testing::fake_host, private plugin::RemoteFaults {
 public:
  // `sandbox` is where its plugin runs; nullptr: here.
  PlayedHost(const tocsin_channel_type& its_type, Sandboxed* sandbox);
  ~PlayedHost();
  PlayedHost(const PlayedHost&) = delete;
  PlayedHost& operator=(const PlayedHost&) = delete;

  // Plays the waiting callbacks and those they cause, until nothing is left to come. Throws what a plugin
  // here throws.
  void play();

  struct Thrown {
    std::string where, what;
  };
  std::optional<Thrown> thrown;  // in the plugin's own process, since it was last cleared

 private:
  friend struct PlayedType;
  template <class Table, auto Member>
  friend struct Passed;
  static tocsin_instance* create_there(const tocsin_host* host, const tocsin_doc* settings,
                                       tocsin_error* error);
  static void destroy_there(tocsin_instance* instance);
  static const void* find_extension(const tocsin_host* host, const char* id);
  static void complete_there(const tocsin_host* host, tocsin_delivery* delivery,
                             const tocsin_outcome* outcome);
  static PlayedHost& of(const tocsin_host* host) { return *static_cast<PlayedHost*>(host->ctx); }
  void complete_late(std::uint64_t handle) override;
  void threw(std::uint64_t handle, const std::string& where, const std::string& what) override;
  void left_out(std::uint32_t lines) override;

  Sandboxed* const sandbox_;
  const sandbox::RemoteType* remote_type_ = nullptr;
  tocsin_host outside_{};  // what the plugin's process has for a host: the fake one, in turn
};

}  // namespace tocsin::conformance
