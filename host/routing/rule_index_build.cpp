// See rule_index.hpp. This half builds, once a reload; rule_index.cpp asks.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "routing/pattern.hpp"
#include "routing/rule_index.hpp"

namespace tocsin::routing {
namespace {

constexpr std::uint8_t kNeverAlerts = 255;

// The number of `key`, counting from 0 in the order of first sight.
template <class Map, class Key>
std::uint32_t intern(Map& map, const Key& key) {
  return map.try_emplace(key, static_cast<std::uint32_t>(map.size())).first->second;
}

std::uint8_t severity_bits(const RuleDefinition& rule) {
  if (rule.severities.empty()) return (1U << kSeverityCount) - 1;
  unsigned bits = 0;
  for (const auto severity : rule.severities) bits |= 1U << static_cast<unsigned>(severity);
  return static_cast<std::uint8_t>(bits);
}

std::uint8_t category_bits(const RuleDefinition& rule) {
  if (!rule.category) return (1U << kCategoryCount) - 1;
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(*rule.category));
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view type) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return pattern_matches(pattern, type); });
}

// Rules that write the same patterns share one set of types.
class TypeSets {
 public:
  TypeSets(const Catalogue& catalogue, std::vector<std::uint64_t>& words)
      : catalogue_(catalogue), words_(words), words_a_set_((catalogue.types().size() + 63) / 64) {}

  std::uint32_t find_or_add(const std::vector<std::string>& patterns) {
    std::string key;
    for (const auto& pattern : patterns) key.append(pattern) += '\n';
    const auto [entry, is_new] = sets_.try_emplace(std::move(key), static_cast<std::uint32_t>(sets_.size()));
    if (is_new) add(patterns);
    return entry->second;
  }

