// A TOML text as a small tree of our own: what the readers of this room walk. It exists so that the TOML
// library stays in one file, every value knows its line, and a file of 100,000 rules is given back to the
// system in a few large pieces. It checks TOML's grammar and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

namespace tocsin::config {

struct Node {
  enum class Kind : std::uint8_t { kTable, kArray, kText, kInteger, kReal, kBoolean, kDate };
  Kind kind = Kind::kTable;
  bool is_inline = false;  // a table written { like = "this" }
  bool boolean = false;
  std::uint32_t line = 0;
  std::string_view key;   // "" in an array
  std::string_view text;  // kText; kDate as RFC 3339 writes it
  std::int64_t integer = 0;
  double real = 0;
  std::span<const Node> children;  // a table's members by key, an array's elements in order

  [[nodiscard]] const Node* find(std::string_view name) const;
};

// "a string", "an array": for texts that say what was expected and what was found.
[[nodiscard]] std::string_view name_of(Node::Kind kind);

class Document {
 public:
  Document();
  // False: not TOML; `line` and `reason` then say where and why.
  [[nodiscard]] bool parse(std::string_view toml, std::uint32_t& line, std::string& reason);
  // Valid while the document lives.
  [[nodiscard]] const Node& root() const { return root_; }

 private:
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
  Node root_;
};

}  // namespace tocsin::config
