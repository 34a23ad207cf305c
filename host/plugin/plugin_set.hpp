// The plugins the operator listed. One that cannot be loaded disables its channel types with one sentence;
// the daemon serves on. One in the daemon's own process is never unloaded; one in a sandbox gives way to a
// new file at the next reload: the new process comes first, then the old one is drained. Which of our checks
// failed is decided in descriptor_check.cpp and library.cpp, in order, one function and one sentence a check.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/channel_type.hpp"
#include "plugin/library.hpp"

namespace tocsin::plugin {

enum class Isolation : std::uint8_t { kInProcess, kSandbox };

struct PluginSource {
  std::string path;    // absolute
  std::string sha256;  // 64 hex digits to pin, or empty
  Isolation isolation = Isolation::kInProcess;
  bool requires_full = false;  // with kSandbox: load nothing where a wall is missing
};

// Loads a source with kSandbox. The table and the functions in it belong to whoever loaded it.
using LoadSandboxed = std::function<Result<Library>(const PluginSource&)>;

struct PluginState {
  std::string path;
  bool loaded = false;
  std::string problem;             // one sentence: why it is not loaded, or why a new file is not used
  std::string sdk;                 // "tocsin-sdk 1.0"
  std::string sha256;              // of the file that was read
  std::vector<std::string> types;  // channel types it provides
  Isolation isolation = Isolation::kInProcess;
  bool requires_full = false;
};

struct Descriptor;

class PluginSet {
 public:
  // Never fails as a whole: each source ends as loaded or with its problem. Two plugins of one type: the
  // later is refused.
  static PluginSet load(const std::vector<PluginSource>& sources, LoadSandboxed load_sandboxed = {});
  // From tables in memory, for tests and plugins linked in: as load(), without a library.
  static PluginSet from_tables(const std::vector<const tocsin_plugin*>& tables);

  // Loads what `sources` lists and this set has not, and the new file of what runs in a sandbox; leaves the
  // rest. For a reload, which may be refused: what is new is on trial until keep(), and undo() brings back
  // what was there before.
  void add(const std::vector<PluginSource>& sources);
  void keep();
  void undo();

  [[nodiscard]] std::shared_ptr<const ChannelType> find_type(const std::string& type) const;
  // Of the plugin that provides a type.
  [[nodiscard]] std::optional<std::string> path_of(const std::string& type) const;
  // Its process is a new one, of which the sandboxes do not tell yet.
  [[nodiscard]] bool is_on_trial(const std::string& path) const;
  [[nodiscard]] const std::vector<PluginState>& states() const { return states_; }
  [[nodiscard]] std::vector<std::shared_ptr<const ChannelType>> types() const;

 private:
  using Types = std::vector<std::shared_ptr<const ChannelType>>;
  struct Trial {
    std::string path;
    std::function<void()> take_over, drop;
  };
  [[nodiscard]] Result<Library> load_one(const PluginSource& source) const;
  // Where a new file is not used, the state says why the old one goes on.
  void renew(PluginState& state, const PluginSource& source);
  // What it provides; or why it cannot be used, as the rest of a sentence that starts with its name.
  [[nodiscard]] Result<Descriptor> judge(const Library& library, const std::string& path) const;
  void take(const Library& library, PluginState state);
  // In the place of what the state had before.
  void use(const Library& library, const Descriptor& descriptor, PluginState& state);
  LoadSandboxed load_sandboxed_;
  std::vector<PluginState> states_;
  Types types_;
  // Of the last add().
  std::vector<PluginState> states_before_;
  Types types_before_;
  std::vector<Trial> on_trial_;
};

}  // namespace tocsin::plugin
