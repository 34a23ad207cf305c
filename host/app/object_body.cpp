// See object_body.hpp.
#include "app/object_body.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "api/json_body.hpp"

namespace tocsin::app {

namespace json = boost::json;

bool matches(std::string_view if_match, const std::string& etag) {
  if (if_match.empty()) return true;
  if (etag.empty()) return false;
  if (if_match == "*") return true;
  for (auto comma = if_match.find(',');; comma = if_match.find(',')) {
    auto tag = if_match.substr(0, comma);
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag == etag) return true;
    if (comma == std::string_view::npos) return false;
    if_match.remove_prefix(comma + 1);
  }
}

void drop_nulls(json::value& value) {
  if (auto* const list = value.if_array()) {
    for (json::value& item : *list) drop_nulls(item);
  } else if (auto* const object = value.if_object()) {
    std::vector<std::string> empty;
    for (auto& member : *object) {
      if (member.value().is_null()) empty.emplace_back(member.key());
      drop_nulls(member.value());
    }
    for (const auto& key : empty) object->erase(key);
  }
}

void merge_patch(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target.emplace_object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      target.get_object().erase(member.key());
    } else {
      merge_patch(target.get_object()[member.key()], member.value());
    }
  }
}

Result<void> check_alerts(const json::object& members) {
  for (const auto& member : members) {
    if (member.key() == "alerts") continue;
    return api::bad_place(api::pointer_to(member.key()),
                          "is no member of a default alert set: it has alerts");
  }
  const auto* alerts = members.if_contains("alerts");
  const bool usable = alerts != nullptr && alerts->is_array() &&
                      std::ranges::all_of(alerts->get_array(), &json::value::is_object);
  if (usable) return {};
  return api::bad_place("/alerts",
                        R"(must be an array of objects such as {"event": "finding.*", "from": "high"})");
}

}  // namespace tocsin::app
