// See decision.hpp.
#include "routing/decision.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "model/clock.hpp"
#include "routing/pattern.hpp"

namespace tocsin::routing {
namespace {

std::string quote(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

template <class T, class Text>
std::string list(const std::vector<T>& items, Text text) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ", ";
    out += text(item);
  }
  return out;
}

std::string list(const std::vector<std::string>& items) {
  return list(items, [](const std::string& item) { return item; });
}

std::string list(const std::vector<Severity>& items) {
  return list(items, [](Severity item) { return std::string(to_string(item)); });
}

const std::string* find_pattern(const std::vector<std::string>& patterns, std::string_view type) {
  for (const auto& pattern : patterns) {
    if (pattern_matches(pattern, type)) return &pattern;
  }
  return nullptr;
}

// Why something takes no test message, or "" where the event is none.
std::string test_message_reason(const Event& event) {
  if (event.type != kTestEventType) return {};
  return "only the exact pattern " + std::string(kTestEventType) + " takes a test message";
}

std::string label_text(const Label& label) {
  return label.key + "=" + label.value;
}

std::string label_mismatch(const Label& wanted, const Event& event) {
  for (const auto& label : event.labels) {
    if (label.key != wanted.key) continue;
    return "label " + label.key + " is " + quote(label.value) + ", not " + quote(wanted.value);
  }
  return "the event has no label " + quote(wanted.key) + " (the rule asks for " + quote(wanted.value) + ")";
}

// The same question as find_mismatch() answers, without a word about it: for the way of every event.
bool takes(const RuleDefinition& rule, const Event& event) {
  const auto has = [](const auto& list, const auto& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
  };
  if (rule.events.empty() ? event.type == kTestEventType : find_pattern(rule.events, event.type) == nullptr)
    return false;
  return (!rule.category || *rule.category == event.category) && has(rule.severities, event.severity) &&
         has(rule.sources, event.source) &&
         std::all_of(rule.labels.begin(), rule.labels.end(), [&](const Label& label) {
           return std::find(event.labels.begin(), event.labels.end(), label) != event.labels.end();
         });
}

// Why the rule does not take the event; nullopt where it does.
std::optional<std::string> find_mismatch(const RuleDefinition& rule, const Event& event) {
  if (rule.events.empty() && event.type == kTestEventType) return test_message_reason(event);
  if (!rule.events.empty() && find_pattern(rule.events, event.type) == nullptr) {
    return "type " + event.type + " is not one of " + list(rule.events);
  }
  if (rule.category && *rule.category != event.category) {
    return "category " + std::string(to_string(event.category)) + " is not " +
           std::string(to_string(*rule.category));
  }
  const auto& severities = rule.severities;
  if (!severities.empty() &&
      std::find(severities.begin(), severities.end(), event.severity) == severities.end()) {
    return "severity " + std::string(to_string(event.severity)) + " is not one of " + list(severities);
  }
  const auto& sources = rule.sources;
  if (!sources.empty() && std::find(sources.begin(), sources.end(), event.source) == sources.end()) {
    if (event.source.empty()) return "the event has no source (the rule asks for " + list(sources) + ")";
    return "source " + event.source + " is not one of " + list(sources);
  }
  for (const auto& label : rule.labels) {
    if (std::find(event.labels.begin(), event.labels.end(), label) == event.labels.end()) {
      return label_mismatch(label, event);
    }
  }
  return std::nullopt;
}

std::string match_reason(const RuleDefinition& rule, const Event& event) {
  std::vector<std::string> parts;
  if (!rule.events.empty())
    parts.push_back("type " + event.type + " matches " + *find_pattern(rule.events, event.type));
  if (rule.category) parts.push_back("category is " + std::string(to_string(event.category)));
  if (!rule.severities.empty()) {
    parts.push_back("severity " + std::string(to_string(event.severity)) + " is one of " +
                    list(rule.severities));
  }
  if (!rule.sources.empty()) parts.push_back("source " + event.source + " is one of " + list(rule.sources));
  if (!rule.labels.empty()) parts.push_back("it has " + list(rule.labels, label_text));
  std::string reason = parts.empty() ? "the rule has no matcher, so it takes everything" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) reason += (i == 0 ? "" : "; ") + parts[i];
  if (rule.stop) reason += "; later rules are not looked at";
  return reason;
}

class Walk {
 public:
  Walk(const TeamDefinition& team, const Catalogue& catalogue, const Event& event)
      : team_(team), catalogue_(catalogue), event_(event), chosen_(team.channels.size()) {}

  Decision run() {
    for (std::uint32_t i = 0; i < team_.channels.size(); ++i) look_at_subscription(i);
    for (const auto& rule : team_.rules) look_at_rule(rule);
    const auto chosen_by_name = chosen_;
    for (std::uint32_t i = 0; i < team_.channels.size(); ++i) look_at_default(i, chosen_by_name);
    for (std::uint32_t i = 0; i < chosen_.size(); ++i) {
      if (chosen_[i]) decision_.channels.push_back(i);
    }
    for (const auto& silence : team_.silences) look_at_silence(silence);
    return std::move(decision_);
  }

