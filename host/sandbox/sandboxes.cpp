// See sandboxes.hpp.
#include "sandbox/sandboxes.hpp"

#include <utility>

#include "plugin/library_file.hpp"
#include "sandbox/supervisor.hpp"

namespace tocsin::sandbox {

Sandboxes::Sandboxes(std::function<void()> quarantined) : quarantined_(std::move(quarantined)) {}
Sandboxes::~Sandboxes() = default;

Result<plugin::Library> Sandboxes::load(const plugin::PluginSource& source) {
  free_retired();
  auto file = plugin::read_library_file(source.path, source.sha256);
  if (!file) return file.error();
  auto memory = plugin::seal_in_memory(file->bytes);
  if (!memory) return memory.error();
  auto supervisor = std::make_shared<Supervisor>(source.path, *memory, source.requires_full, quarantined_);
  const auto table = supervisor->start();
  if (!table) return make_error(table.error().code, "plugin " + source.path + ' ' + table.error().detail);
  return plugin::Library{*table, file->sha256,
                         [this, supervisor, path = source.path] { take_over(path, supervisor); },
                         [this, supervisor] { retire(supervisor); }};
}

void Sandboxes::take_over(const std::string& path, const std::shared_ptr<Supervisor>& supervisor) {
  std::shared_ptr<Supervisor> before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(by_path_[path], supervisor);
  }
  if (before) retire(before);
}

void Sandboxes::retire(const std::shared_ptr<Supervisor>& supervisor) {
  const std::lock_guard lock(mutex_);
  supervisor->retire();
  retired_.push_back(supervisor);
}

void Sandboxes::free_retired() {
  std::vector<std::shared_ptr<Supervisor>> over;  // each waits for its thread, behind the lock
  const std::lock_guard lock(mutex_);
  for (auto& one : retired_) {
    if (one->is_over()) over.push_back(std::move(one));
  }
  std::erase(retired_, nullptr);
}

std::optional<SandboxStatus> Sandboxes::status(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return std::nullopt;
  return found->second->status();
}

std::string Sandboxes::blocked(const std::string& path) const {
  const auto now = status(path);
  if (!now || now->state != "quarantined") return {};
  return "plugin " + path + " is quarantined, because it failed five times in ten minutes; the last fault: " +
         now->last_fault_told + ". Mend it, or try it again with `tocsin plugin reset`";
}

Result<void> Sandboxes::reset(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return make_error(Errc::kNotFound, "no sandboxed plugin has the path " + path);
  found->second->reset();
  return {};
}

void Sandboxes::stop() {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, supervisor] : by_path_) supervisor->stop();
  for (const auto& supervisor : retired_) supervisor->stop();
}

}  // namespace tocsin::sandbox
