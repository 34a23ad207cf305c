// See card.hpp.
#include "card.hpp"

#include <array>
#include <tocsin/cpp/wording.hpp>

namespace teams {
namespace {

using tocsin::json_array;
using tocsin::json_object;

constexpr std::size_t kTitle = 300;  // code points, as all of these
constexpr std::size_t kShortTitle = 200;
constexpr std::size_t kSummary = 4000;
constexpr std::size_t kShortSummary = 1000;
constexpr std::size_t kFact = 200;
constexpr std::size_t kLabels = 10;
constexpr std::size_t kLines = 12;  // of a summary; the rest goes on in the last one
constexpr std::size_t kUrl = 2048;  // bytes
constexpr std::size_t kId = 300;
constexpr std::size_t kDigestTitle = 120;
constexpr std::size_t kDigestRoom = 1200;  // bytes kept for what follows a digest's list

// How much of an event is shown.
enum class Detail { kAll, kNoLabels, kNoFacts, kShort, kTitleOnly };

struct Look {
  std::string_view container, text;
};
Look look_of(tocsin::severity severity) {
  switch (severity) {
    case tocsin::critical:
    case tocsin::high:
      return {"attention", "Attention"};
    case tocsin::medium:
      return {"warning", "Warning"};
    case tocsin::low:
      return {"accent", "Accent"};
    default:
      return {"emphasis", "Default"};
  }
}

// Teams replaces {{DATE(…)}} and {{TIME(…)}} wherever they stand.
std::string defuse(std::string text) {
  for (auto at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) text.insert(at + 1, " ");
  return text;
}

std::string shown(std::string_view text, std::size_t most) {
  return defuse(tocsin::cut_text(tocsin::plain_text(text.substr(0, 16 * most)), {.code_points = most}));
}

bool is_made_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

std::string run(std::string_view text, bool bold, std::string_view size, std::string_view color = {},
                std::string_view url = {}) {
  auto object = json_object().text("type", "TextRun").text("text", text);
  if (bold) object.text("weight", "Bolder");
  if (!size.empty()) object.text("size", size);
  if (!color.empty()) object.text("color", color);
  if (!url.empty()) {
    object.raw("selectAction", json_object().text("type", "Action.OpenUrl").text("url", url).str());
  }
  return object.str();
}

std::string rich_text(std::string_view runs, std::string_view spacing = {}) {
  auto object = json_object().text("type", "RichTextBlock").raw("inlines", runs);
  if (!spacing.empty()) object.text("spacing", spacing);
  return object.str();
}

std::string one_run(std::string_view text, std::string_view spacing = {}) {
  json_array runs;
  runs.add(run(text, false, ""));
  return rich_text(runs.str(), spacing);
}

// Only absolute https addresses with a host, and a port perhaps, that every reader of URLs takes alike: a
// card with another one is refused after the 202, and its alert is lost for the sake of a button.
std::string https_link(std::string_view link) {
  constexpr std::string_view kScheme = "https://";
  if (!link.starts_with(kScheme)) return {};
  const std::string_view rest = link.substr(kScheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto colon = authority.find(':');
  const std::string_view port = colon == authority.npos ? "443" : authority.substr(colon + 1);
  const bool plain = is_made_of(authority.substr(0, colon),
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") &&
                     is_made_of(port, "0123456789") && port.size() <= 5;
  return plain ? tocsin::web_link(link, kUrl) : std::string();
}

void add_title(json_array& body, tocsin::message message, std::size_t most) {
  const auto severity = tocsin::worst_severity(message);
  json_array runs;
  runs.add(run(tocsin::severity_word(severity), true, "Large", look_of(severity).text));
  runs.add(run("  " + shown(tocsin::headline(message), most), true, "Large"));
  body.add(json_object()
               .text("type", "Container")
               .text("style", look_of(severity).container)
               .flag("bleed", true)
               .raw("items", '[' + rich_text(runs.str()) + ']')
               .str());
}

void add_summary(json_array& body, std::string_view summary, std::size_t most) {
  const std::string text =
      defuse(tocsin::cut_text(tocsin::plain_text(summary.substr(0, 16 * most), true), {.code_points = most}));
  std::string_view rest = text;
  for (std::size_t lines = 1; !rest.empty(); ++lines) {
    const auto end = lines == kLines ? rest.npos : rest.find('\n');
    const std::string line = tocsin::plain_text(rest.substr(0, end));
    if (line.find_first_not_of(' ') != line.npos) body.add(one_run(line, lines == 1 ? "" : "Small"));
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  }
}

void add_fact(json_array& facts, std::string_view name, std::string_view value) {
  const std::string text = escape_fact(value, kFact);
  const std::string title = escape_fact(name, kFact);
  if (text.find_first_not_of(' ') == text.npos || title.find_first_not_of(' ') == title.npos) return;
  facts.add(json_object().text("title", title).text("value", text).str());
}

void add_facts(json_array& body, const tocsin::event& event, bool labels) {
  json_array facts;
  add_fact(facts, "Source", event.source());
  add_fact(facts, "Type", event.type());
  add_fact(facts, "Team", event.team());
  add_fact(facts, "Time", tocsin::utc_text(event.time_unix_ms()));
  if (labels) {
    for (std::size_t i = 0; i < std::min(kLabels, event.labels().size()); ++i)
      add_fact(facts, tocsin::view(event.labels()[i].key), tocsin::view(event.labels()[i].value));
  }
  if (!facts.empty()) body.add(json_object().text("type", "FactSet").raw("facts", facts.str()).str());
}

// Where the character stands that makes a list or a heading of a line, at its beginning only: "- x", "# x",
// the point of "1. x", but not that of "1.2.3.4"; npos where none does.
std::size_t list_marker(std::string_view line) {
  const auto begin = line.find_first_not_of(' ');
  if (begin == line.npos || std::string_view("-+#").find(line[begin]) != line.npos) return begin;
  const auto point = line.find_first_not_of("0123456789", begin);
  if (point == line.npos || point == begin || (line[point] != '.' && line[point] != ')')) return line.npos;
  return point + 1 == line.size() || line[point + 1] == ' ' ? point : line.npos;
}

void add_context(json_array& body, tocsin::message message) {
  json_array runs;
  runs.add(json_object()
               .text("type", "TextRun")
               .text("text", shown(tocsin::reference_line(message), kId))
               .text("size", "Small")
               .flag("isSubtle", true)
               .str());
  body.add(rich_text(runs.str()));
}

std::string actions_of(std::string_view link, std::string_view console) {
  json_array actions;
  const auto add = [&](std::string_view title, std::string_view address) {
    if (const std::string url = https_link(address); !url.empty())
      actions.add(json_object().text("type", "Action.OpenUrl").text("title", title).text("url", url).str());
  };
  add("Open", link);
  add("Delivery", console);
  return actions.str();
}

std::string envelope(tocsin::message message, const json_array& body, std::string_view actions) {
  // Shown where a card cannot be, and read as Markdown there.
  const std::string fallback = std::string(tocsin::severity_word(tocsin::worst_severity(message))) + ": " +
                               escape_fact(tocsin::headline(message), kShortTitle);
  const std::string card = json_object()
                               .text("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                               .text("type", "AdaptiveCard")
                               .text("version", "1.4")
                               .text("fallbackText", fallback)
                               .raw("body", body.str())
                               .raw("actions", actions)
                               .raw("msteams", json_object().text("width", "Full").str())
                               .str();
  const std::string attachment = json_object()
                                     .text("contentType", "application/vnd.microsoft.card.adaptive")
                                     .raw("contentUrl", "null")
                                     .raw("content", card)
                                     .str();
  return json_object().text("type", "message").raw("attachments", '[' + attachment + ']').str();
}

std::string render_one(tocsin::message message, Detail detail) {
  const auto event = message.first();
  json_array body;
  add_title(body, message, detail == Detail::kTitleOnly ? kShortTitle : kTitle);
  if (detail < Detail::kTitleOnly)
    add_summary(body, event.summary(), detail == Detail::kShort ? kShortSummary : kSummary);
  if (detail < Detail::kNoFacts) add_facts(body, event, detail == Detail::kAll);
  add_context(body, message);
  // The largest of the small parts goes with the rest.
  return envelope(message, body,
                  actions_of(event.link(), detail == Detail::kTitleOnly ? "" : message.console_url()));
}

std::string render_digest(tocsin::message message) {
  json_array body;
  add_title(body, message, kTitle);
  body.add(one_run(tocsin::count_severities(message)));
  const std::string actions = actions_of({}, message.console_url());
  const std::size_t fixed = envelope(message, json_array(), actions).size() + kDigestRoom;
  std::size_t listed = 0;
  for (; listed < message.size(); ++listed) {
    const auto event = message[listed];
    json_array runs;
    runs.add(run(tocsin::severity_word(event.severity()), true, "", look_of(event.severity()).text));
    runs.add(
        run("  " + shown(tocsin::title_of(event), kDigestTitle), false, "", "", https_link(event.link())));
    runs.add(run("  " + shown(event.type(), kDigestTitle), false, "Small"));
    const std::string line = rich_text(runs.str(), "Small");
    if (fixed + body.bytes() + line.size() > kMaxBytes) break;
    body.add(line);
  }
  if (listed < message.size()) body.add(one_run("and " + std::to_string(message.size() - listed) + " more"));
  add_context(body, message);
  return envelope(message, body, actions);
}

}  // namespace

std::string escape_fact(std::string_view text, std::size_t most) {
  const std::string plain = shown(text, most);
  const std::size_t marker = list_marker(plain);
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (i == marker) out.push_back('\\');
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '[':
      case ']':
      case '*':
      case '_':
      case '\\':
        out += {'\\', c};
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string render_card(tocsin::message message) {
  if (message.size() > 1) return render_digest(message);
  for (const Detail detail : {Detail::kAll, Detail::kNoLabels, Detail::kNoFacts, Detail::kShort}) {
    std::string card = render_one(message, detail);
    if (card.size() <= kMaxBytes) return card;
  }
  return render_one(message, Detail::kTitleOnly);
}

}  // namespace teams
