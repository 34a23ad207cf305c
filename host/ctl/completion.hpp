// Shell completion scripts, written from the command table itself so that they cannot fall behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::ctl {

struct CommandWords {
  std::string path;                // "", "send", "events", "events show"
  std::vector<std::string> words;  // subcommands and --options that may follow
};

// nullopt: a shell other than bash, zsh or fish.
[[nodiscard]] std::optional<std::string> write_completion(std::string_view shell,
                                                          const std::vector<CommandWords>& commands);

}  // namespace tocsin::ctl
