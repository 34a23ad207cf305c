// See plugin_golden.hpp.
#include "ctl/plugin_golden.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "config/config.hpp"
#include "conformance/rendering.hpp"
#include "ctl/line_diff.hpp"
#include "ingest/read_event.hpp"

namespace tocsin::ctl {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using conformance::Rendering;

constexpr std::size_t kShownDiffs = 5;

Exit fail(Console& console, const std::string& why, Exit exit = Exit::kFailed) {
  console.err << "tocsin: " << printable(why) << '\n';
  return exit;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The types that ship, and whatever well-formed type this event has: a plugin does not care which exist.
Catalogue catalogue_for(const std::string& text) {
  auto types = config::built_in_event_types().value();
  json::error_code error;
  const auto event = json::parse(text, error);
  const auto* type = error || !event.is_object() ? nullptr : event.get_object().if_contains("type");
  if (type != nullptr && type->is_string() && is_event_type_name(std::string_view(type->get_string()))) {
    EventType own;
    own.name = type->get_string();
    own.default_severity = Severity::kMedium;
    const bool known =
        std::any_of(types.begin(), types.end(), [&](const EventType& one) { return one.name == own.name; });
    if (!known) types.push_back(std::move(own));
  }
  return Catalogue::create(std::move(types)).value();
}

std::string faults_of(const Error& error) {
  std::string out = error.detail;
  for (const auto& field : error.fields) out += "\n  " + field.pointer + ": " + field.message;
  return out;
}

// The event of the file as a plugin gets it. False: said why not.
bool read_message(const PluginRendering& options, testing::sample_message& message, Console& console) {
  if (options.test) message.flags |= TOCSIN_TEST;
  if (options.event.empty()) return true;
  const std::string text = read_file(options.event);
  auto draft = ingest::read_event(text, catalogue_for(text), {}, message.time_unix_ms);
  if (!draft) {
    fail(console, options.event + " holds no event: " + faults_of(draft.error()));
    return false;
  }
  Event& event = draft->event;
  if (event.id.empty()) event.id = message.event_id;
  if (event.team.empty()) event.team = message.team;
  message.event_id = event.id;
  message.team = event.team;
  message.type = event.type;
  message.category = static_cast<std::uint32_t>(event.category) + 1;
  message.severity = static_cast<std::uint32_t>(event.severity);
  message.source = event.source;
  message.title = event.title;
  message.summary = event.summary;
  message.link = event.link;
  message.data = event.data;
  message.time_unix_ms = event.occurred_ms;
  message.labels.clear();
  for (const Label& label : event.labels) message.labels.emplace_back(label.key, label.value);
  message.json = write_event_json(event);
  return true;
}

// "severity:high" of number 3 -> "04-severity-high.txt".
std::string file_name(std::size_t number, std::string_view name) {
  std::string out = (number < 9 ? "0" : "") + std::to_string(number + 1) + '-';
  for (const char c : name) out.push_back((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-');
  return out + ".txt";
}

// By path below the folder.
std::map<std::string, std::string> files_of(const std::vector<Rendering>& renderings) {
  std::map<std::string, std::string> out;
  std::map<std::string, std::size_t> numbers;
  for (const Rendering& one : renderings) {
    out[one.type + '/' + file_name(numbers[one.type]++, one.name)] = "# " + one.name + '\n' + one.text;
  }
  return out;
}

// "04-severity-high.txt": nothing else in the folder is touched or compared.
bool is_golden_name(const std::string& name) {
  return name.size() > 6 && std::isdigit(static_cast<unsigned char>(name[0])) != 0 &&
         std::isdigit(static_cast<unsigned char>(name[1])) != 0 && name.ends_with(".txt");
}

// What is there already, of the types that are in `now`.
std::map<std::string, std::string> read_golden(const fs::path& folder,
                                               const std::map<std::string, std::string>& now) {
  std::set<std::string> types;
  for (const auto& [path, text] : now) types.insert(path.substr(0, path.find('/')));
  std::map<std::string, std::string> out;
  for (const std::string& type : types) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / type, error)) {
      const std::string name = entry.path().filename().string();
      if (is_golden_name(name)) out[type + '/' + name] = read_file(entry.path());
    }
  }
  return out;
}

// nullopt: said why not.
std::optional<std::map<std::string, std::string>> render_all(const PluginRendering& options,
                                                             Console& console) {
  conformance::CheckInput input;
  if (!read_input(options.plugin, input, console)) return std::nullopt;
  auto renderings = conformance::render_corpus(input);
  if (!renderings) {
    fail(console, faults_of(renderings.error()));
    return std::nullopt;
  }
  return files_of(*renderings);
}

void report_changes(const json::array& changes, std::size_t messages, Console& console) {
  if (console.json) {
    const json::object document{{"ok", changes.empty()}, {"messages", messages}, {"changes", changes}};
    console.out << json::serialize(document) << '\n';
    return;
  }
  std::size_t shown = 0;
  for (const auto& change : changes) {
    console.out << change.at("file").as_string().c_str() << ": " << change.at("what").as_string().c_str()
                << '\n';
    if (shown++ < kShownDiffs) console.out << change.at("diff").as_string().c_str();
  }
  if (console.quiet) return;
  console.out << counted(messages, "message", "messages") << ", " << changes.size() << " not as recorded\n";
  if (!changes.empty())
    console.out << "fix: mend the plugin; where the change is meant, record again and review the files\n";
}

}  // namespace

