// The plugins the operator listed: loaded once at start, never unloaded. One that cannot be loaded disables
// its channel types with one sentence; the daemon serves on. Which of our checks failed is decided in
// descriptor_check.cpp and library.cpp, in order, one function and one sentence a check.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/channel_type.hpp"

namespace tocsin::plugin {

struct PluginSource {
  std::string path;    // absolute
  std::string sha256;  // 64 hex digits to pin, or empty
};

struct PluginState {
  std::string path;
  bool loaded = false;
  std::string problem;             // one sentence, where not loaded
  std::string sdk;                 // "tocsin-sdk 1.0"
  std::string sha256;              // of the file that was read
  std::vector<std::string> types;  // channel types it provides
};

class PluginSet {
 public:
  // Never fails as a whole: each source ends as loaded or with its problem. Two plugins of one type: the
  // later is refused.
  static PluginSet load(const std::vector<PluginSource>& sources);
  // From tables in memory, for tests and plugins linked in: as load(), without a library.
  static PluginSet from_tables(const std::vector<const tocsin_plugin*>& tables);

  // Loads what `sources` lists and this set has not; keeps what it has (a library is never unloaded). For
  // reload.
  void add(const std::vector<PluginSource>& sources);

  [[nodiscard]] std::shared_ptr<const ChannelType> find_type(const std::string& type) const;
  [[nodiscard]] const std::vector<PluginState>& states() const { return states_; }
  [[nodiscard]] std::vector<std::shared_ptr<const ChannelType>> types() const;

 private:
  void adopt(const tocsin_plugin* table, PluginState state);
  std::vector<PluginState> states_;
  std::vector<std::shared_ptr<const ChannelType>> types_;
};

}  // namespace tocsin::plugin
