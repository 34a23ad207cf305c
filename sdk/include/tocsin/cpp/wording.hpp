// tocsin/cpp/wording.hpp - what people read of an event, in the same words on every channel, and two small
// readers.
//
// Why: every chat and mail channel names severities, times and digests, needs a link that is safe to put
// anywhere, and looks for one word in an answer. What it does not do: know a platform's markup or limits.
#pragma once

#include <tocsin/cpp/graphemes.hpp>
#include <tocsin/cpp/views.hpp>

namespace tocsin {

// "Critical"
inline std::string_view severity_word(severity value) noexcept {
  static constexpr std::array<std::string_view, 5> kWords{"Info", "Low", "Medium", "High", "Critical"};
  return kWords[std::min<std::size_t>(value, kWords.size() - 1)];
}

inline severity worst_severity(message m) noexcept {
  severity worst = m.first().severity();
  for (std::size_t i = 1; i < m.size(); ++i) worst = std::max(worst, m[i].severity());
  return worst;
}

// "3 critical, 1 low": how many events of each severity, the worst first.
inline std::string count_severities(message m) {
  std::array<std::size_t, 5> counts{};
  for (std::size_t i = 0; i < m.size(); ++i)
    ++counts[std::min<std::size_t>(m[i].severity(), counts.size() - 1)];
  std::string text;
  for (std::size_t i = counts.size(); i-- > 0;) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(counts[i]) + ' ';
    text += severity_name(static_cast<severity>(i));
  }
  return text;
}

// The title on one line without controls; where that is blank, the event's type. At most 16 KiB of it are
// looked at.
inline std::string title_of(const event& e) {
  std::string title = plain_text(e.title().substr(0, 16'384));
  return title.find_first_not_of(' ') == title.npos ? plain_text(e.type()) : title;
}

// The title, or how many events a digest has; says so where it is only a test.
inline std::string headline(message m) {
  std::string text = m.size() == 1 ? title_of(m.first()) : std::to_string(m.size()) + " alerts";
  return m.is_test() ? "Test: " + text : text;
}

// "Event evt_…, delivery dlv_…" or "Digest dlv_…": the ids by which people find a repetition on a platform
// that cannot tell one. Says so where it is only a test.
inline std::string reference_line(message m) {
  std::string text = m.is_test() ? "Sent to test this channel; nothing has happened. " : "";
  text += m.size() == 1 ? "Event " + std::string(m.first().id()) + ", delivery " : "Digest ";
  return text += m.id();
}

// "2026-11-23 08:00:00 UTC"
inline std::string utc_text(std::int64_t unix_ms) {
  std::string iso;
  append_iso8601(iso, unix_ms);
  return iso.substr(0, 10) + ' ' + iso.substr(11, 8) + " UTC";
}

// The link as it can stand in any markup: http or https with a host, every byte that is not part of a URL
// percent-encoded (quotes, angle brackets, bars, blanks, anything beyond ASCII); "" where it is none, or is
// longer than `most` bytes.
inline std::string web_link(std::string_view link, std::size_t most) {
  const std::size_t scheme = link.starts_with("https://") ? 8 : link.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || link.size() == scheme || link[scheme] == '/' || link.size() > most) return {};
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kKept = "-._~:/?#[]@!$&'()*+,;=%";
  std::string out;
  for (const char c : link) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kKept.find(c) != kKept.npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out.size() <= most ? out : std::string();
}

// The first text member of that name at any depth, as it is written (escapes not undone); "" where there is
// none. For finding a word in a provider's answer, which may be cut off or no JSON at all.
inline std::string_view peek_json_text(std::string_view json, std::string_view member) {
  const std::string quoted = '"' + std::string(member) + '"';
  for (auto at = json.find(quoted); at != json.npos; at = json.find(quoted, at + 1)) {
    if (at > 0 && json[at - 1] == '\\') continue;  // within another text
    std::string_view rest = json.substr(at + quoted.size());
    const auto skip_blanks = [&rest] {
      while (!rest.empty() && static_cast<unsigned char>(rest.front()) <= ' ') rest.remove_prefix(1);
    };
    skip_blanks();
    if (rest.empty() || rest.front() != ':') continue;
    rest.remove_prefix(1);
    skip_blanks();
    if (rest.empty() || rest.front() != '"') continue;
    for (std::size_t end = 1; end < rest.size(); ++end) {
      if (rest[end] == '"') return rest.substr(1, end - 1);
      if (rest[end] == '\\') ++end;
    }
  }
  return {};
}

}  // namespace tocsin
