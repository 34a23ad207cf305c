// See remote_table.hpp.
#include "sandbox/remote_table.hpp"

#include "sandbox/proxy.hpp"
#include "wire/described.hpp"

namespace tocsin::sandbox {

Result<std::unique_ptr<RemoteTable>> RemoteTable::read(std::string description, Supervisor& supervisor) {
  auto table = std::make_unique<RemoteTable>();
  table->description_ = std::move(description);
  if (table->read_all(supervisor)) return table;
  return make_error(Errc::kUnavailable, "does not describe itself in a form that can be read");
}

bool RemoteTable::read_all(Supervisor& supervisor) {
  wire::Reader read(description_, shelf_);
  std::uint32_t there = 0;
  read(there);
  if (there == 0) return read.good();
  has_table_ = true;
  std::uint64_t count = 0;
  std::uint32_t has_types = 0;
  read(plugin_.size, plugin_.abi_minor, plugin_.sdk, count, has_types);
  plugin_.n_types = count;
  if (has_types == 0 || count > wire::kMostTypes) {
    // What the checks say of it they say by the count alone.
    static const tocsin_channel_type* const kNoType = nullptr;
    plugin_.types = has_types == 0 ? nullptr : &kNoType;
    return read.good();
  }
  for (std::uint64_t i = 0; i < count && read.good(); ++i) {
    read(there);
    if (there == 0) {
      list_.push_back(nullptr);
      continue;
    }
    tocsin_channel_type& type = types_.emplace_back();
    std::uint32_t functions = 0;
    pass(read, type, functions);
    RemoteType& remote = remote_.emplace_back();
    remote.supervisor = &supervisor;
    remote.index = static_cast<std::uint32_t>(i);
    remote.api = proxy_functions(functions);
    type.api = (functions & wire::kHasApi) != 0 ? &remote.api : nullptr;
    list_.push_back(&type);
  }
  plugin_.types = list_.data();
  return read.good();
}

}  // namespace tocsin::sandbox
