// A JSON document as the ABI shows it: its text and its scalars under their JSON pointers. Owns what the view
// points to; build it anew rather than change it.
#pragma once

#include <tocsin/types.h>

#include <boost/json/value.hpp>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::plugin {

class FlatDocument {
 public:
  FlatDocument() = default;
  explicit FlatDocument(const boost::json::value& document);
  FlatDocument(const FlatDocument&) = delete;
  FlatDocument& operator=(const FlatDocument&) = delete;

  [[nodiscard]] tocsin_doc view() const;

 private:
  void add(std::string& pointer, const boost::json::value& value);

  std::string json_;
  std::deque<std::string> texts_;  // addresses stay
  std::vector<tocsin_kv> entries_;
};

// Appends "/" and `name` with ~ and / escaped.
void append_pointer(std::string& pointer, std::string_view name);
// "/a/b", "c" -> "/a/b/c".
[[nodiscard]] std::string child_pointer(std::string_view pointer, std::string_view name);
// The names of a pointer, unescaped; "" has none.
[[nodiscard]] std::vector<std::string> split_pointer(std::string_view pointer);

}  // namespace tocsin::plugin
