// See plugin_set.hpp.
#include "plugin/plugin_set.hpp"

#include <algorithm>

#include "plugin/descriptor_check.hpp"
#include "plugin/library_file.hpp"

namespace tocsin::plugin {

PluginSet PluginSet::load(const std::vector<PluginSource>& sources, LoadSandboxed load_sandboxed) {
  PluginSet set;
  set.load_sandboxed_ = std::move(load_sandboxed);
  set.add(sources);
  set.keep();
  return set;
}

PluginSet PluginSet::from_tables(const std::vector<const tocsin_plugin*>& tables) {
  PluginSet set;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    PluginState state;
    state.path = "table:" + std::to_string(i);
    set.take({tables[i], {}}, std::move(state));
  }
  return set;
}

void PluginSet::add(const std::vector<PluginSource>& sources) {
  states_before_ = states_;
  types_before_ = types_;
  for (const auto& source : sources) {
    const auto known = std::find_if(states_.begin(), states_.end(),
                                    [&](const PluginState& state) { return state.path == source.path; });
    if (known != states_.end()) {
      if (known->loaded) {
        renew(*known, source);
        continue;
      }
      states_.erase(known);  // it may have been mended since
    }
    PluginState state;
    state.path = source.path;
    state.isolation = source.isolation;
    state.requires_full = source.requires_full;
    auto library = load_one(source);
    if (!library) {
      state.problem = library.error().detail;
      states_.push_back(std::move(state));
      continue;
    }
    state.sha256 = library->sha256;  // also of one that is refused
    take(*library, std::move(state));
  }
}

void PluginSet::keep() {
  for (const Trial& one : on_trial_) one.take_over();
  on_trial_.clear();
  states_before_.clear();
  types_before_.clear();
}

void PluginSet::undo() {
  states_ = std::move(states_before_);
  types_ = std::move(types_before_);
  for (const Trial& one : on_trial_) one.drop();
  on_trial_.clear();
}

bool PluginSet::is_on_trial(const std::string& path) const {
  return std::any_of(on_trial_.begin(), on_trial_.end(), [&](const Trial& one) { return one.path == path; });
}

Result<Library> PluginSet::load_one(const PluginSource& source) const {
  if (source.isolation == Isolation::kInProcess) return load_library(source.path, source.sha256);
  if (load_sandboxed_) return load_sandboxed_(source);
  return make_error(Errc::kUnavailable,
                    "plugin " + source.path + " is to be sandboxed, which is not done here");
}

Result<Descriptor> PluginSet::judge(const Library& library, const std::string& path) const {
  auto descriptor = check_descriptor(library.table);
  if (!descriptor) return descriptor;
  for (const auto& type : descriptor->types) {
    for (const auto& other : states_) {
      if (other.path == path) continue;
      if (std::find(other.types.begin(), other.types.end(), type->type) != other.types.end()) {
        return make_error(Errc::kUnavailable, "is refused: its channel type \"" + type->type +
                                                  "\" is already provided by " + other.path +
                                                  "; list only one of them");
      }
    }
  }
  return descriptor;
}

void PluginSet::take(const Library& library, PluginState state) {
  const auto descriptor = judge(library, state.path);
  if (descriptor) {
    use(library, *descriptor, state);
  } else {
    state.problem = "plugin " + state.path + ' ' + descriptor.error().detail;
  }
  states_.push_back(std::move(state));
}

void PluginSet::use(const Library& library, const Descriptor& descriptor, PluginState& state) {
  if (library.take_over) on_trial_.push_back({state.path, library.take_over, library.drop});
  std::erase_if(types_, [&](const auto& type) {
    return std::find(state.types.begin(), state.types.end(), type->type) != state.types.end();
  });
  state.loaded = true;
  state.problem.clear();
  state.sha256 = library.sha256;
  state.sdk = descriptor.sdk;
  state.types.clear();
  for (const auto& type : descriptor.types) {
    state.types.push_back(type->type);
    auto known = std::make_shared<ChannelType>(*type);
    known->file_sha256 = library.sha256;
    types_.push_back(std::move(known));
  }
}

// What is loaded and is listed again: the same file, or another one by now.
void PluginSet::renew(PluginState& state, const PluginSource& source) {
  const auto keep = [&](const std::string& why) { state.problem = "plugin " + state.path + ' ' + why; };
  const std::string goes_on = "goes on as it was loaded, since its new file ";
  if (source.isolation != state.isolation) {
    const bool is_sandboxed = state.isolation == Isolation::kSandbox;
    return keep(std::string("goes on ") + (is_sandboxed ? "in its sandbox" : "in the daemon's own process") +
                ": that changes only with a restart");
  }
  const auto file = read_library_file(source.path, source.sha256);
  if (!file) return keep("goes on as it was loaded, since its file is refused now: " + file.error().detail);
  if (file->sha256 == state.sha256 && source.requires_full == state.requires_full) {
    state.problem.clear();
    return;
  }
  if (state.isolation == Isolation::kInProcess) {
    return keep(
        "goes on as it was loaded: its file has changed, which takes a restart for a plugin in the "
        "daemon's own process");
  }
  const auto library = load_one(source);
  if (!library) return keep(goes_on + "is refused: " + library.error().detail);
  const auto descriptor = judge(*library, state.path);
  if (!descriptor) return keep(goes_on + descriptor.error().detail);
  use(*library, *descriptor, state);
  state.requires_full = source.requires_full;
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