 private:
  void add(const std::vector<std::string>& patterns) {
    const auto begin = words_.size();
    words_.resize(begin + words_a_set_);
    const auto& types = catalogue_.types();
    for (std::size_t i = 0; i < types.size(); ++i) {
      const bool taken =
          patterns.empty() ? types[i].name != kTestEventType : any_matches(patterns, types[i].name);
      if (taken) words_[begin + i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }

  const Catalogue& catalogue_;
  std::vector<std::uint64_t>& words_;
  std::size_t words_a_set_;
  std::unordered_map<std::string, std::uint32_t> sets_;
};

void append_sorted(std::vector<std::uint32_t>& list, std::vector<std::uint32_t>& ids) {
  std::sort(ids.begin(), ids.end());
  list.insert(list.end(), ids.begin(), std::unique(ids.begin(), ids.end()));
  ids.clear();
}

}  // namespace

RuleIndex::RuleIndex(const TeamDefinition& team, const Catalogue& catalogue)
    : types_(catalogue.types().size()), type_words_((types_ + 63) / 64) {
  index_channels(team, catalogue);
  index_default_alerts(team, catalogue);
  index_rules(team, catalogue);
  hang_rules();
}

void RuleIndex::index_channels(const TeamDefinition& team, const Catalogue& catalogue) {
  std::unordered_map<std::string_view, std::uint32_t> type_ids;
  subscribed_.resize(types_);
  for (std::uint32_t i = 0; i < team.channels.size(); ++i) {
    const auto& channel = team.channels[i];
    channel_types_.push_back(intern(type_ids, std::string_view(channel.type)));
    if (channel.is_default) defaults_.push_back({i, channel_types_.back()});
    if (channel.subscription.empty()) continue;
    for (std::size_t type = 0; type < types_; ++type) {
      if (any_matches(channel.subscription, catalogue.types()[type].name)) subscribed_[type].push_back(i);
    }
  }
}

void RuleIndex::index_default_alerts(const TeamDefinition& team, const Catalogue& catalogue) {
  for (const auto& type : catalogue.types()) {
    std::uint8_t from = kNeverAlerts;
    if (!team.default_alerts) {
      if (type.default_alert) from = static_cast<std::uint8_t>(type.default_alert_from);
    } else {
      for (const auto& alert : *team.default_alerts) {
        if (pattern_matches(alert.event, type.name))
          from = std::min(from, static_cast<std::uint8_t>(alert.from));
      }
    }
    alert_from_.push_back(from);
  }
}

void RuleIndex::index_rules(const TeamDefinition& team, const Catalogue& catalogue) {
  TypeSets type_sets(catalogue, type_sets_);
  std::vector<std::uint32_t> ids;
  rows_.reserve(team.rules.size() + 1);
  const auto starts = [&] {
    Row row;
    row.sources = static_cast<std::uint32_t>(source_ids_.size());
    row.labels = static_cast<std::uint32_t>(label_ids_.size());
    row.channels = static_cast<std::uint32_t>(rule_channels_.size());
    return row;
  };
  for (const auto& rule : team.rules) {
    Row row = starts();
    row.type_set = type_sets.find_or_add(rule.events);
    row.categories = category_bits(rule);
    row.severities = severity_bits(rule);
    row.stop = rule.stop;
    for (const auto& source : rule.sources) ids.push_back(intern(sources_, std::string_view(source)));
    append_sorted(source_ids_, ids);
    for (const auto& label : rule.labels) ids.push_back(intern(labels_, Pair(label.key, label.value)));
    append_sorted(label_ids_, ids);
    rule_channels_.insert(rule_channels_.end(), rule.channels.begin(), rule.channels.end());
    rows_.push_back(row);
  }
  rows_.push_back(starts());
}

// The postings a rule hangs on: whichever of its matchers the fewest rules share.
std::vector<std::uint32_t> RuleIndex::anchors(std::uint32_t rule,
                                              const std::vector<std::uint32_t>& source_uses,
                                              const std::vector<std::uint32_t>& label_uses) const {
  const Row& row = rows_[rule];
  const Row& next = rows_[rule + 1];
  std::uint32_t best_uses = UINT32_MAX;
  std::uint32_t best_label = kNone;
  for (auto i = row.labels; i != next.labels; ++i) {
    if (label_uses[label_ids_[i]] >= best_uses) continue;
    best_label = label_ids_[i];
    best_uses = label_uses[best_label];
  }
  std::uint32_t most_uses = row.sources == next.sources ? UINT32_MAX : 0;
  for (auto i = row.sources; i != next.sources; ++i) {
    most_uses = std::max(most_uses, source_uses[source_ids_[i]]);
  }
  std::vector<std::uint32_t> postings;
  if (most_uses < best_uses) {
    for (auto i = row.sources; i != next.sources; ++i) postings.push_back(1 + source_ids_[i]);
  } else if (best_label != kNone) {
    postings.push_back(static_cast<std::uint32_t>(1 + sources_.size()) + best_label);
  } else {
    postings.push_back(0);
  }
  return postings;
}

void RuleIndex::hang_rules() {
  std::vector<std::uint32_t> source_uses(sources_.size()), label_uses(labels_.size());
  for (const auto id : source_ids_) ++source_uses[id];
  for (const auto id : label_ids_) ++label_uses[id];
  postings_.resize(1 + sources_.size() + labels_.size());
  const auto rules = static_cast<std::uint32_t>(rows_.size() - 1);
  for (std::uint32_t rule = 0; rule < rules; ++rule) {
    for (const auto posting : anchors(rule, source_uses, label_uses)) ++postings_[posting].count;
  }
  std::uint32_t first = 0;
  for (auto& posting : postings_) {
    posting.first = first;
    first += posting.count;
    posting.count = 0;
  }
  posted_.resize(first);
  for (std::uint32_t rule = 0; rule < rules; ++rule) {
    for (const auto anchor : anchors(rule, source_uses, label_uses)) {
      auto& posting = postings_[anchor];
      posted_[posting.first + posting.count++] = rule;
      posting.stops = posting.stops || rows_[rule].stop;
    }
  }
  for (auto& posting : postings_) {
    if (posting.count >= kColumnsFrom) fill_columns(posting);
  }
  words_.shrink_to_fit();
}

void RuleIndex::fill_columns(Posting& posting) {
  const std::size_t words = (posting.count + 63) / 64;
  const std::size_t stride = words + (words + 63) / 64;
  posting.columns = words_.size();
  words_.resize(words_.size() + stride * (kGrades + types_ + 1));
  const auto set = [&](std::size_t column, std::size_t position) {
    auto* const begin = words_.data() + posting.columns + column * stride;
    begin[position / 64] |= std::uint64_t{1} << (position % 64);
    begin[words + position / 4096] |= std::uint64_t{1} << (position / 64 % 64);
  };
  for (std::size_t position = 0; position < posting.count; ++position) {
    const Row& row = rows_[posted_[posting.first + position]];
    for (unsigned category = 0; category < kCategoryCount; ++category) {
      for (unsigned severity = 0; severity < kSeverityCount; ++severity) {
        if ((row.categories >> category & row.severities >> severity & 1U) == 0) continue;
        set(category * kSeverityCount + severity, position);
      }
    }
    for (std::uint32_t type = 0; type < types_; ++type) {
      if (type_fits(row, type)) set(kGrades + type, position);
    }
    if (row.stop) set(kGrades + types_, position);
  }
}

}  // namespace tocsin::routing
