// See flat_document.hpp.
#include "plugin/flat_document.hpp"

#include <boost/json/serialize.hpp>

namespace tocsin::plugin {

namespace json = boost::json;

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string child_pointer(std::string_view pointer, std::string_view name) {
  std::string out(pointer);
  append_pointer(out, name);
  return out;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> names;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    std::string name;
    for (std::size_t i = 0; i < end; ++i) {
      const bool escape = pointer[i] == '~' && i + 1 < end;
      name += escape ? (pointer[++i] == '1' ? '/' : '~') : pointer[i];
    }
    names.push_back(std::move(name));
    pointer.remove_prefix(end);
  }
  return names;
}

FlatDocument::FlatDocument(const json::value& document) : json_(json::serialize(document)) {
  std::string pointer;
  add(pointer, document);
}

void FlatDocument::add(std::string& pointer, const json::value& value) {
  const std::size_t length = pointer.size();
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      append_pointer(pointer, member.key());
      add(pointer, member.value());
      pointer.resize(length);
    }
  } else if (const auto* array = value.if_array()) {
    std::size_t index = 0;
    for (const auto& item : *array) {
      append_pointer(pointer, std::to_string(index++));
      add(pointer, item);
      pointer.resize(length);
    }
  } else if (!value.is_null()) {
    const std::string& key = texts_.emplace_back(pointer);
    const std::string& text =
        texts_.emplace_back(value.is_string() ? std::string(value.get_string()) : json::serialize(value));
    entries_.push_back({{key.data(), key.size()}, {text.data(), text.size()}});
  }
}

tocsin_doc FlatDocument::view() const {
  if (json_.empty()) return {{nullptr, 0}, nullptr, 0};
  return {{json_.data(), json_.size()}, entries_.empty() ? nullptr : entries_.data(), entries_.size()};
}

}  // namespace tocsin::plugin
