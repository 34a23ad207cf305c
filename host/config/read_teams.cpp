// Teams with their channels and rules. What routing itself refuses (patterns, names, two defaults) is found
// by compiling each team's RuleSet; this file gives those findings their lines.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "config/readers.hpp"
#include "model/clock.hpp"

namespace tocsin::config {
namespace {

constexpr std::int64_t kShortestWait = 100;
constexpr std::int64_t kLongestWait = 7LL * 86'400'000;
constexpr std::size_t kMostRetries = 20;
// More of a kind is no rule that a person keeps; each event is held against all of them.
constexpr std::size_t kMostListed = 200;
constexpr std::size_t kMostLabels = 64;  // an event has no more
constexpr std::size_t kLongestNote = 1024;

bool is_token_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool is_label_key(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./").find(c) != std::string_view::npos;
  });
}

// A key as one writes it in TOML: what reads a path back can tell its dots from those between keys.
std::string quote_key(std::string_view key) {
  const bool is_bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_bare ? std::string(key) : '"' + std::string(key) + '"';
}

class TeamReader {
 public:
  TeamReader(const Node& node, const std::string& path, const std::string& folder, Problems& problems)
      : reader_(node, path, find_section("team"), problems), folder_(folder) {}

  // `rules`: those of this team that were cut out of the file.
  void read(std::span<const RulePieces::Piece> rules, TeamConfig& team, routing::TeamDefinition& definition) {
    first_channel_ = definition.channels.size();
    first_rule_ = definition.rules.size();
    first_silence_ = definition.silences.size();
    if (reader_.required_text("name", definition.name) && !routing::is_object_name(definition.name)) {
      reader_.problem("name",
                      quote(definition.name) +
                          " is no name: write 1 to 63 of a-z, 0-9 and -, not starting or ending with -");
    }
    reader_.flag("in_app", team.in_app);
    const auto channels = reader_.tables("channel");
    for (std::size_t i = 0; i < channels.size(); ++i) read_channel(channels[i], i, team, definition);
    for (std::uint32_t i = 0; i < definition.channels.size(); ++i) {
      channel_names_.push_back(definition.channels[i].name);
      positions_.try_emplace(channel_names_.back(), i);
    }
    read_rules(reader_.tables("rule"), definition);
    read_silences(reader_.tables("silence"), definition);
    for (const auto& piece : rules) read_piece(piece.text, definition);
    if (reader_.find("default_alerts") != nullptr) read_default_alerts(definition.default_alerts.emplace());
  }

  // Reports what RuleSet::compile found ("rules[2].events[0]") at its line and by its name in the file.
  void place_problem(const FieldError& found) {
    const std::string_view pointer = found.pointer;
    const auto list = pointer.substr(0, pointer.find('['));
    const auto close = pointer.find(']');
    TOCSIN_EXPECT(close != std::string_view::npos);
    std::size_t index = 0;
    std::from_chars(pointer.data() + list.size() + 1, pointer.data() + close, index);
    const std::string_view key = list == "rules"      ? "rule"
                                 : list == "channels" ? "channel"
                                 : list == "silences" ? "silence"
                                                      : list;
    std::string rest(pointer.substr(close + 2));
    if (rest.starts_with("subscription")) rest.replace(0, std::string_view("subscription").size(), "events");
    const auto tables = reader_.tables(key);
    const std::size_t first = list == "rules"      ? first_rule_
                              : list == "channels" ? first_channel_
                              : list == "silences" ? first_silence_
                                                   : 0;
    if (index < first) {  // of what was there before: it cannot be wrong but by what this table adds
      reader_.problem("name", found.message);
      return;
    }
    index -= first;
    if (index >= tables.size()) {  // a rule of a piece: the file is read whole next
      reader_.problem(key, index, found.message);
      return;
    }
    const Node& node = tables[index];
    if (rest == "channels" && has_elements(node, rest)) return;  // unknown names, which are reported already
    reader_.problems().add(line_of(node, rest), reader_.place(key, index) + "." + rest, found.message);
  }

