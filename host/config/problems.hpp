// Everything wrong with a configuration file, each with its line, so that one run of check-config shows all
// of it. The first fifty in the file's order become one Error.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "model/error.hpp"

namespace tocsin::config {

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  // `path` is the dotted place ("team[0].rule[2].channels"); the first problem of a place stands. `message`
  // says the reason and the fix. Line 0: not in the file (the environment).
  void add(std::uint32_t line, const std::string& path, std::string message);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] const std::string& file() const { return file_; }
  // kInvalid. `detail` is the first as "file:line: path: message"; `fields` has all.
  [[nodiscard]] Error take_error();

 private:
  struct Problem {
    std::uint32_t line;
    std::string path;
    std::string message;
  };
  [[nodiscard]] std::string place(const Problem& problem) const;

  std::string file_;
  std::vector<Problem> problems_;
  std::unordered_set<std::string> paths_;
};

// "; did you mean \"x\"?" for the nearest of `known`, or "; known are a, b" where they are few, or nothing.
[[nodiscard]] std::string suggestion(std::string_view name, const std::vector<std::string>& known);
// What stands in the file, in quotes, cut short and without control characters.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace tocsin::config