 private:
  void look_at_subscription(std::uint32_t position) {
    const auto& channel = team_.channels[position];
    if (channel.subscription.empty()) return;
    const auto* pattern = find_pattern(channel.subscription, event_.type);
    const bool matched = pattern != nullptr;
    if (matched) chosen_[position] = true;
    auto reason = matched ? "type " + event_.type + " matches " + *pattern
                          : "type " + event_.type + " is not one of " + list(channel.subscription);
    if (!matched && event_.type == kTestEventType) reason = test_message_reason(event_);
    add(Finding::Kind::kSubscription, channel.name, matched, std::move(reason), {channel.name});
  }

  void look_at_rule(const RuleDefinition& rule) {
    if (stopped_by_ != nullptr) {
      add(Finding::Kind::kRule, rule.name, false,
          "not looked at: rule " + quote(stopped_by_->name) + " says stop", {});
      return;
    }
    if (auto mismatch = find_mismatch(rule, event_)) {
      add(Finding::Kind::kRule, rule.name, false, std::move(*mismatch), {});
      return;
    }
    std::vector<std::string> names;
    for (const auto position : rule.channels) {
      chosen_[position] = true;
      names.push_back(team_.channels[position].name);
    }
    add(Finding::Kind::kRule, rule.name, true, match_reason(rule, event_), std::move(names));
    if (rule.stop) stopped_by_ = &rule;
  }

  void look_at_default(std::uint32_t position, const std::vector<bool>& chosen) {
    const auto& channel = team_.channels[position];
    if (!channel.is_default) return;
    std::string taken;
    for (std::uint32_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i] && team_.channels[i].type == channel.type)
        taken += (taken.empty() ? "" : ", ") + team_.channels[i].name;
    }
    if (!taken.empty()) {
      add(Finding::Kind::kDefault, channel.name, false,
          "a channel of type " + channel.type + " was chosen already: " + taken, {});
      return;
    }
    const auto from = alerts_from();
    const auto severity = event_.type + " of severity " + std::string(to_string(event_.severity));
    const bool matched = from && event_.severity >= *from;
    std::string reason;
    if (matched) {
      reason = "no channel of type " + channel.type + " was chosen, and " + severity +
               " is in the default alert set";
    } else if (from) {
      reason =
          severity + " is not in the default alert set, which takes it from " + std::string(to_string(*from));
    } else {
      reason = event_.type + " is not in the default alert set";
    }
    if (matched) chosen_[position] = true;
    add(Finding::Kind::kDefault, channel.name, matched, std::move(reason), {channel.name});
  }

  void look_at_silence(const SilenceDefinition& silence) {
    const auto& name = silence.what.name;
    if (event_.received_ms < silence.from_ms || event_.received_ms >= silence.until_ms) {
      const bool early = event_.received_ms < silence.from_ms;
      add(Finding::Kind::kSilence, name, false,
          early ? "it begins at " + format_rfc3339(silence.from_ms)
                : "it ended at " + format_rfc3339(silence.until_ms),
          {});
      return;
    }
    if (auto mismatch = find_mismatch(silence.what, event_)) {
      add(Finding::Kind::kSilence, name, false, std::move(*mismatch), {});
      return;
    }
    std::vector<std::string> names;
    decision_.silenced.resize(team_.channels.size());
    for (const auto position : decision_.channels) {
      if (!covers(silence, team_, position)) continue;
      decision_.silenced[position] = true;
      names.push_back(team_.channels[position].name);
    }
    std::string reason = "silenced until " + format_rfc3339(silence.until_ms);
    if (!silence.author.empty()) reason += " by " + silence.author;
    if (!silence.reason.empty()) reason += ": " + silence.reason;
    add(Finding::Kind::kSilence, name, true, std::move(reason), std::move(names));
  }

  // The severity from which the event's type is in the team's default alert set; nullopt: never.
  [[nodiscard]] std::optional<Severity> alerts_from() const {
    std::optional<Severity> from;
    if (!team_.default_alerts) {
      const auto* type = catalogue_.find(event_.type);
      if (type != nullptr && type->default_alert) from = type->default_alert_from;
      return from;
    }
    for (const auto& alert : *team_.default_alerts) {
      if (pattern_matches(alert.event, event_.type)) from = std::min(from.value_or(alert.from), alert.from);
    }
    return from;
  }

  void add(Finding::Kind kind, const std::string& name, bool matched, std::string reason,
           std::vector<std::string> channels) {
    if (!matched) channels.clear();
    decision_.findings.push_back({kind, name, matched, std::move(reason), std::move(channels)});
  }

  const TeamDefinition& team_;
  const Catalogue& catalogue_;
  const Event& event_;
  std::vector<bool> chosen_;
  const RuleDefinition* stopped_by_ = nullptr;
  Decision decision_;
};

}  // namespace

bool is_silenced(const SilenceDefinition& silence, const Event& event) {
  return event.received_ms >= silence.from_ms && event.received_ms < silence.until_ms &&
         takes(silence.what, event);
}

bool covers(const SilenceDefinition& silence, const TeamDefinition& team, std::uint32_t position) {
  const auto& named = silence.what.channels;
  if (named.empty()) return team.channels[position].type != kInAppType;
  return std::find(named.begin(), named.end(), position) != named.end();
}

Decision decide(const TeamDefinition& team, const Catalogue& catalogue, const Event& event) {
  return Walk(team, catalogue, event).run();
}

}  // namespace tocsin::routing
