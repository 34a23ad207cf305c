// The compiled form of a team's definition that answers "which channels" fast. It holds no texts of its own
// and gives no reasons (decision.hpp does); what it answers is what decision.hpp answers, a test compares
// them.
//
// Every rule hangs on postings: on its rarest label pair, or on each of its sources, or, with neither, on the
// one posting that every event looks at. An event looks at that posting, its source's and its labels', so
// rules about other sources and labels cost nothing. Inside a posting, rules that ask for the same
// categories, severities and event types form a group and are decided together. A posting of many groups has
// bit columns over them, one a category and severity and one an event type: its candidates are the AND of two
// columns.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/catalogue.hpp"
#include "routing/definition.hpp"

namespace tocsin::routing {

class RuleIndex {
 public:
  // `team` is well-formed (RuleSet::compile checked it) and outlives the index, which views its texts.
  RuleIndex(const TeamDefinition& team, const Catalogue& catalogue);

  // [any] `type` is the event's position in the catalogue. Appends channel positions, ascending, each once.
  void plan(const Event& event, std::size_t type, std::vector<std::uint32_t>& channels) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::uint32_t kGrades = kCategoryCount * kSeverityCount;
  static constexpr std::uint32_t kColumnsFrom = 64;  // fewer groups are read one by one
  static constexpr std::uint32_t kUnitedFrom = 8;    // smaller groups need no united channels

  // What a rule asks for beside its group. The lists are ranges of source_ids_, label_ids_ and
  // rule_channels_, from this row's start to the next row's.
  struct Row {
    std::uint32_t type_set = 0;
    std::uint32_t sources = 0;
    std::uint32_t labels = 0;
    std::uint32_t channels = 0;
    std::uint8_t categories = 0;  // one bit each
    std::uint8_t severities = 0;
    bool stop = false;
  };
  struct Posting {
    std::uint32_t first = 0;  // in groups_, up to the next posting's
    bool stops = false;       // some rule here says stop
    std::size_t columns = 0;  // in words_, where it has kColumnsFrom groups
  };
  struct Group {
    std::uint32_t first = 0;  // in posted_, ascending rules up to the next group's first
    std::uint32_t type_set = 0;
    std::uint8_t categories = 0;
    std::uint8_t severities = 0;
    bool stop = false;         // all of them, or none
    std::uint32_t united = 0;  // in united_, up to the next group's: the channels of all its rules,
                               // where none of them has more to ask; an empty range: not united
  };
  struct DefaultChannel {
    std::uint32_t channel = 0;
    std::uint32_t type = 0;  // in channel_types_
  };
  struct Query {
    std::uint32_t type = 0;
    std::uint32_t category = 0;
    std::uint32_t severity = 0;
    std::uint32_t source = kNone;
    boost::container::small_vector<std::uint32_t, 32> labels;  // ids that rules name, ascending
  };
  using Pair = std::pair<std::string_view, std::string_view>;
  struct PairHash {
    std::size_t operator()(const Pair& pair) const {
      const std::hash<std::string_view> hash;
      return hash(pair.first) * 1'099'511'628'211U + hash(pair.second);
    }
  };

  // Building, in this order (rule_index_build.cpp).
  void index_channels(const TeamDefinition& team, const Catalogue& catalogue);
  void index_default_alerts(const TeamDefinition& team, const Catalogue& catalogue);
  void index_rules(const TeamDefinition& team, const Catalogue& catalogue);
  void hang_rules();
  void form_groups(std::vector<std::uint32_t>& rules);
  void unite_channels(std::uint32_t first);
  void fill_columns(Posting& posting, std::uint32_t end);
  [[nodiscard]] std::vector<std::uint32_t> anchors(std::uint32_t rule,
                                                   const std::vector<std::uint32_t>& source_uses,
                                                   const std::vector<std::uint32_t>& label_uses) const;

  // Asking (rule_index.cpp).
  [[nodiscard]] Query make_query(const Event& event, std::size_t type) const;
  [[nodiscard]] bool group_fits(const Group& group, const Query& query) const;
  [[nodiscard]] bool rest_fits(std::uint32_t rule, const Query& query) const;
  template <class Visit>
  void visit_groups(std::uint32_t posting, const Query& query, Visit visit) const;
  [[nodiscard]] std::uint32_t find_end(std::uint32_t group, const Query& query, std::uint32_t end) const;
  void add_channels(std::uint32_t group, const Query& query, std::uint32_t end,
                    std::vector<std::uint32_t>& channels) const;
  void add_defaults(std::vector<std::uint32_t>& channels) const;

  std::size_t types_ = 0;  // in the catalogue
  std::vector<Row> rows_;  // and one more, the end of the lists
  std::vector<std::uint32_t> source_ids_, label_ids_, rule_channels_;
  std::vector<std::uint64_t> type_sets_;  // type_words_ words a set
  std::size_t type_words_ = 0;
  boost::unordered_flat_map<std::string_view, std::uint32_t, std::hash<std::string_view>> sources_;
  boost::unordered_flat_map<Pair, std::uint32_t, PairHash> labels_;
  // Postings: the unanchored rules', then one a source, then one a label pair; and one more, the end.
  std::vector<Posting> postings_;
  std::vector<Group> groups_;  // and one more, the end
  std::vector<std::uint32_t> posted_;
  std::vector<std::uint32_t> united_;
  std::vector<std::uint64_t> words_;
  std::vector<std::vector<std::uint32_t>> subscribed_;  // by event type
  std::vector<std::uint32_t> channel_types_;            // by channel
  std::vector<DefaultChannel> defaults_;
  std::vector<std::uint8_t> alert_from_;  // by event type: the lowest severity that alerts
};

}  // namespace tocsin::routing
