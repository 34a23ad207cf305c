// Reads one TOML table strictly: a key that the section does not have, or a value of the wrong type or out of
// range, becomes a problem with its line and the fix. What is absent leaves the caller's default alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/keys.hpp"
#include "config/problems.hpp"

namespace tocsin::config {

// "90s", "1h30m", "500ms": integers with the units ms, s, m, h, d. False: not that, or over 100 years.
[[nodiscard]] bool parse_duration(std::string_view text, std::int64_t& ms);
// The shortest such text, for ranges in messages.
[[nodiscard]] std::string format_duration(std::int64_t ms);

class TableReader {
 public:
  // `path` is the table's place in the file ("team[0].rule[2]", "" for the file itself). The section's
  // unknown keys are reported here. `node` outlives the reader.
  TableReader(const Node& node, std::string path, const Section& section, Problems& problems);

  // Lets TOCSIN_<SECTION>_<KEY> in the environment come before the file, for scalars.
  void allow_environment() { environment_ = true; }

  // Each: true where a usable value was there and `out` was set.
  bool text(std::string_view key, std::string& out);
  bool required_text(std::string_view key, std::string& out);
  bool flag(std::string_view key, bool& out);
  bool duration(std::string_view key, std::int64_t& ms, std::int64_t min, std::int64_t max);
  template <class T>
  bool integer(std::string_view key, T& out, std::int64_t min, std::int64_t max) {
    std::int64_t value = 0;
    if (!read_integer(key, value, min, max)) return false;
    out = static_cast<T>(value);
    return true;
  }
  // An array of strings.
  bool texts(std::string_view key, std::vector<std::string>& out);
  // One string, or an array of them.
  bool text_or_texts(std::string_view key, std::vector<std::string>& out);
  // The tables of [[key]] (or of an array of inline tables); empty where absent.
  [[nodiscard]] std::span<const Node> tables(std::string_view key);
  // A table; nullptr where absent.
  [[nodiscard]] const Node* table(std::string_view key);

  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::uint32_t line(std::string_view key) const;  // the key's, else the table's
  [[nodiscard]] std::string place(std::string_view key) const;   // "team[0].name"
  [[nodiscard]] std::string place(std::string_view key, std::size_t index) const;
  void problem(std::string_view key, std::string message);
  void problem(std::string_view key, std::size_t index, std::string message);
  [[nodiscard]] Problems& problems() { return problems_; }

 private:
  bool read_integer(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
  // nullptr: absent, or of another kind, which is then a problem.
  const Node* expect(std::string_view key, Node::Kind kind);
  [[nodiscard]] std::string variable(std::string_view key) const;
  [[nodiscard]] const char* override_of(std::string_view key) const;
  bool texts_of(const Node& array, std::string_view key, std::vector<std::string>& out);

  const Node& node_;
  std::string path_;
  const Section& section_;
  Problems& problems_;
  bool environment_ = false;
};

}  // namespace tocsin::config
