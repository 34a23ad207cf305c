// See push.hpp.
#include "ctl/push.hpp"

#include <boost/json.hpp>
#include <iterator>

#include "ctl/fields.hpp"
#include "ctl/report.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatchLines = 500;      // half of the daemon's default limits.batch_events
constexpr std::size_t kBatchBytes = 1 << 20;  // an eighth of its default limits.batch_bytes

void print_pushed(const json::value& pushed, Console& console) {
  if (console.json) {
    console.out << json::serialize(pushed) << '\n';
  } else if (console.quiet) {
    console.out << printable(text_of(pushed, "id")) << '\n';
  } else {
    console.out << describe_pushed(pushed) << '\n';
  }
}

// The answer to one object is the object's; to many, a list with a status each.
Exit print_answer(const json::value& answer, Console& console) {
  if (find_field(answer, "results") == nullptr) {
    print_pushed(answer, console);
    return Exit::kOk;
  }
  Exit exit = Exit::kOk;
  for (const auto& result : items_of(answer, "results")) {
    if (const auto* event = find_field(result, "event"); event != nullptr) {
      print_pushed(*event, console);
    } else if (const auto* problem = find_field(result, "problem"); problem != nullptr) {
      if (console.json) console.out << json::serialize(*problem) << '\n';
      print_problem(static_cast<int>(number_of(result, "status")), *problem, console);
      exit = Exit::kFailed;
    }
  }
  return exit;
}

Exit push(Daemon& daemon, std::string_view content_type, std::string_view body, Console& console) {
  const auto answer = daemon.post("/v1/events", content_type, body);
  // A batch that was refused whole still says what was wrong with each.
  if (answer && answer->status >= 400) {
    boost::system::error_code fault;
    const auto value = json::parse(answer->body, fault);
    if (!fault && find_field(value, "results") != nullptr) return print_answer(value, console);
  }
  Exit exit = Exit::kOk;
  const auto value = read_answer(answer, console, exit);
  return value ? print_answer(*value, console) : exit;
}

bool is_one_document(const std::string& line) {
  boost::system::error_code fault;
  json::parse(line, fault);
  return !fault;
}

// Lines of objects, pushed in batches while they come.
Exit push_lines(std::string first, Daemon& daemon, Console& console) {
  Exit worst = Exit::kOk;
  std::string batch = std::move(first) + "\n";
  std::size_t lines = 1;
  const auto flush = [&] {
    if (lines == 0) return true;
    const auto exit = push(daemon, "application/x-ndjson", batch, console);
    if (exit != Exit::kOk) worst = exit;
    batch.clear();
    lines = 0;
    return exit != Exit::kUnreachable;
  };
  for (std::string line; std::getline(console.in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    batch += line + "\n";
    ++lines;
    if ((lines >= kBatchLines || batch.size() >= kBatchBytes) && !flush()) return worst;
  }
  flush();
  return worst;
}

}  // namespace

Result<std::string> write_event(const EventFlags& flags) {
  json::object event;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) event[name] = value;
  };
  add("id", flags.id);
  add("team", flags.team);
  add("type", flags.type);
  add("severity", flags.severity);
  add("category", flags.category);
  add("source", flags.source);
  add("time", flags.time);
  add("title", flags.title);
  add("summary", flags.summary);
  add("link", flags.link);
  for (const auto& label : flags.labels) {
    const auto equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error(Errc::kInvalid, "--label takes key=value, not '" + label + "'");
    }
    if (!event.contains("labels")) event["labels"] = json::object();
    event["labels"].get_object()[label.substr(0, equals)] = label.substr(equals + 1);
  }
  if (!flags.data.empty()) {
    boost::system::error_code fault;
    const auto data = json::parse(flags.data, fault);
    if (fault || !data.is_object()) {
      return make_error(Errc::kInvalid, "--data takes a JSON object such as '{\"count\":3}'");
    }
  }
  std::string body = json::serialize(event);
  if (!flags.data.empty()) {  // as it was written: parsing and writing again would change numbers
    body.pop_back();
    body += (event.empty() ? "\"data\":" : ",\"data\":") + flags.data + "}";
  }
  return body;
}

Exit send_event(const EventFlags& flags, Daemon& daemon, Console& console) {
  const auto body = write_event(flags);
  if (!body) {
    console.err << "tocsin send: " << body.error().detail << '\n';
    return Exit::kUsage;
  }
  return push(daemon, "application/json", *body, console);
}

Exit send_input(Daemon& daemon, Console& console) {
  std::string first;
  while (std::getline(console.in, first) && first.find_first_not_of(" \t\r") == std::string::npos) {
  }
  if (first.empty()) {
    console.err << "tocsin send -: standard input is empty: give it a JSON event, an array, or one a line\n";
    return Exit::kUsage;
  }
  const bool is_array = first[first.find_first_not_of(" \t")] == '[';
  if (!is_array && is_one_document(first)) return push_lines(std::move(first), daemon, console);
  std::string whole = std::move(first) + "\n";
  whole.append(std::istreambuf_iterator<char>(console.in), {});
  return push(daemon, "application/json", whole, console);
}

}  // namespace tocsin::ctl