 private:
  static bool has_elements(const Node& table, std::string_view key) {
    const Node* value = table.find(key);
    return value != nullptr && !value->children.empty();
  }

  // The line of "events[0]" in a table, as near as the table has it.
  static std::uint32_t line_of(const Node& table, std::string_view place) {
    const auto bracket = place.find('[');
    const Node* value = table.find(place.substr(0, bracket));
    if (value == nullptr) return table.line;
    std::size_t index = SIZE_MAX;
    if (bracket != std::string_view::npos)
      std::from_chars(place.data() + bracket + 1, place.data() + place.size(), index);
    return index < value->children.size() ? value->children[index].line : value->line;
  }

  TableReader child(const Node& node, std::string_view key, std::size_t index) {
    return {node, reader_.place(key, index), find_section("team." + std::string(key)), reader_.problems()};
  }

  void read_channel(const Node& node, std::size_t index, TeamConfig& team,
                    routing::TeamDefinition& definition) {
    auto reader = child(node, "channel", index);
    routing::ChannelDefinition channel;
    reader.required_text("name", channel.name);
    if (reader.required_text("type", channel.type) && !is_token_word(channel.type)) {
      reader.problem(
          "type", quote(channel.type) + " is no channel type: write one such as \"webhook\" or \"sh.ntfy\"");
    }
    reader.flag("default", channel.is_default);
    bound(reader, "events", kMostListed);
    reader.texts("events", channel.subscription);
    ChannelConfig config;
    config.settings = "{}";
    config.position = {reader.problems().file(), node.line};
    reader.integer("window", config.options.window, 1, 256);
    reader.flag("paused", config.options.paused);
    read_retry(reader, config.options.retry_ms);
    read_digest(reader, config.options);
    read_quiet(reader, config.options);
    if (const Node* settings = reader.table("settings")) {
      read_settings(*settings, reader.place("settings"), folder_, reader.problems(), config);
    }
    definition.channels.push_back(std::move(channel));
    team.channels.push_back(std::move(config));
  }

  static void read_retry(TableReader& reader, std::vector<std::int64_t>& waits) {
    std::vector<std::string> written;
    if (!reader.texts("retry", written)) return;
    if (written.empty() || written.size() > kMostRetries) {
      reader.problem("retry", "must have 1 to 20 waits; leave it out for the channel type's own schedule");
      return;
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
      std::int64_t wait = 0;
      if (!parse_duration(written[i], wait)) {
        reader.problem("retry", i,
                       quote(written[i]) + " is no duration: write one such as \"5s\" or \"1h30m\"");
      } else if (wait < kShortestWait || wait > kLongestWait) {
        reader.problem("retry", i,
                       written[i] + " is out of range: a wait may be " + format_duration(kShortestWait) +
                           " to " + format_duration(kLongestWait));
      }
      waits.push_back(wait);
    }
  }

  void read_rules(std::span<const Node> rules, routing::TeamDefinition& definition) {
    for (const auto& rule : rules) read_rule(rule, definition.rules.size() - first_rule_, definition);
  }

  // Whatever is wrong here is found again, with its place, when the file is read whole.
  void read_piece(std::string_view toml, routing::TeamDefinition& definition) {
    Document document;
    std::uint32_t line = 0;
    std::string reason;
    const bool parsed = document.parse(toml, line, reason) && reader_.find("rule") == nullptr;
    const Node* team = parsed ? document.root().find("team") : nullptr;
    const Node* rules = team == nullptr ? nullptr : team->find("rule");
    if (rules == nullptr) {
      reader_.problem("rule", "cannot be read in pieces");
    } else {
      read_rules(rules->children, definition);
    }
  }

