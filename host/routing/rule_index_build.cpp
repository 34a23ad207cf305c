// See rule_index.hpp. This half builds, once a reload; rule_index.cpp asks.
#include <algorithm>
#include <string>
#include <tuple>
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
  const std::size_t postings = 1 + sources_.size() + labels_.size();
  const auto rules = static_cast<std::uint32_t>(rows_.size() - 1);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hung;  // posting, rule
  hung.reserve(rules);
  for (std::uint32_t rule = 0; rule < rules; ++rule) {
    for (const auto posting : anchors(rule, source_uses, label_uses)) hung.emplace_back(posting, rule);
  }
  std::sort(hung.begin(), hung.end());
  postings_.resize(postings + 1);
  posted_.reserve(hung.size());
  std::vector<std::uint32_t> its_rules;
  auto next = hung.begin();
  for (std::uint32_t posting = 0; posting < postings; ++posting) {
    postings_[posting].first = static_cast<std::uint32_t>(groups_.size());
    for (its_rules.clear(); next != hung.end() && next->first == posting; ++next)
      its_rules.push_back(next->second);
    postings_[posting].stops =
        std::any_of(its_rules.begin(), its_rules.end(), [&](std::uint32_t rule) { return rows_[rule].stop; });
    form_groups(its_rules);
    fill_columns(postings_[posting], static_cast<std::uint32_t>(groups_.size()));
  }
  postings_.back().first = static_cast<std::uint32_t>(groups_.size());
  Group end;
  end.first = static_cast<std::uint32_t>(posted_.size());
  end.united = static_cast<std::uint32_t>(united_.size());
  groups_.push_back(end);
  for (auto* list : {&posted_, &united_, &source_ids_, &label_ids_, &rule_channels_}) list->shrink_to_fit();
  groups_.shrink_to_fit();
  words_.shrink_to_fit();
}

// Appends one posting's groups. `rules` is ascending on entry.
void RuleIndex::form_groups(std::vector<std::uint32_t>& rules) {
  const auto signature = [&](std::uint32_t rule) {
    const Row& row = rows_[rule];
    return std::tuple(row.type_set, row.categories, row.severities, row.stop);
  };
  std::stable_sort(rules.begin(), rules.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return signature(a) < signature(b); });
  for (auto begin = rules.begin(); begin != rules.end();) {
    const auto end = std::find_if(begin, rules.end(),
                                  [&](std::uint32_t rule) { return signature(rule) != signature(*begin); });
    const Row& row = rows_[*begin];
    groups_.push_back({static_cast<std::uint32_t>(posted_.size()), row.type_set, row.categories,
                       row.severities, row.stop, static_cast<std::uint32_t>(united_.size())});
    posted_.insert(posted_.end(), begin, end);
    unite_channels(groups_.back().first);
    begin = end;
  }
}

// Appends to united_ what the newest group's rules choose together, where being in it decides everything: its
// rules ask for nothing but their anchor.
void RuleIndex::unite_channels(std::uint32_t first) {
  if (posted_.size() - first < kUnitedFrom) return;
  const auto has_more_to_ask = [&](std::uint32_t rule) {
    const auto labels = rows_[rule + 1].labels - rows_[rule].labels;
    return labels + (rows_[rule].sources != rows_[rule + 1].sources ? 1 : 0) > 1;
  };
  const auto begin = posted_.begin() + first;
  if (std::any_of(begin, posted_.end(), has_more_to_ask)) return;
  std::vector<std::uint32_t> channels;
  std::for_each(begin, posted_.end(), [&](std::uint32_t rule) {
    channels.insert(channels.end(), rule_channels_.begin() + rows_[rule].channels,
                    rule_channels_.begin() + rows_[rule + 1].channels);
  });
  append_sorted(united_, channels);
}

void RuleIndex::fill_columns(Posting& posting, std::uint32_t end) {
  const std::size_t count = end - posting.first;
  if (count < kColumnsFrom) return;
  const std::size_t words = (count + 63) / 64;
  posting.columns = words_.size();
  words_.resize(words_.size() + words * (kGrades + types_));
  for (std::size_t position = 0; position < count; ++position) {
    const Group& group = groups_[posting.first + position];
    const auto set = [&](std::size_t column) {
      words_[posting.columns + column * words + position / 64] |= std::uint64_t{1} << (position % 64);
    };
    for (unsigned category = 0; category < kCategoryCount; ++category) {
      for (unsigned severity = 0; severity < kSeverityCount; ++severity) {
        const bool graded = (group.categories >> category & group.severities >> severity & 1U) != 0;
        if (graded) set(category * kSeverityCount + severity);
      }
    }
    for (std::size_t type = 0; type < types_; ++type) {
      if ((type_sets_[group.type_set * type_words_ + type / 64] >> (type % 64) & 1U) != 0)
        set(kGrades + type);
    }
  }
}

}  // namespace tocsin::routing
