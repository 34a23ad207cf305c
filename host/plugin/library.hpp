// Turns a plugin's file into its table: the one place that loads code. What it loads stays loaded.
#pragma once

#include <tocsin/plugin.h>

#include <functional>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace tocsin::plugin {

struct Library {
  const tocsin_plugin* table = nullptr;  // not checked yet; in-process: lives as long as the process
  std::string sha256;
  // Of one in a sandbox. take_over(): it is in use for good, so what was before it is drained and ended, for
  // which this does not wait.
  // drop(): it was in use, and is not after all; its process ends with its last instance. Where neither is
  // called, the process ends with this.
  std::function<void()> take_over{}, drop{};
};

// What the dynamic loader says, as the rest of a sentence that starts with the plugin's name.
[[nodiscard]] std::string load_fault(std::string_view loader);
// There is no entry of ours; `newer`: there is one of a later major.
[[nodiscard]] std::string entry_fault(bool newer);

// kUnavailable with one sentence that names the file, the reason and, where there is one, the missing symbol.
[[nodiscard]] Result<Library> load_library(const std::string& path, const std::string& pinned_sha256);

}  // namespace tocsin::plugin
