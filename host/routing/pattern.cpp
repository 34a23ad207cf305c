// See pattern.hpp.
#include "routing/pattern.hpp"

#include <algorithm>
#include <vector>

namespace tocsin::routing {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kGroupEnd = ".*";

bool is_group(std::string_view pattern) {
  return pattern.size() > kGroupEnd.size() && pattern.ends_with(kGroupEnd);
}

bool is_well_formed(std::string_view pattern) {
  if (pattern == kAny || is_event_type_name(pattern)) return true;
  if (!is_group(pattern)) return false;
  // "finding.*" stands for names such as "finding.x", so its prefix is right where that name is.
  return is_event_type_name(std::string(pattern.substr(0, pattern.size() - 1)) + "x");
}

// "finding.*" for every group of the catalogue that a pattern can take something of.
std::vector<std::string> known_groups(const Catalogue& catalogue) {
  std::vector<std::string> groups;
  for (const auto& type : catalogue.types()) {
    if (type.name == kTestEventType) continue;
    auto group = type.name.substr(0, type.name.find('.')).append(kGroupEnd);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(std::move(group));
  }
  return groups;
}

std::string suggestion(std::string_view pattern, const Catalogue& catalogue) {
  const auto groups = known_groups(catalogue);
  const auto near = is_group(pattern) ? nearest_names(pattern, groups) : catalogue.near_matches(pattern);
  const auto& names = near.empty() ? groups : near;
  std::string text = near.empty() ? "; the known groups are " : "; did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) text += i + 1 == names.size() && !near.empty() ? " or " : ", ";
    text += '"' + names[i] + '"';
  }
  if (names.empty()) return {};
  return near.empty() ? text : text + "?";
}

}  // namespace

Result<void> check_pattern(std::string_view pattern, const Catalogue& catalogue) {
  const auto quoted = "\"" + std::string(pattern.substr(0, 120)) + "\"";
  if (!is_well_formed(pattern)) {
    return make_error(Errc::kInvalid, quoted +
                                          " is no event pattern: write an exact type (finding.created), a "
                                          "group (finding.*) or * for everything" +
                                          suggestion(pattern, catalogue));
  }
  const auto& types = catalogue.types();
  const bool matches_some = std::any_of(
      types.begin(), types.end(), [&](const EventType& type) { return pattern_matches(pattern, type.name); });
  if (matches_some) return {};
  return make_error(Errc::kInvalid, quoted + " can never match: no event type of that name exists" +
                                        suggestion(pattern, catalogue));
}

bool pattern_matches(std::string_view pattern, std::string_view event_type) {
  if (pattern == event_type) return true;
  if (event_type == kTestEventType) return false;
  if (pattern == kAny) return true;
  if (!is_group(pattern)) return false;
  const auto prefix = pattern.substr(0, pattern.size() - 1);  // with its dot
  return event_type.size() > prefix.size() && event_type.starts_with(prefix);
}

}  // namespace tocsin::routing