Exit render_plugin(const PluginRendering& options, Console& console) {
  conformance::CheckInput input;
  testing::sample_message message;
  if (!read_input(options.plugin, input, console)) return Exit::kUsage;
  if (!read_message(options, message, console)) return Exit::kFailed;
  const auto rendering = conformance::render_message(input, options.type, message);
  if (!rendering) return fail(console, faults_of(rendering.error()));
  if (console.json) {
    json::array findings;
    for (const auto& one : rendering->findings)
      findings.push_back(json::object{{"what", one.what}, {"fix", one.fix}});
    const json::object document{
        {"type", rendering->type}, {"text", rendering->text}, {"findings", std::move(findings)}};
    console.out << json::serialize(document) << '\n';
  } else {
    console.out << rendering->text;
    for (const auto& one : rendering->findings)
      console.err << "tocsin: " << printable(one.what) << "\n  fix: " << printable(one.fix) << '\n';
  }
  return rendering->findings.empty() ? Exit::kOk : Exit::kFailed;
}

Exit record_golden(const PluginRendering& options, Console& console) {
  const auto now = render_all(options, console);
  if (!now) return Exit::kFailed;
  std::error_code error;
  for (const auto& [path, text] : read_golden(options.folder, *now)) {
    if (!now->contains(path)) fs::remove(fs::path(options.folder) / path, error);
  }
  for (const auto& [path, text] : *now) {
    const fs::path file = fs::path(options.folder) / path;
    fs::create_directories(file.parent_path(), error);
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush()) return fail(console, file.string() + " cannot be written");
  }
  if (console.json) {
    console.out << json::serialize(json::object{{"folder", options.folder}, {"messages", now->size()}})
                << '\n';
  } else if (!console.quiet) {
    console.out << "Recorded " << counted(now->size(), "message", "messages") << " in "
                << printable(options.folder) << ". Review them before you keep them.\n";
  }
  return Exit::kOk;
}

Exit check_golden(const PluginRendering& options, Console& console) {
  const auto now = render_all(options, console);
  if (!now) return Exit::kFailed;
  const auto kept = read_golden(options.folder, *now);
  if (kept.empty()) {
    return fail(console,
                options.folder + " has no golden files of this plugin; `tocsin plugin record` writes them");
  }
  json::array changes;
  const auto change = [&](const std::string& file, const char* what, const std::string& diff) {
    changes.push_back(json::object{{"file", file}, {"what", what}, {"diff", diff}});
  };
  for (const auto& [path, text] : *now) {
    const auto was = kept.find(path);
    if (was == kept.end()) {
      change(path, "is not recorded", "");
    } else if (was->second != text) {
      change(path, "is rendered otherwise", diff_lines(was->second, text));
    }
  }
  for (const auto& [path, text] : kept) {
    if (!now->contains(path)) change(path, "is of no message any more", "");
  }
  report_changes(changes, now->size(), console);
  return changes.empty() ? Exit::kOk : Exit::kFailed;
}

}  // namespace tocsin::ctl
