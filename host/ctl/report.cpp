// See report.hpp.
#include "ctl/report.hpp"

#include <boost/json.hpp>
#include <sstream>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/fields.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

std::string shown(const json::value& object, std::string_view name) {
  return printable(text_of(object, name));
}

void describe_attempt(std::ostream& out, const json::value& attempt) {
  out << "    " << number_of(attempt, "number") << ". " << shown(attempt, "started") << "  "
      << shown(attempt, "outcome");
  if (const auto status = number_of(attempt, "http_status"); status != 0) out << "  HTTP " << status;
  if (const auto address = shown(attempt, "remote_address"); !address.empty()) out << " from " << address;
  out << "  " << number_of(attempt, "duration_ms") << " ms";
  if (const auto detail = shown(attempt, "detail"); !detail.empty()) out << "\n       " << detail;
  out << '\n';
}

void describe_delivery(std::ostream& out, const json::value& delivery) {
  const auto tries = number_of(delivery, "tries");
  out << "  " << shown(delivery, "channel") << " (" << shown(delivery, "channel_type")
      << "): " << shown(delivery, "state");
  if (tries > 0) out << " after " << counted(static_cast<std::size_t>(tries), "try", "tries");
  if (const auto due = shown(delivery, "due"); !due.empty() && shown(delivery, "state") == "scheduled") {
    out << ", next one " << due;
  }
  out << "  " << shown(delivery, "id") << '\n';
  for (const auto& attempt : items_of(delivery, "attempts")) describe_attempt(out, attempt);
}

std::string mark(bool yes) {
  return yes ? "yes" : "no";
}

}  // namespace

std::string render_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string describe_pushed(const json::value& pushed) {
  std::string out = shown(pushed, "id") + (flag_of(pushed, "duplicate") ? " was known already" : " accepted");
  const auto& deliveries = items_of(pushed, "deliveries");
  if (deliveries.empty()) return out + ", no channel takes it (tocsin explain says why)";
  out += ", " + counted(deliveries.size(), "delivery", "deliveries") + ":";
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    out += (i == 0 ? " " : ", ") + shown(deliveries[i], "channel");
  }
  return out;
}

std::string describe_event(const json::value& event) {
  std::ostringstream out;
  out << shown(event, "id") << "  " << shown(event, "type") << "  " << shown(event, "severity") << "  team "
      << shown(event, "team") << '\n';
  out << "  " << shown(event, "title") << '\n';
  out << "  received " << shown(event, "received");
  if (const auto source = shown(event, "source"); !source.empty()) out << " from " << source;
  out << "\n\n";
  const auto& deliveries = items_of(event, "deliveries");
  if (deliveries.empty()) out << "  unmatched: no channel takes it (tocsin explain says why)\n";
  for (const auto& delivery : deliveries) describe_delivery(out, delivery);
  return out.str();
}

std::string describe_explanation(const json::value& explanation) {
  std::vector<std::vector<std::string>> rows{{"LOOKED AT", "NAME", "MATCHED", "WHY"}};
  for (const auto& finding : items_of(explanation, "findings")) {
    auto why = shown(finding, "reason");
    if (const auto channels = printable(joined(finding, "channels")); !channels.empty()) {
      why += (why.empty() ? "-> " : "; -> ") + channels;
    }
    rows.push_back({shown(finding, "kind"), shown(finding, "name"), mark(flag_of(finding, "matched")), why});
  }
  const auto channels = printable(joined(explanation, "channels"));
  return shown(explanation, "id") + (channels.empty() ? " goes to no channel" : " goes to " + channels) +
         "\n\n" + render_table(rows);
}

std::string describe_deliveries(const json::value& page) {
  std::vector<std::vector<std::string>> rows{
      {"DELIVERY", "EVENT", "TYPE", "SEVERITY", "CHANNEL", "STATE", "TRIES", "WHEN", "WHY"}};
  for (const auto& delivery : items_of(page, "deliveries")) {
    auto when = shown(delivery, "finished");
    if (when.empty()) when = shown(delivery, "due");
    rows.push_back({shown(delivery, "id"), shown(delivery, "event"), shown(delivery, "event_type"),
                    shown(delivery, "severity"), shown(delivery, "channel"), shown(delivery, "state"),
                    std::to_string(number_of(delivery, "tries")), when, shown(delivery, "reason")});
  }
  if (rows.size() == 1) return "no deliveries\n";
  return render_table(rows);
}

namespace {

// "in-process", "sandbox", "sandbox, partial (no landlock)", "sandbox, quarantined".
std::string where_it_runs(const json::value& plugin) {
  std::string out = shown(plugin, "isolation");
  const auto* sandbox = find_field(plugin, "sandbox");
  if (sandbox == nullptr) return out;
  if (const auto level = shown(*sandbox, "level"); level != "full") {
    out += ", " + level + " (no " + printable(joined(*sandbox, "missing")) + ')';
  }
  if (const auto state = shown(*sandbox, "state"); state != "running") out += ", " + state;
  return out;
}

}  // namespace

