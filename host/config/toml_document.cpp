// See document.hpp. The one file that includes the TOML library.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <cstring>
#include <sstream>

#include "config/document.hpp"

namespace tocsin::config {
namespace {

class Converter {
 public:
  explicit Converter(std::pmr::memory_resource& memory) : memory_(memory) {}

  Node table(const toml::table& from) {
    Node node = make(Node::Kind::kTable, from);
    node.is_inline = from.is_inline();
    auto* const members = allocate(from.size());
    std::size_t count = 0;
    for (const auto& [key, value] : from) {
      auto* const member = new (members + count++) Node(convert(value));
      member->key = keep(key.str());
      // A table that headers such as [a.b] imply has no place of its own.
      if (member->line == 0 || !value.is_table()) member->line = key.source().begin.line;
    }
    node.children = {members, count};
    return node;
  }

 private:
  static Node make(Node::Kind kind, const toml::node& from) {
    Node node;
    node.kind = kind;
    node.line = from.source().begin.line;
    return node;
  }

  Node array(const toml::array& from) {
    Node node = make(Node::Kind::kArray, from);
    auto* const elements = allocate(from.size());
    std::size_t count = 0;
    for (const auto& value : from) new (elements + count++) Node(convert(value));
    node.children = {elements, count};
    return node;
  }

  Node convert(const toml::node& from) {
    if (const auto* table_node = from.as_table()) return table(*table_node);
    if (const auto* array_node = from.as_array()) return array(*array_node);
    Node node = make(Node::Kind::kDate, from);
    if (const auto* text = from.as_string()) {
      node.kind = Node::Kind::kText;
      node.text = keep(text->get());
    } else if (const auto* integer = from.as_integer()) {
      node.kind = Node::Kind::kInteger;
      node.integer = integer->get();
    } else if (const auto* real = from.as_floating_point()) {
      node.kind = Node::Kind::kReal;
      node.real = real->get();
    } else if (const auto* boolean = from.as_boolean()) {
      node.kind = Node::Kind::kBoolean;
      node.boolean = boolean->get();
    } else if (const auto* date_time = from.as_date_time()) {
      node.text = keep(written(date_time->get()));
    } else if (const auto* date = from.as_date()) {
      node.text = keep(written(date->get()));
    } else if (const auto* time = from.as_time()) {
      node.text = keep(written(time->get()));
    }
    return node;
  }

  template <class Date>
  static std::string written(const Date& date) {
    std::ostringstream out;
    out << date;
    return out.str();
  }

  Node* allocate(std::size_t count) {
    return static_cast<Node*>(memory_.allocate(count * sizeof(Node), alignof(Node)));
  }

  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    auto* const copy = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  std::pmr::memory_resource& memory_;
};

}  // namespace

const Node* Node::find(std::string_view name) const {
  for (const auto& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kTable:
      return "a table";
    case Node::Kind::kArray:
      return "an array";
    case Node::Kind::kText:
      return "a string";
    case Node::Kind::kInteger:
      return "an integer";
    case Node::Kind::kReal:
      return "a decimal number";
    case Node::Kind::kBoolean:
      return "a boolean";
    case Node::Kind::kDate:
      return "a date or time";
  }
  return "a value";
}

Document::Document() : memory_(std::make_unique<std::pmr::monotonic_buffer_resource>()) {}

bool Document::parse(std::string_view toml, std::uint32_t& line, std::string& reason) {
  const auto result = toml::parse(toml);
  if (!result) {
    line = result.error().source().begin.line;
    reason = result.error().description();
    return false;
  }
  root_ = Converter(*memory_).table(result.table());
  return true;
}

}  // namespace tocsin::config
