// See json_node.hpp.
#include "config/json_node.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstring>
#include <new>

namespace tocsin::config {
namespace {

namespace json = boost::json;

class Converter {
 public:
  explicit Converter(std::pmr::memory_resource& memory) : memory_(memory) {}

  Node convert(const json::value& from) {
    Node node;
    switch (from.kind()) {
      case json::kind::object:
        return table(from.get_object());
      case json::kind::array:
        return array(from.get_array());
      case json::kind::string:
        node.kind = Node::Kind::kText;
        node.text = keep(from.get_string());
        break;
      case json::kind::bool_:
        node.kind = Node::Kind::kBoolean;
        node.boolean = from.get_bool();
        break;
      case json::kind::int64:
        node.kind = Node::Kind::kInteger;
        node.integer = from.get_int64();
        break;
      case json::kind::uint64:  // over what an integer of the file can be
      case json::kind::double_:
        node.kind = Node::Kind::kReal;
        node.real = from.to_number<double>();
        break;
      case json::kind::null:
        break;
    }
    return node;
  }

 private:
  Node table(const json::object& from) {
    Node node;
    auto* const members = allocate(from.size());
    std::size_t count = 0;
    for (const auto& member : from) {
      if (member.value().is_null()) continue;
      auto* const made = new (members + count++) Node(convert(member.value()));
      made->key = keep(member.key());
    }
    node.children = {members, count};
    return node;
  }

  Node array(const json::array& from) {
    Node node;
    node.kind = Node::Kind::kArray;
    auto* const elements = allocate(from.size());
    std::size_t count = 0;
    for (const auto& value : from) new (elements + count++) Node(convert(value));
    node.children = {elements, count};
    return node;
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

Node make_node(const json::value& value, std::pmr::memory_resource& memory) {
  return Converter(memory).convert(value);
}

}  // namespace tocsin::config
