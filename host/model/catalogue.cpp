// See catalogue.hpp.
#include "model/catalogue.hpp"

#include <algorithm>
#include <numeric>

namespace tocsin {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

bool is_event_type_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.front() == '.' || name.back() == '.') return false;
  bool dotted = false;
  char before = '.';
  for (const char c : name) {
    if (c == '.') {
      if (before == '.' && dotted) return false;
      dotted = true;
    } else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
      return false;
    }
    before = c;
  }
  return dotted;
}

Result<Catalogue> Catalogue::create(std::vector<EventType> types) {
  Catalogue catalogue;
  catalogue.types_ = std::move(types);
  for (std::size_t i = 0; i < catalogue.types_.size(); ++i) {
    const auto& name = catalogue.types_[i].name;
    if (!is_event_type_name(name)) {
      return make_error(Errc::kInvalid, "event type \"" + name +
                                            "\": a name is two or more segments of [a-z0-9_] joined by dots, "
                                            "such as finding.created");
    }
    if (!catalogue.index_.emplace(name, i).second) {
      return make_error(Errc::kInvalid, "event type \"" + name + "\" is listed twice: remove one of the two");
    }
  }
  return catalogue;
}

const EventType* Catalogue::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &types_[found->second];
}

std::optional<std::size_t> Catalogue::find_index(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Catalogue::near_matches(std::string_view name) const {
  std::vector<std::string> known;
  known.reserve(types_.size());
  for (const auto& type : types_) known.push_back(type.name);
  auto near = nearest_names(name, known);
  const auto prefix = name.substr(0, name.find('.'));
  for (const auto& type : known) {
    if (near.size() >= 3) break;
    const bool same_group = std::string_view(type).substr(0, type.find('.')) == prefix;
    if (same_group && std::find(near.begin(), near.end(), type) == near.end()) near.push_back(type);
  }
  return near;
}

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& known,
                                       std::size_t most) {
  if (name.size() > 100) return {};
  const std::size_t limit = (name.size() + 2) / 3;
  std::vector<std::pair<std::size_t, const std::string*>> ranked;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance <= limit) ranked.emplace_back(distance, &candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < ranked.size() && i < most; ++i) nearest.push_back(*ranked[i].second);
  return nearest;
}

}  // namespace tocsin
