// Every key the reader knows, by section. One list: the reader refuses what is not in it, suggests from it,
// and a test checks that docs/configuration.md and the example file name each.
#pragma once

#include <span>
#include <string_view>

namespace tocsin::config {

struct Section {
  std::string_view name;  // "server", "team.rule"; "" is the file itself
  std::span<const std::string_view> keys;
};

[[nodiscard]] std::span<const Section> sections();
// `name` is one of them.
[[nodiscard]] const Section& find_section(std::string_view name);

}  // namespace tocsin::config