  void read_rule(const Node& node, std::size_t index, routing::TeamDefinition& definition) {
    auto reader = child(node, "rule", index);
    routing::RuleDefinition rule;
    read_matchers(reader, rule);
    read_rule_channels(reader, rule.channels);
    reader.flag("stop", rule.stop);
    definition.rules.push_back(std::move(rule));
  }

  static void bound(TableReader& reader, std::string_view key, std::size_t most) {
    const Node* list = reader.find(key);
    if (list == nullptr || list->children.size() <= most) return;
    reader.problem(
        key, "has " + std::to_string(list->children.size()) + " entries: at most " + std::to_string(most));
  }

  static void read_note(TableReader& reader, std::string_view key, std::string& note) {
    if (!reader.text(key, note) || note.size() <= kLongestNote) return;
    reader.problem(key, "is longer than " + std::to_string(kLongestNote) + " bytes");
  }

  // What rules and silences have in common: the name and what has to match.
  static void read_matchers(TableReader& reader, routing::RuleDefinition& rule) {
    for (const char* key : {"severities", "sources", "events", "channels"}) bound(reader, key, kMostListed);
    bound(reader, "labels", kMostLabels);
    reader.required_text("name", rule.name);
    read_category(reader, rule.category);
    std::vector<std::string> names;
    reader.texts("severities", names);
    rule.severities.reserve(names.size());
    for (const auto& name : names) {
      if (const auto severity = read_severity(reader, "severities", name))
        rule.severities.push_back(*severity);
    }
    reader.texts("sources", rule.sources);
    for (std::size_t i = 0; i < rule.sources.size(); ++i) {
      if (is_token_word(rule.sources[i])) continue;
      reader.problem("sources", i,
                     quote(rule.sources[i]) +
                         " is no source: write 1 to 64 of a-z, 0-9, '_', '-' and '.', such as cspm");
    }
    reader.texts("events", rule.events);
    read_labels(reader, rule.labels);
  }

  void read_silences(std::span<const Node> silences, routing::TeamDefinition& definition) {
    for (std::size_t i = 0; i < silences.size(); ++i) {
      auto reader = child(silences[i], "silence", i);
      routing::SilenceDefinition silence;
      read_matchers(reader, silence.what);
      if (reader.find("channels") != nullptr) read_rule_channels(reader, silence.what.channels);
      read_time(reader, "from", silence.from_ms);
      if (reader.find("until") == nullptr) {
        reader.problem("until", "is missing: a silence has an end, such as \"2026-11-23T18:00:00Z\"");
      } else {
        read_time(reader, "until", silence.until_ms);
      }
      read_note(reader, "author", silence.author);
      read_note(reader, "reason", silence.reason);
      definition.silences.push_back(std::move(silence));
    }
  }

  static void read_time(TableReader& reader, std::string_view key, std::int64_t& ms) {
    std::string text;
    if (reader.text(key, text) && !parse_rfc3339(text, ms)) {
      reader.problem(key, quote(text) + " is no time: write one such as \"2026-11-23T18:00:00Z\"");
    }
  }

  static void read_category(TableReader& reader, std::optional<Category>& category) {
    std::string name;
    if (!reader.text("category", name)) return;
    category = find_category(name);
    if (category) return;
    reader.problem("category",
                   quote(name) + " is no category" +
                       suggestion(name, {"security_alert", "system_notification", "system_error"}));
  }

  static void read_labels(TableReader& reader, std::vector<Label>& labels) {
    const Node* table = reader.table("labels");
    if (table == nullptr) return;
    labels.reserve(table->children.size());
    for (const auto& label : table->children) {
      const auto path = reader.place("labels") + "." + quote_key(label.key);
      if (label.kind == Node::Kind::kTable) {
        reader.problems().add(label.line, path,
                              "must be a string: put a label's name that has dots in quotes");
      } else if (label.kind != Node::Kind::kText) {
        reader.problems().add(label.line, path, "must be a string, not " + std::string(name_of(label.kind)));
      } else if (!is_label_key(label.key)) {
        reader.problems().add(label.line, path,
                              "no event has a label of this name: it is 1 to 128 letters, digits, '_', '-', "
                              "'.' and '/'");
      } else {
        labels.push_back({std::string(label.key), std::string(label.text)});
      }
    }
  }

