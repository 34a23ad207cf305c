// See team_edits.hpp.
#include "ctl/team_edits.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "config/table_reader.hpp"
#include "ctl/fields.hpp"
#include "ctl/report.hpp"
#include "model/clock.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

std::string path_of(const std::string& team, const char* what) {
  return "/v1/teams/" + encode_segment(team) + '/' + what;
}

std::string path_of(const std::string& team, const char* kind, const std::string& name) {
  return path_of(team, kind) + '/' + encode_segment(name);
}

// What is wrong with the command line.
struct Wrong {
  std::string what;
};

Exit say(const Wrong& wrong, Console& console) {
  console.err << "tocsin: " << wrong.what << '\n';
  return Exit::kUsage;
}

void add_texts(json::object& body, const char* name, const std::vector<std::string>& items) {
  if (!items.empty()) body[name] = json::array(items.begin(), items.end());
}

std::pair<std::string, std::string> split_pair(const std::string& option, const std::string& pair) {
  const auto equals = pair.find('=');
  if (equals == std::string::npos || equals == 0) throw Wrong{option + ": \"" + pair + "\" is not key=value"};
  return {pair.substr(0, equals), pair.substr(equals + 1)};
}

std::string read_file(const std::string& file, Console& console) {
  const auto read = [](std::istream& in) {
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  };
  if (file == "-") return read(console.in);
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) throw Wrong{'"' + file + "\" is a folder, not a file"};
  std::ifstream in(file, std::ios::binary);
  std::string text = in ? read(in) : "";
  if (!in || in.bad()) throw Wrong{"cannot read \"" + file + '"'};
  return text;
}

std::string read_secret(const std::string& file, Console& console) {
  std::string secret = read_file(file, console);
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  return secret;
}

// "headers/X-Env": the member X-Env of the member headers.
void place(json::object& settings, const std::string& key, json::value value) {
  json::object* in = &settings;
  std::size_t from = 0;
  for (auto slash = key.find('/'); slash != std::string::npos; slash = key.find('/', from)) {
    json::value& inner = (*in)[key.substr(from, slash - from)];
    if (!inner.is_object()) inner.emplace_object();
    in = &inner.get_object();
    from = slash + 1;
  }
  (*in)[key.substr(from)] = std::move(value);
}

json::object read_settings(const ChannelWish& wish, Console& console) {
  json::object settings;
  for (const auto& setting : wish.settings) {
    auto [key, text] = split_pair("--setting", setting);
    if (!key.ends_with(':')) {
      place(settings, key, json::value(text));
      continue;
    }
    key.pop_back();
    json::error_code error;
    json::value value = json::parse(text, error);
    if (error)
      throw Wrong{"--setting: what follows " + key + ":= is not JSON; for a text write " + key + '='};
    place(settings, key, std::move(value));
  }
  for (const auto& secret : wish.secrets) {
    const auto [key, file] = split_pair("--secret", secret);
    place(settings, key, json::value(read_secret(file, console)));
  }
  return settings;
}

void add_matchers(json::object& body, const Matchers& matchers) {
  add_texts(body, "severities", matchers.severities);
  add_texts(body, "sources", matchers.sources);
  add_texts(body, "events", matchers.events);
  json::object labels;
  for (const auto& label : matchers.labels) {
    const auto [key, value] = split_pair("--label", label);
    if (labels.contains(key)) throw Wrong{"--label: \"" + key + "\" is there twice: an event has it once"};
    labels[key] = value;
  }
  if (!labels.empty()) body["labels"] = std::move(labels);
  if (!matchers.category.empty()) body["category"] = matchers.category;
}

// Says in a sentence what an answer means; the answer itself where JSON is wanted.
Exit tell(const Result<net::ApiAnswer>& answer, const std::string& sentence, Console& console) {
  Exit exit = Exit::kOk;
  const auto value = read_answer(answer, console, exit);
  if (!value) return exit;
  if (console.json) {
    console.out << json::serialize(*value) << '\n';
  } else if (!console.quiet) {
    console.out << sentence << '\n';
  }
  return exit;
}

std::string named(const char* what, const std::string& name) {
  return "the " + std::string(what) + " \"" + printable(name) + '"';
}

std::string describe_alerts(const json::value& set) {
  std::string out = "the default alert set of the " + text_of(set, "origin") + ":\n";
  if (items_of(set, "alerts").empty()) out += "  nothing\n";
  for (const auto& alert : items_of(set, "alerts")) {
    const auto from = text_of(alert, "from");
    out +=
        "  " + printable(text_of(alert, "event")) + (from.empty() ? "" : " from " + printable(from)) + '\n';
  }
  return out;
}

std::string describe_itself(const json::value& value) {
  return json::serialize(value) + '\n';
}

// `act` throws Wrong where the command line is.
template <class Act>
Exit guarded(Console& console, Act act) {
  try {
    return act();
  } catch (const Wrong& wrong) {
    return say(wrong, console);
  }
}

}  // namespace