std::string describe_plugins(const json::value& plugins) {
  std::vector<std::vector<std::string>> rows{{"PLUGIN", "LOADED", "RUNS", "RESTARTS", "PROVIDES"}};
  std::string faults;
  for (const auto& plugin : items_of(plugins, "plugins")) {
    const bool loaded = flag_of(plugin, "loaded");
    const auto* sandbox = find_field(plugin, "sandbox");
    rows.push_back({shown(plugin, "path"), mark(loaded), where_it_runs(plugin),
                    sandbox == nullptr ? "" : std::to_string(number_of(*sandbox, "restarts")),
                    loaded ? printable(joined(plugin, "types")) : shown(plugin, "problem")});
    // Of one that is loaded: why it goes on as it is, with its name.
    if (const auto problem = shown(plugin, "problem"); loaded && !problem.empty()) faults += problem + '\n';
    if (sandbox == nullptr) continue;
    if (const auto fault = shown(*sandbox, "last_fault"); !fault.empty()) {
      faults += shown(plugin, "path") + ": " + fault + '\n';
    }
    if (const auto denied = number_of(*sandbox, "denied"); denied > 0) {
      faults += shown(plugin, "path") + ": " +
                counted(static_cast<std::size_t>(denied), "refused call", "refused calls") +
                ", the last was " + shown(*sandbox, "last_denied") + '\n';
    }
  }
  auto out = rows.size() == 1 ? std::string("no plugin is listed in the config\n") : render_table(rows);
  if (!faults.empty()) out += '\n' + faults;
  if (!items_of(plugins, "channels").empty()) out += "\n" + describe_channels(plugins);
  return out;
}

std::string describe_channels(const json::value& page) {
  std::vector<std::vector<std::string>> rows{{"TEAM", "CHANNEL", "TYPE", "STATE", "WHY"}};
  for (const auto& channel : items_of(page, "channels")) {
    const auto* nested = channel.is_object() ? channel.get_object().if_contains("status") : nullptr;
    const json::value& status = nested != nullptr ? *nested : channel;  // an operator's page has it flat
    rows.push_back({shown(status, "team"), shown(channel, "name"), shown(channel, "type"),
                    shown(status, "state"), shown(status, "reason")});
  }
  return rows.size() == 1 ? std::string("the team has no channel\n") : render_table(rows);
}

namespace {

// "critical, high; scan.*; env=prod", or "everything".
std::string matchers_of(const json::value& object) {
  std::string out;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) out += (out.empty() ? "" : "; ") + part;
  };
  add(shown(object, "category"));
  for (const char* name : {"severities", "sources", "events"}) add(printable(joined(object, name)));
  if (const auto* labels = find_field(object, "labels"); labels != nullptr && labels->is_object()) {
    for (const auto& label : labels->get_object()) {
      add(printable(std::string(label.key()) + '=' + text_of(*labels, label.key())));
    }
  }
  return out.empty() ? "everything" : out;
}

}  // namespace

std::string describe_rules(const json::value& page) {
  std::vector<std::vector<std::string>> rows{{"RULE", "MATCHES", "CHANNELS", "THEN"}};
  for (const auto& rule : items_of(page, "rules")) {
    rows.push_back({shown(rule, "name"), matchers_of(rule), printable(joined(rule, "channels")),
                    flag_of(rule, "stop") ? "stop" : "go on"});
  }
  return rows.size() == 1 ? std::string("the team has no rule\n") : render_table(rows);
}

std::string describe_silences(const json::value& page) {
  std::vector<std::vector<std::string>> rows{{"SILENCE", "UNTIL", "MATCHES", "CHANNELS", "AUTHOR", "REASON"}};
  for (const auto& silence : items_of(page, "silences")) {
    const auto channels = printable(joined(silence, "channels"));
    rows.push_back({shown(silence, "name"), shown(silence, "until"), matchers_of(silence),
                    channels.empty() ? "all" : channels, shown(silence, "author"), shown(silence, "reason")});
  }
  return rows.size() == 1 ? std::string("the team has no silence\n") : render_table(rows);
}

std::string describe_silence(const json::value& silence) {
  return shown(silence, "name") + " silences " + matchers_of(silence) + " until " + shown(silence, "until") +
         "\n";
}

std::string describe_audit(const json::value& page) {
  std::vector<std::vector<std::string>> rows{{"WHEN", "TEAM", "WHO", "FROM", "DID", "TO", "MEMBERS"}};
  for (const auto& act : items_of(page, "acts")) {
    rows.push_back({shown(act, "at"), shown(act, "team"), shown(act, "actor"), shown(act, "origin"),
                    shown(act, "act"), shown(act, "object"), shown(act, "detail")});
  }
  return rows.size() == 1 ? std::string("nothing was changed\n") : render_table(rows);
}

std::string describe_test(const json::value& report) {
  std::string out = shown(report, "message") + "\n";
  if (const auto delivery = shown(report, "delivery"); !delivery.empty()) {
    out += "event " + shown(report, "event") + ", delivery " + delivery + "\n";
  }
  return out;
}

void print(const json::value& value, std::string (*describe)(const json::value&), Console& console) {
  if (console.json) {
    console.out << json::serialize(value) << '\n';
  } else {
    console.out << describe(value);
  }
}

}  // namespace tocsin::ctl
