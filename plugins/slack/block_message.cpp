// See block_message.hpp. Untrusted text stands in plain_text objects, where Slack reads no markup; only a
// digest's list is mrkdwn, because its lines are links.
#include "block_message.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/wording.hpp>

#include "markup.hpp"

namespace slack {
namespace {

using tocsin::json_array;
using tocsin::json_object;

constexpr std::size_t kHeader = 150;
constexpr std::size_t kSection = 2900;  // of 3,000
constexpr std::size_t kSections = 3;    // of a summary
constexpr std::size_t kField = 200;     // of 2,000: ten of them are read at a glance
constexpr std::size_t kFields = 10;
constexpr std::size_t kContext = 400;
constexpr std::string_view kMark = "\xE2\x80\xA6";
constexpr std::size_t kFallback = 3000;
constexpr std::size_t kUrl = 3000;
constexpr std::size_t kTextUrl = 500;  // with the fallback well under 4,000, where Slack splits a text
constexpr std::size_t kDigestTitle = 120;
constexpr std::size_t kDigestUrl = 300;      // a longer link would crowd the others out
constexpr std::size_t kDigestBudget = 8700;  // three sections; with all the rest well under Slack's 13,000
constexpr std::size_t kTextList = 3300;      // of a digest in plain text, before the line of ids

std::string_view color_of(tocsin::severity severity) {
  static constexpr std::array<std::string_view, 5> kColors{"#9CA3AF", "#3B82F6", "#F2C744", "#E8590C",
                                                           "#B00020"};
  return kColors[std::min<std::size_t>(severity, kColors.size() - 1)];
}

std::string plain(std::string_view escaped) {
  return json_object().text("type", "plain_text").text("text", escaped).flag("emoji", false).str();
}

std::string markdown(std::string_view text) {
  // verbatim: Slack makes no links of its own out of what stands there.
  return json_object().text("type", "mrkdwn").text("text", text).flag("verbatim", true).str();
}

std::string section(std::string_view text_object) {
  return json_object().text("type", "section").raw("text", text_object).str();
}

std::string fallback(tocsin::message message) {
  const auto event = message.first();
  std::string text = "[" + std::string(tocsin::severity_word(tocsin::worst_severity(message))) + "] " +
                     tocsin::headline(message);
  if (message.size() > 1) {
    text += ": " + tocsin::count_severities(message);
  } else if (!event.summary().empty()) {
    text += ": " + std::string(event.summary());
  }
  return escape_within(text, kFallback);
}

void add_field(json_array& fields, std::size_t& count, std::string_view name, std::string_view value) {
  if (value.empty() || count == kFields) return;
  const std::string text = escape_within(std::string(name) + ": " + std::string(value), kField);
  if (text.find_first_not_of(' ') == text.npos) return;
  fields.add(plain(text));
  ++count;
}

std::string fields_of(const tocsin::event& event) {
  json_array fields;
  std::size_t count = 0;
  add_field(fields, count, "Severity", tocsin::severity_word(event.severity()));
  add_field(fields, count, "Source", event.source());
  add_field(fields, count, "Type", event.type());
  add_field(fields, count, "Team", event.team());
  add_field(fields, count, "Time", tocsin::utc_text(event.time_unix_ms()));
  for (const tocsin_kv& label : event.labels())
    add_field(fields, count, tocsin::view(label.key), tocsin::view(label.value));
  return json_object().text("type", "section").raw("fields", fields.str()).str();
}

// The summary in as many sections as it takes, at most three.
void add_summary(json_array& blocks, std::string_view summary) {
  const std::string clean = tocsin::plain_text(summary.substr(0, 16 * kSections * kSection), true);
  std::string_view rest = clean;
  for (std::size_t i = 1; i <= kSections && rest.find_first_not_of(" \n") != rest.npos; ++i) {
    // Without a mark a part is a front of the rest, so its raw length says where the next one begins.
    const std::string part = tocsin::cut_text_by(rest, kSection, escaped_units, i == kSections ? kMark : "");
    blocks.add(section(plain(escape(part))));
    rest.remove_prefix(i == kSections ? rest.size() : part.size());
  }
}

std::string button(std::string_view label, std::string_view url) {
  return json_object().text("type", "button").raw("text", plain(label)).text("url", url).str();
}

void add_buttons(json_array& blocks, std::string_view link, std::string_view console) {
  json_array buttons;
  if (const std::string url = tocsin::web_link(link, kUrl); !url.empty()) buttons.add(button("Open", url));
  if (const std::string url = tocsin::web_link(console, kUrl); !url.empty())
    buttons.add(button("Delivery", url));
  if (!buttons.empty())
    blocks.add(json_object().text("type", "actions").raw("elements", buttons.str()).str());
}

void add_context(json_array& blocks, tocsin::message message) {
  json_array elements;
  elements.add(plain(escape_within(tocsin::reference_line(message), kContext)));
  blocks.add(json_object().text("type", "context").raw("elements", elements.str()).str());
}

// "*High* <https://…|A bucket is public> (finding.created)"
std::string digest_line(const tocsin::event& event) {
  std::string title = escape_within(tocsin::title_of(event), kDigestTitle);
  std::replace(title.begin(), title.end(), '|', '/');  // would end the link's address
  const std::string url = tocsin::web_link(event.link(), kDigestUrl);
  if (!url.empty()) title = '<' + escape(url) + '|' + title + '>';
  return '*' + std::string(tocsin::severity_word(event.severity())) + "* " + title + " (" +
         escape_within(event.type(), 100) + ")\n";
}

void add_digest(json_array& blocks, tocsin::message message) {
  blocks.add(section(plain(escape_within(tocsin::count_severities(message), kSection))));
  std::string text;
  std::size_t used = 0, shown = 0;
  const auto flush = [&] {
    if (!text.empty()) blocks.add(section(markdown(text)));
    text.clear();
  };
  for (; shown < message.size(); ++shown) {
    const std::string line = digest_line(message[shown]);
    const std::size_t units = utf16_units(line);
    if (used + units > kDigestBudget) break;
    if (utf16_units(text) + units > kSection) flush();
    text += line;
    used += units;
  }
  flush();
  if (shown < message.size())
    blocks.add(section(plain("and " + std::to_string(message.size() - shown) + " more")));
}

// A digest's alerts in plain text, one a line, as far as they fit.
void list_alerts(std::string& text, tocsin::message message) {
  std::size_t shown = 0;
  for (; shown < message.size(); ++shown) {
    const auto event = message[shown];
    const std::string line = '\n' + std::string(tocsin::severity_word(event.severity())) + ": " +
                             escape_within(tocsin::title_of(event), kDigestTitle);
    if (utf16_units(text) + utf16_units(line) > kTextList) break;
    text += line;
  }
  if (shown < message.size()) text += "\nand " + std::to_string(message.size() - shown) + " more";
}

}  // namespace

std::string render_blocks(tocsin::message message) {
  const auto event = message.first();
  json_array top;
  top.add(json_object()
              .text("type", "header")
              .raw("text", plain(escape_within(tocsin::headline(message), kHeader)))
              .str());
  json_array blocks;
  if (message.size() == 1) {
    add_summary(blocks, event.summary());
    blocks.add(fields_of(event));
    add_buttons(blocks, event.link(), message.console_url());
  } else {
    add_digest(blocks, message);
    add_buttons(blocks, {}, message.console_url());
  }
  add_context(blocks, message);
  const std::string text = fallback(message);
  json_array attachments;
  attachments.add(json_object()
                      .text("color", color_of(tocsin::worst_severity(message)))
                      .text("fallback", text)
                      .raw("blocks", blocks.str())
                      .str());
  return json_object()
      .text("text", text)
      .raw("blocks", top.str())
      .raw("attachments", attachments.str())
      .flag("unfurl_links", false)
      .flag("unfurl_media", false)
      .str();
}

std::string render_text(tocsin::message message) {
  std::string text = fallback(message);
  const std::string url =
      message.size() == 1 ? tocsin::web_link(message.first().link(), kTextUrl) : std::string();
  if (!url.empty()) text += "\n<" + escape(url) + '>';
  if (message.size() > 1) list_alerts(text, message);
  text += "\n" + escape_within(std::string(message.first().id()) + ", " + std::string(message.id()), 400);
  return json_object().text("text", text).flag("unfurl_links", false).flag("unfurl_media", false).str();
}

}  // namespace slack
