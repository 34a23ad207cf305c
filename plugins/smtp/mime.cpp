// See mime.hpp.
#include "mime.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/graphemes.hpp>

namespace smtp {
namespace {

constexpr std::size_t kColumns = 78;
// "=?UTF-8?B?" and "?=" around 52 digits make 64 columns; with "Subject: " in front still under 78.
constexpr std::size_t kWordBytes = 39;

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

// Breaks at blanks so that no line is longer than kColumns; false where a word alone is.
bool fold(std::string& out, std::string_view value) {
  std::size_t column = out.size();
  while (!value.empty()) {
    const auto blank = value.find(' ', 1);
    const std::string_view word = value.substr(0, blank);
    if (column + word.size() > kColumns && word.front() == ' ') {
      out += "\r\n";
      column = 0;
    }
    if (column + word.size() > kColumns) return false;
    out += word;
    column += word.size();
    value.remove_prefix(word.size());
  }
  return true;
}

// Blanks between the words: header() folds there.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t take = 0;
    while (take < text.size()) {
      const std::size_t length = std::max<std::size_t>(tocsin::utf8_length(text.substr(take)), 1);
      if (take + length > kWordBytes) break;
      take += length;
    }
    out += out.empty() ? "=?UTF-8?B?" : " =?UTF-8?B?";
    tocsin::append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), take});
    out += "?=";
    text.remove_prefix(take);
  }
  return out;
}

// A run of blanks at a fold, or at an end, would not come back as it was.
bool survives_folding(std::string_view text) {
  return is_plain(text) && text.find("=?") == text.npos && text.find("  ") == text.npos &&
         (text.empty() || (text.front() != ' ' && text.back() != ' '));
}

}  // namespace

std::string header(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + ":";
  // One token that is too long for a line stays whole: a limit wished for, not one that breaks anything.
  if (!fold(out, ' ' + std::string(value))) out = std::string(name) + ": " + std::string(value);
  return out + "\r\n";
}

std::string text_header(std::string_view name, std::string_view text) {
  const std::string clean = tocsin::plain_text(text);
  if (survives_folding(clean)) {
    std::string out = std::string(name) + ":";
    if (fold(out, ' ' + clean)) return out + "\r\n";
  }
  return header(name, encoded_words(clean));
}

std::string display_name(std::string_view name) {
  const std::string clean = tocsin::plain_text(name);
  if (!is_plain(clean) || clean.find("=?") != clean.npos || clean.size() > 60) return encoded_words(clean);
  std::string out = "\"";
  for (const char c : clean) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

std::string quoted_printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  constexpr std::size_t kLine = 75;  // and the "=" of a soft break
  std::string out;
  std::size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > kLine) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      out += "\r\n";
      column = 0;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool last = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
    const bool blank = c == ' ' || c == '\t';
    // A leading dot and a leading "From " are left to nobody's mercy on the way.
    const bool risky = column == 0 && (c == '.' || text.substr(i, 5) == "From ");
    if ((byte > 0x20 && byte < 0x7F && c != '=' && !risky) || (blank && !last)) {
      put({&c, 1});
    } else {
      const char code[] = {'=', kHex[byte >> 4], kHex[byte & 15]};
      put({code, sizeof code});
    }
  }
  if (column > 0 || out.empty()) out += "\r\n";
  return out;
}

std::string mail_date(std::int64_t unix_ms) {
  static constexpr std::array kDays{"Thu", "Fri", "Sat", "Sun",
                                    "Mon", "Tue", "Wed"};  // 1970 began on a Thursday
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string iso;
  tocsin::append_iso8601(iso, unix_ms);
  const std::int64_t days = unix_ms / 86'400'000 - (unix_ms % 86'400'000 < 0 ? 1 : 0);
  const auto weekday = static_cast<std::size_t>(((days % 7) + 7) % 7);
  const auto month = static_cast<std::size_t>((iso[5] - '0') * 10 + (iso[6] - '0') - 1);
  return std::string(kDays[weekday]) + ", " + iso.substr(8, 2) + ' ' + kMonths[month] + ' ' +
         iso.substr(0, 4) + ' ' + iso.substr(11, 8) + " +0000";
}

}  // namespace smtp
