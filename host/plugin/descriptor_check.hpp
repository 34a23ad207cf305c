// Is this table a plugin we can run? Ordered checks over the ABI's tables, wherever they lie, so that tests
// can break one field at a time. It calls no plugin code; it copies what it accepts.
#pragma once

#include <tocsin/plugin.h>

#include <memory>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "plugin/channel_type.hpp"

namespace tocsin::plugin {

struct Descriptor {
  std::string sdk;
  std::vector<std::shared_ptr<const ChannelType>> types;
};

// kUnavailable: the first check that failed, as the rest of a sentence that starts with the plugin's name
// ("has no channel type: …").
[[nodiscard]] Result<Descriptor> check_descriptor(const tocsin_plugin* table);

// The extensions this host serves today; a type that requires another is not loaded.
[[nodiscard]] bool is_served_extension(std::string_view id);

}  // namespace tocsin::plugin