Exit set_channel(const ChannelWish& wish, Daemon& daemon, Console& console) {
  return guarded(console, [&] {
    const auto path = path_of(wish.team, "channels", wish.name);
    const auto sentence = named("channel", wish.name) + " is set";
    if (!wish.from.empty()) {
      return tell(daemon.put(path, read_file(wish.from, console)), sentence, console);
    }
    json::object body;
    if (!wish.type.empty()) body["type"] = wish.type;
    auto settings = read_settings(wish, console);
    if (!settings.empty()) body["settings"] = std::move(settings);
    add_texts(body, "events", wish.events);
    add_texts(body, "retry", wish.retry);
    if (!wish.is_default.empty()) body["default"] = wish.is_default == "yes";
    if (body.empty()) throw Wrong{"name something to set, or give --from; see tocsin channel set --help"};
    auto answer = daemon.patch(path, json::serialize(body));
    if (answer && answer->status == 404) {
      body["name"] = wish.name;
      answer = daemon.post(path_of(wish.team, "channels"), "application/json", json::serialize(body));
    }
    return tell(answer, sentence, console);
  });
}

Exit set_rule(const RuleWish& wish, Daemon& daemon, Console& console) {
  return guarded(console, [&] {
    std::string text;
    if (!wish.from.empty()) {
      text = read_file(wish.from, console);
    } else {
      json::object body;
      add_matchers(body, wish.matchers);
      add_texts(body, "channels", wish.channels);
      if (wish.stop) body["stop"] = true;
      text = json::serialize(body);
    }
    return tell(daemon.put(path_of(wish.team, "rules", wish.name), text),
                named("rule", wish.name) + " is set", console);
  });
}

Exit silence(const SilenceWish& wish, Daemon& daemon, Console& console) {
  if (wish.end) {
    return tell(daemon.remove(path_of(wish.team, "silences", wish.name)), printable(wish.name) + " has ended",
                console);
  }
  return guarded(console, [&] {
    json::object body;
    if (wish.lasts.empty() == wish.until.empty()) {
      throw Wrong{"say how long: either --for, such as 2h, or --until, an RFC 3339 time"};
    }
    body["until"] = wish.until;
    if (!wish.lasts.empty()) {
      std::int64_t lasts_ms = 0;
      if (!config::parse_duration(wish.lasts, lasts_ms)) {
        throw Wrong{"--for: \"" + wish.lasts + "\" is no duration: write one such as 2h or 1h30m"};
      }
      body["until"] = format_rfc3339(SystemClock().unix_ms() + lasts_ms);
    }
    add_matchers(body, wish.matchers);
    add_texts(body, "channels", wish.channels);
    for (const auto& [name, value] : {std::pair("name", &wish.name), std::pair("reason", &wish.reason)}) {
      if (!value->empty()) body[name] = *value;
    }
    Exit exit = Exit::kOk;
    const auto answer =
        read_answer(daemon.post(path_of(wish.team, "silences"), "application/json", json::serialize(body)),
                    console, exit);
    if (answer) print(*answer, describe_silence, console);
    return exit;
  });
}

Exit show_object(const char* kind, const ObjectName& of, Daemon& daemon, Console& console) {
  Exit exit = Exit::kOk;
  const auto answer = read_answer(daemon.get(path_of(of.team, kind, of.name)), console, exit);
  if (answer) print(*answer, describe_itself, console);
  return exit;
}

Exit remove_object(const char* kind, const ObjectName& of, Daemon& daemon, Console& console) {
  return tell(daemon.remove(path_of(of.team, kind, of.name)), printable(of.name) + " is removed", console);
}

Exit pause_channel(const ObjectName& of, bool paused, Daemon& daemon, Console& console) {
  const auto path = path_of(of.team, "channels", of.name) + (paused ? "/pause" : "/resume");
  return tell(daemon.post(path, "application/json", ""),
              named("channel", of.name) + (paused ? " is paused: what comes for it waits" : " goes on"),
              console);
}

Exit order_rules(const std::string& team, const std::vector<std::string>& names, Daemon& daemon,
                 Console& console) {
  json::object body{{"rules", json::array(names.begin(), names.end())}};
  return tell(daemon.post(path_of(team, "rules/order"), "application/json", json::serialize(body)),
              "the rules are in this order", console);
}

Exit default_alerts(const AlertsWish& wish, Daemon& daemon, Console& console) {
  return guarded(console, [&] {
    const auto path = path_of(wish.team, "default-alerts");
    if (wish.reset) {
      return tell(daemon.remove(path), "the default alert set is the catalogue's again", console);
    }
    json::array alerts;
    for (const auto& alert : wish.alerts) {
      const auto equals = alert.find('=');
      json::object one{{"event", alert.substr(0, equals)}};
      if (equals != std::string::npos) one["from"] = alert.substr(equals + 1);
      alerts.push_back(std::move(one));
    }
    Exit exit = Exit::kOk;
    const bool changes = wish.none || !alerts.empty();
    const auto answer =
        read_answer(changes ? daemon.put(path, json::serialize(json::object{{"alerts", std::move(alerts)}}))
                            : daemon.get(path),
                    console, exit);
    if (answer) print(*answer, describe_alerts, console);
    return exit;
  });
}

}  // namespace tocsin::ctl
