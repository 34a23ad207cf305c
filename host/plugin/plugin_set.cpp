// See plugin_set.hpp.
#include "plugin/plugin_set.hpp"

#include <algorithm>

#include "plugin/descriptor_check.hpp"

namespace tocsin::plugin {

PluginSet PluginSet::load(const std::vector<PluginSource>& sources, LoadSandboxed load_sandboxed) {
  PluginSet set;
  set.load_sandboxed_ = std::move(load_sandboxed);
  set.add(sources);
  return set;
}

PluginSet PluginSet::from_tables(const std::vector<const tocsin_plugin*>& tables) {
  PluginSet set;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    PluginState state;
    state.path = "table:" + std::to_string(i);
    set.adopt(tables[i], std::move(state));
  }
  return set;
}

void PluginSet::add(const std::vector<PluginSource>& sources) {
  for (const auto& source : sources) {
    const auto known = std::find_if(states_.begin(), states_.end(),
                                    [&](const PluginState& state) { return state.path == source.path; });
    if (known != states_.end()) {
      if (known->loaded) continue;
      states_.erase(known);  // it may have been mended since
    }
    PluginState state;
    state.path = source.path;
    state.isolation = source.isolation;
    auto library = load_one(source);
    if (!library) {
      state.problem = library.error().detail;
      states_.push_back(std::move(state));
      continue;
    }
    state.sha256 = library->sha256;
    adopt(library->table, std::move(state));
  }
}

Result<Library> PluginSet::load_one(const PluginSource& source) const {
  if (source.isolation == Isolation::kInProcess) return load_library(source.path, source.sha256);
  if (load_sandboxed_) return load_sandboxed_(source);
  return make_error(Errc::kUnavailable,
                    "plugin " + source.path + " is to be sandboxed, which is not done here");
}

void PluginSet::adopt(const tocsin_plugin* table, PluginState state) {
  const auto refuse = [&](const std::string& why) {
    state.problem = "plugin " + state.path + ' ' + why;
    states_.push_back(std::move(state));
  };
  auto descriptor = check_descriptor(table);
  if (!descriptor) return refuse(descriptor.error().detail);
  for (const auto& type : descriptor->types) {
    for (const auto& other : states_) {
      if (std::find(other.types.begin(), other.types.end(), type->type) != other.types.end()) {
        return refuse("is refused: its channel type \"" + type->type + "\" is already provided by " +
                      other.path + "; list only one of them");
      }
    }
  }
  state.loaded = true;
  state.sdk = descriptor->sdk;
  for (auto& type : descriptor->types) {
    state.types.push_back(type->type);
    types_.push_back(std::move(type));
  }
  states_.push_back(std::move(state));
}

std::shared_ptr<const ChannelType> PluginSet::find_type(const std::string& type) const {
  const auto found =
      std::find_if(types_.begin(), types_.end(), [&](const auto& one) { return one->type == type; });
  return found == types_.end() ? nullptr : *found;
}

std::optional<std::string> PluginSet::path_of(const std::string& type) const {
  for (const auto& state : states_) {
    if (std::find(state.types.begin(), state.types.end(), type) != state.types.end()) return state.path;
  }
  return std::nullopt;
}

std::vector<std::shared_ptr<const ChannelType>> PluginSet::types() const {
  return types_;
}

}  // namespace tocsin::plugin
