// See rule_set.hpp. Checks the definition, then hands it to the two that answer: RuleIndex and decide().
#include "routing/rule_set.hpp"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "routing/decision.hpp"
#include "routing/pattern.hpp"
#include "routing/rule_index.hpp"

namespace tocsin::routing {
namespace {

// Everything wrong with a definition, each with its place; a long list helps nobody, so it ends at 50.
class Check {
 public:
  Check(const TeamDefinition& team, const Catalogue& catalogue) : team_(team), catalogue_(catalogue) {}

  std::vector<FieldError> run() {
    for (std::size_t i = 0; i < team_.channels.size(); ++i) check_channel(i);
    names_.clear();
    for (std::size_t i = 0; i < team_.rules.size(); ++i) check_rule(i);
    names_.clear();
    for (std::size_t i = 0; i < team_.silences.size(); ++i) check_silence(i);
    if (team_.default_alerts) {
      for (std::size_t i = 0; i < team_.default_alerts->size(); ++i) {
        check_event(place("default_alerts", i) + ".event", (*team_.default_alerts)[i].event);
      }
    }
    return std::move(problems_);
  }

 private:
  static std::string place(std::string_view list, std::size_t position) {
    return std::string(list) + "[" + std::to_string(position) + "]";
  }

  void add(std::string where, std::string what) {
    if (problems_.size() < 50) problems_.push_back({std::move(where), std::move(what)});
  }

  void check_name(std::string_view kind, const char* list, std::size_t position, const std::string& name) {
    if (!is_object_name(name)) {
      add(place(list, position) + ".name",
          "\"" + name.substr(0, 80) +
              "\" is no name: write 1 to 63 of a-z, 0-9 and -, not starting or ending with -");
    } else if (!names_.insert(name).second) {
      add(place(list, position) + ".name",
          "another " + std::string(kind) + " is called \"" + name + "\": rename one of the two");
    }
  }

  void check_event(std::string where, const std::string& pattern) {
    const auto [known, is_new] = patterns_.try_emplace(pattern);
    if (is_new) {
      if (const auto checked = check_pattern(pattern, catalogue_); !checked)
        known->second = checked.error().detail;
    }
    if (!known->second.empty()) add(std::move(where), known->second);
  }

  void check_events(const std::string& where, const std::vector<std::string>& patterns) {
    for (std::size_t i = 0; i < patterns.size(); ++i) check_event(place(where, i), patterns[i]);
  }

  void check_channel(std::size_t position) {
    const auto& channel = team_.channels[position];
    check_name("channel", "channels", position, channel.name);
    check_events(place("channels", position) + ".subscription", channel.subscription);
    if (!channel.is_default) return;
    const auto [first, is_new] = defaults_.try_emplace(channel.type, position);
    if (!is_new) {
      add(place("channels", position) + ".default",
          "\"" + team_.channels[first->second].name + "\" already is the default channel of type " +
              channel.type + ": a team has at most one of each type");
    }
  }

  void check_rule(std::size_t position) {
    const auto& rule = team_.rules[position];
    const auto where = place("rules", position);
    check_name("rule", "rules", position, rule.name);
    check_events(where + ".events", rule.events);
    std::unordered_set<std::string_view> labels;
    for (const auto& label : rule.labels) {
      if (labels.insert(label.key).second) continue;
      add(where + ".labels", "label \"" + label.key + "\" is asked for twice: an event has it once");
    }
    if (rule.channels.empty()) add(where + ".channels", "the rule names no channel: name at least one");
    for (std::size_t i = 0; i < rule.channels.size(); ++i) {
      if (rule.channels[i] >= team_.channels.size()) add(place(where + ".channels", i), "no such channel");
    }
  }

  void check_silence(std::size_t position) {
    const auto& silence = team_.silences[position];
    const auto where = place("silences", position);
    check_name("silence", "silences", position, silence.what.name);
    check_events(where + ".events", silence.what.events);
    if (silence.until_ms <= silence.from_ms) add(where + ".until", "must be later than from");
  }

  const TeamDefinition& team_;
  const Catalogue& catalogue_;
  std::vector<FieldError> problems_;
  std::unordered_set<std::string_view> names_;
  std::unordered_map<std::string_view, std::size_t> defaults_;
  std::unordered_map<std::string_view, std::string> patterns_;  // what is wrong with each
};

}  // namespace

struct RuleSet::Index {
  Index(TeamDefinition definition, std::shared_ptr<const Catalogue> types)
      : team(std::move(definition)), catalogue(std::move(types)), rules(team, *catalogue) {}

  TeamDefinition team;
  std::shared_ptr<const Catalogue> catalogue;
  RuleIndex rules;  // views the texts of `team`
};

Result<RuleSet> RuleSet::compile(TeamDefinition team, std::shared_ptr<const Catalogue> catalogue) {
  auto problems = Check(team, *catalogue).run();
  if (!problems.empty()) {
    Error error = make_error(Errc::kInvalid, problems.front().pointer + ": " + problems.front().message);
    error.fields = std::move(problems);
    return error;
  }
  return RuleSet(std::make_unique<Index>(std::move(team), std::move(catalogue)));
}

RuleSet::RuleSet(std::unique_ptr<Index> index) : index_(std::move(index)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

void RuleSet::plan(const Event& event, std::vector<std::uint32_t>& channels) const {
  channels.clear();
  if (const auto type = index_->catalogue->find_index(event.type)) {
    index_->rules.plan(event, *type, channels);
  } else {  // intake refuses such events; the answer is right all the same
    channels = decide(index_->team, *index_->catalogue, event).channels;
  }
}

Explanation RuleSet::explain(const Event& event) const {
  auto decision = decide(index_->team, *index_->catalogue, event);
  Explanation explanation;
  explanation.findings = std::move(decision.findings);
  for (const auto position : decision.channels) {
    if (!decision.silenced.empty() && decision.silenced[position]) continue;
    explanation.channels.push_back(index_->team.channels[position].name);
  }
  return explanation;
}

const SilenceDefinition* RuleSet::find_silence(const Event& event, std::uint32_t position) const {
  for (const auto& silence : index_->team.silences) {
    if (covers(silence, index_->team, position) && is_silenced(silence, event)) return &silence;
  }
  return nullptr;
}

const TeamDefinition& RuleSet::definition() const {
  return index_->team;
}

}  // namespace tocsin::routing
