// See secret_settings.hpp.
#include "plugin/secret_settings.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "plugin/flat_document.hpp"
#include "plugin/settings_rules.hpp"
#include "plugin/settings_schema.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

Secrets take_secrets(const ChannelType& type, json::value& settings) {
  Secrets out;
  visit_values(type.schema->document(), settings,
               [&](const std::string& pointer, const json::object& part, json::value& value) {
                 auto* text = value.if_string();
                 if (text == nullptr || !is_write_only(part)) return;
                 out.emplace_back(pointer, security::Secret(std::string(*text)));
                 std::fill(text->begin(), text->end(), '\0');
                 value.emplace_null();
               });
  for (const auto& [pointer, secret] : out) {
    const std::string_view path = pointer;
    const auto slash = path.rfind('/');
    json::error_code error;
    auto* parent = settings.find_pointer(path.substr(0, slash), error);
    if (parent != nullptr && parent->is_object()) {
      parent->get_object().erase(split_pointer(path.substr(slash)).front());
    }
  }
  return out;
}

bool place_text(json::value& settings, std::string_view pointer, std::string_view text) {
  json::value* at = &settings;
  for (const auto& name : split_pointer(pointer)) {
    if (at->is_null()) at->emplace_object();
    if (auto* object = at->if_object()) {
      at = &(*object)[name];
      continue;
    }
    auto* array = at->if_array();
    const bool index = !name.empty() && name.size() < 6 && name.find_first_not_of("0123456789") == name.npos;
    if (array == nullptr || !index || std::stoul(name) >= array->size()) return false;
    at = &(*array)[std::stoul(name)];
  }
  at->emplace_string() = text;
  return true;
}

}  // namespace tocsin::plugin
