// Cuts the [[team.rule]] blocks out of a large configuration, so that 100,000 rules are read a few hundred at
// a time and the whole file is never a tree in memory. Only a shortcut for sound files in the plain form:
// whoever uses it reads the file whole again where anything is wrong, so every error comes from the one plain
// path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::config {

struct RulePieces {
  struct Piece {
    std::size_t team = 0;   // the position of the [[team]] it follows
    std::string_view text;  // whole [[team.rule]] blocks, TOML on their own; views the file's text
  };
  std::string rest;  // the file without them, line for line
  std::vector<Piece> pieces;
};

// nullopt: the file has no such blocks, or headers in an unusual form.
[[nodiscard]] std::optional<RulePieces> cut_rules(std::string_view toml);

}  // namespace tocsin::config
