// See mail_message.hpp.
#include "mail_message.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/wording.hpp>

#include "mail_template.hpp"
#include "mime.hpp"

namespace smtp {
namespace {

constexpr std::size_t kSubject = 400;  // code points
constexpr std::size_t kTitle = 1000;
constexpr std::size_t kText = 32 * 1024;  // bytes of one event's summary in a mail

// By what mails belong together, the first that an event has: in its data, else among its labels.
constexpr std::array<std::string_view, 3> kThreads{"finding_id", "scan_id", "exception_id"};

std::string_view color_of(tocsin::severity severity) {
  static constexpr std::array<std::string_view, 5> kColors{"#6B7280", "#2563EB", "#B7791F", "#C2410C",
                                                           "#B00020"};
  return kColors[std::min<std::size_t>(severity, kColors.size() - 1)];
}

EventValues values_of(const tocsin::event& event) {
  EventValues out;
  out.values = {{"title", tocsin::cut_text(tocsin::title_of(event), {.code_points = kTitle})},
                {"summary", tocsin::cut_text(tocsin::plain_text(event.summary().substr(0, 2 * kText), true),
                                             {.bytes = kText})},
                {"severity", std::string(tocsin::severity_name(event.severity()))},
                {"severity_word", std::string(tocsin::severity_word(event.severity()))},
                {"color", std::string(color_of(event.severity()))},
                {"type", std::string(event.type())},
                {"source", std::string(event.source())},
                {"time", tocsin::utc_text(event.time_unix_ms())},
                {"link", tocsin::web_link(event.link(), 2048)},
                {"event_id", tocsin::plain_text(event.id())}};
  for (const tocsin_kv& label : event.labels())
    out.labels.emplace_back(tocsin::plain_text(tocsin::view(label.key)),
                            tocsin::plain_text(tocsin::view(label.value)));
  return out;
}

// With the first `listed` events in the list.
MailValues values_of(tocsin::message message, std::size_t listed) {
  MailValues out;
  out.first = values_of(message.first());
  for (std::size_t i = 0; i < listed; ++i) out.events.push_back(i == 0 ? out.first : values_of(message[i]));
  out.values = {{"team", std::string(message.first().team())},
                {"delivery_id", std::string(message.id())},
                {"count", std::to_string(message.size())},
                {"counts", tocsin::count_severities(message)},
                {"more", message.size() > listed ? std::to_string(message.size() - listed) : std::string()},
                {"console_url", tocsin::web_link(message.console_url(), 2048)}};
  if (message.is_test()) out.flags.emplace_back("test");
  if (message.is_digest() || message.size() > 1) {
    out.flags.emplace_back("digest");
    // The severity of a digest is that of its worst event.
    for (auto& [name, text] : out.first.values) {
      if (name == "severity_word") text = tocsin::severity_word(tocsin::worst_severity(message));
      if (name == "severity") text = tocsin::severity_name(tocsin::worst_severity(message));
      if (name == "color") text = color_of(tocsin::worst_severity(message));
    }
  }
  return out;
}

// The id that every mail about one finding, scan or exception refers to; "" where the event names none.
std::string thread_root(tocsin::message message, const std::string& domain) {
  if (message.size() != 1) return {};
  const auto event = message.first();
  for (const std::string_view name : kThreads) {
    std::string_view id = event.data().text('/' + std::string(name));
    if (id.empty()) id = event.label(name);
    if (id.empty()) continue;
    const std::string whole = std::string(event.team()) + '\n' + std::string(name) + '\n' + std::string(id);
    return "<thread." + short_hash(whole) + '@' + domain + '>';
  }
  return {};
}

std::int64_t latest_time(tocsin::message message) {
  std::int64_t latest = message.first().time_unix_ms();
  for (std::size_t i = 1; i < message.size(); ++i) latest = std::max(latest, message[i].time_unix_ms());
  return latest;
}

std::string part(std::string_view boundary, std::string_view type, std::string_view text) {
  std::string out = "--" + std::string(boundary) + "\r\n";
  out += "Content-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  return out + quoted_printable(text) + "\r\n";
}

std::string_view from_first_line(std::string_view text) {
  const auto first = text.find_first_not_of("\r\n");
  return first == text.npos ? std::string_view{} : text.substr(first);
}

}  // namespace

std::string short_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

MailContent compose(const Settings& settings, tocsin::message message) {
  MailContent content;
  content.delivery_id = message.id();
  content.domain = settings.from.domain;
  std::size_t listed = std::min(message.size(), kMaxListed);
  MailValues values = values_of(message, listed);
  Filled text = fill_in(settings.text, values, Escape::kNone),
         html = fill_in(settings.html, values, Escape::kHtml);
  // Rather fewer events, and how many more there are, than a list that breaks off.
  while ((text.cut || html.cut) && listed > 1) {
    values = values_of(message, listed /= 2);
    text = fill_in(settings.text, values, Escape::kNone);
    html = fill_in(settings.html, values, Escape::kHtml);
  }
  const std::string subject = tocsin::cut_text(
      tocsin::plain_text(fill_in(settings.subject, values, Escape::kNone).text), {.code_points = kSubject});
  // No line of ours begins with "--" and this hash but by an accident of 64 bits.
  const std::string boundary = "tocsin-" + short_hash(message.id());

  std::string& head = content.headers;
  head += header("Date", mail_date(latest_time(message)));
  head += header("From", settings.from_name.empty()
                             ? settings.from.text
                             : display_name(settings.from_name) + " <" + settings.from.text + '>');
  if (!settings.reply_to.empty()) head += header("Reply-To", settings.reply_to);
  head += text_header("Subject", subject);
  if (const std::string root = thread_root(message, content.domain); !root.empty()) {
    head += header("In-Reply-To", root);
    head += header("References", root);
  }
  if (tocsin::worst_severity(message) == tocsin::critical) head += header("Importance", "high");
  head += header("X-Tocsin-Severity", tocsin::severity_name(tocsin::worst_severity(message)));
  // Nobody's out-of-office answers an alert (RFC 3834, and Exchange's own way to say it).
  head += header("Auto-Submitted", "auto-generated");
  head += header("X-Auto-Response-Suppress", "All");
  head += header("MIME-Version", "1.0");
  head += header("Content-Type", "multipart/alternative; boundary=\"" + boundary + '"');

  content.body = part(boundary, "text/plain", from_first_line(text.text));
  content.body += part(boundary, "text/html", from_first_line(html.text));
  content.body += "--" + boundary + "--\r\n";
  return content;
}

std::string mail_for(const MailContent& content, const Address& recipient) {
  const std::string id =
      '<' + content.delivery_id + '.' + short_hash(recipient.text) + '@' + content.domain + '>';
  return content.headers + header("To", recipient.text) + header("Message-ID", id) + "\r\n" + content.body;
}

}  // namespace smtp
