// See fields.hpp.
#include "ctl/fields.hpp"

#include <boost/json.hpp>

namespace tocsin::ctl {

const boost::json::value* find_field(const boost::json::value& object, std::string_view name) {
  return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}

std::string text_of(const boost::json::value& object, std::string_view name) {
  const auto* value = find_field(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const boost::json::value& object, std::string_view name) {
  const auto* value = find_field(object, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

bool flag_of(const boost::json::value& object, std::string_view name) {
  const auto* value = find_field(object, name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const boost::json::array& items_of(const boost::json::value& object, std::string_view name) {
  static const boost::json::array none;
  const auto* value = find_field(object, name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string joined(const boost::json::value& object, std::string_view name) {
  std::string out;
  for (const auto& item : items_of(object, name)) {
    if (!item.is_string()) continue;
    if (!out.empty()) out += ", ";
    out += std::string_view(item.get_string());
  }
  return out;
}

}  // namespace tocsin::ctl
