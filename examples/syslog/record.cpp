// See record.hpp.
#include "record.hpp"

#include <array>
#include <tocsin/cpp/wording.hpp>

namespace syslog_channel {
namespace {

constexpr std::size_t kMostRecord = 8192;  // bytes; RFC 5424 asks receivers for 2,048 and advises more
// 32473 is the number that RFC 5612 keeps for examples: use your own organisation's.
constexpr const char* kElement = "[tocsin@32473";

// A header field holds printable ASCII without blanks; "-" stands for nothing.
std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out.push_back(c > ' ' && c < 0x7F ? c : '_');
  return out.empty() ? "-" : out;
}

// Quote, backslash and closing bracket are escaped (RFC 5424 6.3.3); controls would break a log that is read
// by lines.
void add_parameter(std::string& out, const char* name, std::string_view value) {
  out += std::string(" ") + name + "=\"";
  for (const char c : tocsin::plain_text(value)) {
    if (c == '"' || c == '\\' || c == ']') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

// syslog counts down: 2 is critical, 3 error, 4 warning, 5 notice, 6 informational.
std::uint32_t level(tocsin::severity severity) {
  static constexpr std::array<std::uint32_t, 5> kLevels{6, 5, 4, 3, 2};
  return kLevels[std::min<std::size_t>(severity, kLevels.size() - 1)];
}

}  // namespace

std::string format_record(tocsin::message message, const Origin& origin) {
  const tocsin::event event = message.first();
  std::string out = '<' + std::to_string(origin.facility * 8 + level(event.severity())) + ">1 ";
  tocsin::append_iso8601(out, event.time_unix_ms());
  out += ' ' + printable(origin.host, 255) + ' ' + printable(origin.app, 48) + " - " +
         printable(event.type(), 32) + ' ';
  out += kElement;
  add_parameter(out, "delivery", message.id());  // by which a repetition is told
  add_parameter(out, "event", event.id());
  add_parameter(out, "severity", tocsin::severity_name(event.severity()));
  add_parameter(out, "source", event.source());
  add_parameter(out, "link", tocsin::web_link(event.link(), 2048));
  out += "] \xEF\xBB\xBF";  // what follows is UTF-8
  std::string text = tocsin::headline(message);
  const std::string summary = tocsin::plain_text(event.summary().substr(0, kMostRecord));
  if (!summary.empty()) text += ": " + summary;
  out += tocsin::cut_text(text, {.bytes = kMostRecord - out.size()});
  return out;
}

std::string frame(const std::string& record) {
  return std::to_string(record.size()) + ' ' + record;
}

}  // namespace syslog_channel