  void read_rule_channels(TableReader& reader, std::vector<std::uint32_t>& channels) {
    std::vector<std::string> names;
    if (reader.find("channels") == nullptr) {
      reader.problem("channels",
                     "is missing: name the channels the rule sends to, such as channels = [\"ops\"]");
    }
    reader.texts("channels", names);
    channels.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = positions_.find(names[i]);
      if (found != positions_.end()) {
        channels.push_back(found->second);
        continue;
      }
      reader.problem(
          "channels", i,
          "there is no channel " + quote(names[i]) + " in this team" + suggestion(names[i], channel_names_));
    }
  }

  void read_default_alerts(std::vector<routing::DefaultAlert>& alerts) {
    bound(reader_, "default_alerts", kMostListed);
    const auto tables = reader_.tables("default_alerts");
    for (std::size_t i = 0; i < tables.size(); ++i) {
      auto reader = child(tables[i], "default_alerts", i);
      routing::DefaultAlert alert;
      reader.required_text("event", alert.event);
      std::string name;
      if (reader.text("from", name)) alert.from = read_severity(reader, "from", name).value_or(alert.from);
      alerts.push_back(std::move(alert));
    }
  }

  TableReader reader_;
  const std::string& folder_;
  std::size_t first_channel_ = 0, first_rule_ = 0,
              first_silence_ = 0;  // of this table, among all of the team's
  std::vector<std::string> channel_names_;
  std::unordered_map<std::string, std::uint32_t> positions_;
};

}  // namespace

std::optional<Severity> read_severity(TableReader& reader, std::string_view key, const std::string& name) {
  const auto severity = find_severity(name);
  if (!severity) {
    reader.problem(key, quote(name) + " is no severity" +
                            suggestion(name, {"critical", "high", "medium", "low", "info"}));
  }
  return severity;
}

void read_team(const Node& node, const std::string& path, const std::string& folder,
               std::span<const RulePieces::Piece> pieces, const std::shared_ptr<const Catalogue>& catalogue,
               TeamConfig& team, routing::TeamDefinition definition, Problems& problems) {
  TeamReader reader(node, path, folder, problems);
  reader.read(pieces, team, definition);
  auto rules = routing::RuleSet::compile(std::move(definition), catalogue);
  if (rules) {
    team.rules = std::make_shared<const routing::RuleSet>(std::move(*rules));
    return;
  }
  for (const auto& found : rules.error().fields) reader.place_problem(found);
}

void read_teams(TableReader& file, const std::string& folder, const RulePieces& pieces, Config& config) {
  const auto tables = file.tables("team");
  std::unordered_map<std::string, std::uint32_t> lines;
  std::span<const RulePieces::Piece> rest = pieces.pieces;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto path = file.place("team", i);
    const auto next = std::find_if(rest.begin(), rest.end(),
                                   [&](const RulePieces::Piece& piece) { return piece.team != i; });
    const auto its = rest.first(static_cast<std::size_t>(next - rest.begin()));
    rest = rest.subspan(its.size());
    TeamConfig team;
    read_team(tables[i], path, folder, its, config.catalogue, team, {}, file.problems());
    const Node* const named = tables[i].find("name");
    const std::string name(named == nullptr ? std::string_view() : named->text);
    const auto [first, is_new] = lines.try_emplace(name, tables[i].line);
    if (!is_new && !name.empty()) {
      file.problems().add(tables[i].line, path + ".name",
                          "another team is called " + quote(name) + " (line " +
                              std::to_string(first->second) + "): rename one of the two");
    }
    if (team.rules) config.teams.push_back(std::move(team));
  }
}

}  // namespace tocsin::config
