// See rule_index.hpp. This half asks; rule_index_build.cpp builds.
#include "routing/rule_index.hpp"

#include <algorithm>
#include <bit>

namespace tocsin::routing {

RuleIndex::Query RuleIndex::make_query(const Event& event, std::size_t type) const {
  Query query;
  query.type = static_cast<std::uint32_t>(type);
  query.category = static_cast<std::uint32_t>(event.category);
  query.severity = static_cast<std::uint32_t>(event.severity);
  if (const auto found = sources_.find(event.source); found != sources_.end()) query.source = found->second;
  if (!labels_.empty()) {
    for (const auto& label : event.labels) {
      const auto found = labels_.find(Pair(label.key, label.value));
      if (found != labels_.end()) query.labels.push_back(found->second);
    }
    std::sort(query.labels.begin(), query.labels.end());
  }
  return query;
}

bool RuleIndex::group_fits(const Group& group, const Query& query) const {
  const auto types = type_sets_[group.type_set * type_words_ + query.type / 64];
  return (group.categories >> query.category & group.severities >> query.severity &
          types >> (query.type % 64) & 1U) != 0;
}

bool RuleIndex::rest_fits(std::uint32_t rule, const Query& query) const {
  const Row& row = rows_[rule];
  const Row& next = rows_[rule + 1];
  if (row.sources != next.sources) {
    const auto* const end = source_ids_.data() + next.sources;
    if (std::find(source_ids_.data() + row.sources, end, query.source) == end) return false;
  }
  for (auto i = row.labels; i != next.labels; ++i) {
    if (!std::binary_search(query.labels.begin(), query.labels.end(), label_ids_[i])) return false;
  }
  return true;
}

// Calls `visit` with every group that fits.
template <class Visit>
void RuleIndex::visit_groups(std::uint32_t posting, const Query& query, Visit visit) const {
  const auto first = postings_[posting].first;
  const auto count = postings_[posting + 1].first - first;
  if (count < kColumnsFrom) {
    for (auto group = first; group != first + count; ++group) {
      if (group_fits(groups_[group], query)) visit(group);
    }
    return;
  }
  const std::size_t words = (count + 63) / 64;
  const auto* const columns = words_.data() + postings_[posting].columns;
  const auto* const grade = columns + (query.category * kSeverityCount + query.severity) * words;
  const auto* const type = columns + (kGrades + query.type) * words;
  for (std::size_t word = 0; word != words; ++word) {
    for (auto bits = grade[word] & type[word]; bits != 0; bits &= bits - 1) {
      visit(first + static_cast<std::uint32_t>(word * 64) +
            static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
}

// The rule after the group's first match before `end`, or `end`.
std::uint32_t RuleIndex::find_end(std::uint32_t group, const Query& query, std::uint32_t end) const {
  for (auto i = groups_[group].first; i != groups_[group + 1].first && posted_[i] < end; ++i) {
    if (rest_fits(posted_[i], query)) return posted_[i] + 1;
  }
  return end;
}

void RuleIndex::add_channels(std::uint32_t group, const Query& query, std::uint32_t end,
                             std::vector<std::uint32_t>& channels) const {
  const auto last = groups_[group + 1].first;
  const auto united = groups_[group].united;
  const auto united_end = groups_[group + 1].united;
  if (united != united_end && posted_[last - 1] < end) {
    channels.insert(channels.end(), united_.begin() + united, united_.begin() + united_end);
    return;
  }
  for (auto i = groups_[group].first; i != last && posted_[i] < end; ++i) {
    const auto rule = posted_[i];
    if (!rest_fits(rule, query)) continue;
    channels.insert(channels.end(), rule_channels_.begin() + rows_[rule].channels,
                    rule_channels_.begin() + rows_[rule + 1].channels);
  }
}

void RuleIndex::plan(const Event& event, std::size_t type, std::vector<std::uint32_t>& channels) const {
  const Query query = make_query(event, type);
  channels.assign(subscribed_[type].begin(), subscribed_[type].end());

  boost::container::small_vector<std::uint32_t, 32> postings{0};
  if (query.source != kNone) postings.push_back(1 + query.source);
  const auto first_label = static_cast<std::uint32_t>(1 + sources_.size());
  for (const auto label : query.labels) postings.push_back(first_label + label);

  // The first match that says stop decides how far anything is looked at, so that postings need no merging
  // into rule order.
  auto end = static_cast<std::uint32_t>(rows_.size() - 1);
  for (const auto posting : postings) {
    if (!postings_[posting].stops) continue;
    visit_groups(posting, query, [&](std::uint32_t group) {
      if (groups_[group].stop) end = find_end(group, query, end);
    });
  }
  for (const auto posting : postings) {
    visit_groups(posting, query, [&](std::uint32_t group) { add_channels(group, query, end, channels); });
  }
  if (query.severity >= alert_from_[type]) add_defaults(channels);
  std::sort(channels.begin(), channels.end());
  channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
}

void RuleIndex::add_defaults(std::vector<std::uint32_t>& channels) const {
  const std::size_t chosen = channels.size();
  for (const auto& candidate : defaults_) {
    const auto same_type = [&](std::uint32_t channel) { return channel_types_[channel] == candidate.type; };
    const auto begin = channels.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(chosen);
    if (std::none_of(begin, end, same_type)) channels.push_back(candidate.channel);
  }
}

}  // namespace tocsin::routing
