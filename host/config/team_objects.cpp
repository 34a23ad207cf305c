// See team_objects.hpp.
#include "config/team_objects.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <memory_resource>

#include "config/json_node.hpp"
#include "config/readers.hpp"

namespace tocsin::config {
namespace {

namespace json = boost::json;

json::array write_objects(const std::vector<TeamObject>& objects) {
  json::array out;
  for (const TeamObject& object : objects) {
    json::error_code error;
    json::value body = json::parse(object.body, error);
    if (error || !body.is_object()) body.emplace_object();  // its required keys are missed then
    body.get_object()["name"] = object.name;
    out.push_back(std::move(body));
  }
  return out;
}

// ".retry[1]" as "/retry/1", '.labels."a/b.c"' as "/labels/a~1b.c".
void append_steps(std::string& out, std::string_view path) {
  bool in_quotes = false;
  for (const char c : path) {
    if (c == '"') {
      in_quotes = !in_quotes;
    } else if (!in_quotes && (c == '.' || c == '[')) {
      out += '/';
    } else if (c == '~' || (c == '/' && in_quotes)) {
      out += c == '~' ? "~0" : "~1";
    } else if (in_quotes || c != ']') {
      out += c;
    }
  }
}

// "channel[0].retry[1]" as "demo/channels/ops/retry/1"; what is not of an object stays as it is.
std::string write_pointer(std::string_view path, const TeamObjects& objects) {
  const std::vector<TeamObject>* list = nullptr;
  std::string out;
  if (path.starts_with("channel[")) {
    list = &objects.channels;
    out = objects.team + "/channels/";
  } else if (path.starts_with("rule[")) {
    list = &objects.rules;
    out = objects.team + "/rules/";
  } else if (path.starts_with("silence[")) {
    list = &objects.silences;
    out = objects.team + "/silences/";
  } else if (path.starts_with("default_alerts")) {
    out = objects.team + "/default-alerts/alerts";
    append_steps(out, path.substr(std::string_view("default_alerts").size()));
    return out;
  } else {
    return std::string(path);
  }
  const auto open = path.find('['), close = path.find(']');
  std::size_t index = 0;
  std::from_chars(path.data() + open + 1, path.data() + close, index);
  if (index >= list->size()) return std::string(path);
  out += (*list)[index].name;
  append_steps(out, path.substr(close + 1));
  return out;
}

// The places of `error` as pointers. Problems writes each as "<file>: <path>".
void place_in_objects(Error& error, const TeamObjects& objects) {
  const std::string prefix = std::string(kApiFile) + ": ";
  for (FieldError& field : error.fields) {
    std::string_view path = field.pointer;
    if (path.starts_with(prefix)) path.remove_prefix(prefix.size());
    field.pointer = write_pointer(path, objects);
  }
  error.detail = error.fields.front().pointer + ": " + error.fields.front().message;
}

Result<TeamConfig> add_to_team(const TeamConfig& base, const TeamObjects& objects,
                               const std::shared_ptr<const Catalogue>& catalogue) {
  json::object table;
  table["name"] = objects.team;
  table["channel"] = write_objects(objects.channels);
  table["rule"] = write_objects(objects.rules);
  table["silence"] = write_objects(objects.silences);
  Problems problems{std::string(kApiFile)};
  if (objects.default_alerts) {
    json::error_code error;
    const json::value body = json::parse(objects.default_alerts->body, error);
    const auto* alerts = !error && body.is_object() ? body.get_object().if_contains("alerts") : nullptr;
    table["default_alerts"] = alerts == nullptr ? json::value() : *alerts;
    if (base.definition().default_alerts) {
      problems.add(0, "default_alerts", "the configuration file says which are the team's default alerts");
    }
  }
  std::pmr::monotonic_buffer_resource memory;
  const Node node = make_node(table, memory);
  TeamConfig team = base;
  read_team(node, "", "", {}, catalogue, team, base.definition(), problems);
  if (!problems.empty()) {
    Error error = problems.take_error();
    place_in_objects(error, objects);
    return error;
  }
  for (std::size_t i = 0; i < objects.channels.size(); ++i) {
    ChannelConfig& channel = team.channels[base.channels.size() + i];
    channel.secrets = objects.channels[i].secrets;
    channel.unusable = objects.channels[i].unusable;
  }
  return team;
}

}  // namespace

Result<Config> add_team_objects(const Config& base, std::span<const TeamObjects> objects) {
  Config merged = base;
  for (const TeamObjects& its : objects) {
    const auto team = std::ranges::find_if(
        merged.teams, [&](const TeamConfig& known) { return known.definition().name == its.team; });
    if (team == merged.teams.end()) continue;
    auto added = add_to_team(*team, its, base.catalogue);
    if (!added) return added.error();
    *team = std::move(*added);
  }
  return merged;
}

}  // namespace tocsin::config
