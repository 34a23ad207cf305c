// See block_message.hpp. Untrusted text stands in plain_text objects, where Slack reads no markup; only a
// digest's list is mrkdwn, because its lines are links.
#include "block_message.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/graphemes.hpp>

#include "markup.hpp"

namespace slack {
namespace {

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

struct Look {
  std::string_view word, color;
};
constexpr std::array<Look, 5> kLooks{{{"Info", "#9CA3AF"},
                                      {"Low", "#3B82F6"},
                                      {"Medium", "#F2C744"},
                                      {"High", "#E8590C"},
                                      {"Critical", "#B00020"}}};

const Look& look_of(tocsin::severity severity) {
  return kLooks[std::min<std::size_t>(severity, kLooks.size() - 1)];
}

// A list of JSON values.
class Values {
 public:
  void add(std::string_view json) {
    if (!out_.empty()) out_.push_back(',');
    out_ += json;
  }
  [[nodiscard]] bool empty() const { return out_.empty(); }
  [[nodiscard]] std::string str() const { return '[' + out_ + ']'; }

 private:
  std::string out_;
};

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

std::string utc(std::int64_t unix_ms) {
  std::string iso;
  tocsin::append_iso8601(iso, unix_ms);
  return iso.substr(0, 10) + ' ' + iso.substr(11, 8) + " UTC";
}

// Slack refuses empty texts, and blanks say nothing.
std::string title_of(const tocsin::event& event) {
  std::string title = tocsin::plain_text(event.title().substr(0, 16 * kFallback));
  return title.find_first_not_of(' ') == title.npos ? std::string(event.type()) : title;
}

std::string marked(tocsin::message message, std::string text) {
  return message.is_test() ? "Test: " + text : text;
}

std::string headline(tocsin::message message) {
  if (message.size() == 1) return marked(message, title_of(message.first()));
  return marked(message, std::to_string(message.size()) + " alerts");
}

tocsin::severity worst_of(tocsin::message message) {
  tocsin::severity worst = message.first().severity();
  for (std::size_t i = 1; i < message.size(); ++i) worst = std::max(worst, message[i].severity());
  return worst;
}

// "3 critical, 1 low"
std::string count_words(tocsin::message message) {
  std::array<std::size_t, 5> counts{};
  for (std::size_t i = 0; i < message.size(); ++i) ++counts[std::min<std::size_t>(message[i].severity(), 4)];
  std::string text;
  for (std::size_t i = counts.size(); i-- > 0;) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(counts[i]) + ' ';
    text += tocsin::severity_name(static_cast<tocsin::severity>(i));
  }
  return text;
}

std::string fallback(tocsin::message message) {
  const auto event = message.first();
  std::string text = "[" + std::string(look_of(worst_of(message)).word) + "] " + headline(message);
  if (message.size() > 1) {
    text += ": " + count_words(message);
  } else if (!event.summary().empty()) {
    text += ": " + std::string(event.summary());
  }
  return escape_within(text, kFallback);
}

void add_field(Values& fields, std::size_t& count, std::string_view name, std::string_view value) {
  if (value.empty() || count == kFields) return;
  const std::string text = escape_within(std::string(name) + ": " + std::string(value), kField);
  if (text.find_first_not_of(' ') == text.npos) return;
  fields.add(plain(text));
  ++count;
}

std::string fields_of(const tocsin::event& event) {
  Values fields;
  std::size_t count = 0;
  add_field(fields, count, "Severity", look_of(event.severity()).word);
  add_field(fields, count, "Source", event.source());
  add_field(fields, count, "Type", event.type());
  add_field(fields, count, "Team", event.team());
  add_field(fields, count, "Time", utc(event.time_unix_ms()));
  for (const tocsin_kv& label : event.labels())
    add_field(fields, count, tocsin::view(label.key), tocsin::view(label.value));
  return json_object().text("type", "section").raw("fields", fields.str()).str();
}

// The summary in as many sections as it takes, at most three.
void add_summary(Values& blocks, std::string_view summary) {
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

void add_buttons(Values& blocks, std::string_view link, std::string_view console) {
  Values buttons;
  if (const std::string url = link_url(link, kUrl); !url.empty()) buttons.add(button("Open", url));
  if (const std::string url = link_url(console, kUrl); !url.empty()) buttons.add(button("Delivery", url));
  if (!buttons.empty())
    blocks.add(json_object().text("type", "actions").raw("elements", buttons.str()).str());
}

// Ids let people find a repetition: Slack itself cannot tell one.
void add_context(Values& blocks, tocsin::message message) {
  std::string text =
      message.size() == 1 ? "Event " + std::string(message.first().id()) + ", delivery " : "Digest ";
  text += message.id();
  if (message.is_test()) text = "Sent to test this channel; nothing has happened. " + text;
  Values elements;
  elements.add(plain(escape_within(text, kContext)));
  blocks.add(json_object().text("type", "context").raw("elements", elements.str()).str());
}

// "*High* <https://…|A bucket is public> (finding.created)"
std::string digest_line(const tocsin::event& event) {
  std::string title = escape_within(title_of(event), kDigestTitle);
  std::replace(title.begin(), title.end(), '|', '/');  // would end the link's address
  const std::string url = link_url(event.link(), kDigestUrl);
  if (!url.empty()) title = '<' + escape(url) + '|' + title + '>';
  return '*' + std::string(look_of(event.severity()).word) + "* " + title + " (" +
         escape_within(event.type(), 100) + ")\n";
}

void add_digest(Values& blocks, tocsin::message message) {
  blocks.add(section(plain(escape_within(count_words(message), kSection))));
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

}  // namespace

std::string render_blocks(tocsin::message message) {
  const auto event = message.first();
  Values top;
  top.add(json_object()
              .text("type", "header")
              .raw("text", plain(escape_within(headline(message), kHeader)))
              .str());
  Values blocks;
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
  Values attachments;
  attachments.add(json_object()
                      .text("color", look_of(worst_of(message)).color)
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
  const std::string url = message.size() == 1 ? link_url(message.first().link(), kTextUrl) : std::string();
  if (!url.empty()) text += "\n<" + escape(url) + '>';
  text += "\n" + escape_within(std::string(message.first().id()) + ", " + std::string(message.id()), 400);
  return json_object().text("text", text).flag("unfurl_links", false).flag("unfurl_media", false).str();
}

}  // namespace slack
