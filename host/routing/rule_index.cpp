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

bool RuleIndex::type_fits(const Row& row, std::uint32_t type) const {
  return (type_sets_[row.type_set * type_words_ + type / 64] >> (type % 64) & 1U) != 0;
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

// Calls `visit` with every fitting rule before `end`, ascending, until it answers false.
template <class Visit>
void RuleIndex::walk(const Posting& posting, const Query& query, bool only_stops, std::uint32_t end,
                     Visit visit) const {
  if (posting.columns != SIZE_MAX) {
    walk_columns(posting, query, only_stops, end, visit);
    return;
  }
  for (std::uint32_t i = posting.first; i != posting.first + posting.count; ++i) {
    const std::uint32_t rule = posted_[i];
    if (rule >= end) return;
    const Row& row = rows_[rule];
    const bool graded =
        (row.categories >> query.category & 1U) != 0 && (row.severities >> query.severity & 1U) != 0;
    if (!graded || (only_stops && !row.stop) || !type_fits(row, query.type)) continue;
    if (rest_fits(rule, query) && !visit(rule)) return;
  }
}

template <class Visit>
void RuleIndex::walk_columns(const Posting& posting, const Query& query, bool only_stops, std::uint32_t end,
                             Visit visit) const {
  const std::size_t words = (posting.count + 63) / 64;
  const std::size_t summaries = (words + 63) / 64;
  const auto column = [&](std::size_t index) {
    return words_.data() + posting.columns + index * (words + summaries);
  };
  const auto* const grade = column(query.category * kSeverityCount + query.severity);
  const auto* const type = column(kGrades + query.type);
  const auto* const stop = only_stops ? column(kGrades + types_) : type;
  const auto visit_word = [&](std::size_t word) {
    for (auto bits = grade[word] & type[word] & stop[word]; bits != 0; bits &= bits - 1) {
      const auto position = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      const std::uint32_t rule = posted_[posting.first + position];
      if (rule >= end) return false;
      if (rest_fits(rule, query) && !visit(rule)) return false;
    }
    return true;
  };
  for (std::size_t s = 0; s < summaries; ++s) {
    auto present = grade[words + s] & type[words + s] & stop[words + s];
    if (present == UINT64_MAX) {  // nothing to skip: a plain loop is the fastest
      for (std::size_t word = s * 64; word != s * 64 + 64; ++word) {
        if (!visit_word(word)) return;
      }
      continue;
    }
    for (; present != 0; present &= present - 1) {
      if (!visit_word(s * 64 + static_cast<std::size_t>(std::countr_zero(present)))) return;
    }
  }
}

void RuleIndex::plan(const Event& event, std::size_t type, std::vector<std::uint32_t>& channels) const {
  const Query query = make_query(event, type);
  channels.assign(subscribed_[type].begin(), subscribed_[type].end());

  boost::container::small_vector<const Posting*, 32> postings{&postings_.front()};
  if (query.source != kNone) postings.push_back(&postings_[1 + query.source]);
  for (const auto label : query.labels) postings.push_back(&postings_[1 + sources_.size() + label]);

  // The first stop decides how far anything is looked at, so that postings need no merging into rule order.
  auto end = static_cast<std::uint32_t>(rows_.size() - 1);
  for (const auto* posting : postings) {
    if (!posting->stops) continue;
    walk(*posting, query, true, end, [&](std::uint32_t rule) {
      end = rule + 1;
      return false;
    });
  }
  for (const auto* posting : postings) {
    walk(*posting, query, false, end, [&](std::uint32_t rule) {
      channels.insert(channels.end(), rule_channels_.begin() + rows_[rule].channels,
                      rule_channels_.begin() + rows_[rule + 1].channels);
      return true;
    });
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
