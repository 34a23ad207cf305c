// Plugin code runs inside this and nowhere else: what it throws ends here as a sentence.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

// Nothing, or what was thrown.
template <class Call>
[[nodiscard]] std::optional<std::string> guard(Call&& call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& thrown) {
    const char* const what = thrown.what();
    return repair_text(what == nullptr ? "" : what, 512);
  } catch (...) {
    return std::string("something that is no std::exception");
  }
}

}  // namespace tocsin::plugin
