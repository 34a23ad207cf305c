// tocsin/cpp/text.hpp - the few encodings every channel needs: JSON strings, base64, times, header text.
//
// Why: authors who lack them write them badly, and injection follows. What it does not do: parse anything.
#pragma once

#include <tocsin/types.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

inline tocsin_str c_str(std::string_view text) noexcept {
  return tocsin_string(text.data(), text.size());
}
inline std::string_view view(tocsin_str s) noexcept {
  return s.ptr == nullptr ? std::string_view{} : std::string_view{s.ptr, s.len};
}

// The length of the valid UTF-8 sequence at the front of `text`, 0 where there is none.
inline std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD.
inline void append_json(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const std::size_t length = utf8_length(text.substr(i));
      if (length == 0) {
        out += "\xEF\xBF\xBD";
        ++i;
      } else {
        out += text.substr(i, length);
        i += length;
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          out += "\\u00";
          out.push_back(kHex[byte >> 4]);
          out.push_back(kHex[byte & 15]);
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

inline std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json(out, text);
  return out;
}

// A flat JSON object in the order of the calls; raw() takes text that is JSON already.
class json_object {
 public:
  json_object&& text(std::string_view key, std::string_view value) {
    name(key);
    append_json(out_, value);
    return std::move(*this);
  }
  json_object&& number(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }
  json_object&& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  json_object&& raw(std::string_view key, std::string_view json) {
    name(key);
    out_ += json;
    return std::move(*this);
  }
  std::string str() const { return out_.empty() ? "{}" : out_ + "}"; }

 private:
  void name(std::string_view key) {
    out_.push_back(out_.empty() ? '{' : ',');
    append_json(out_, key);
    out_.push_back(':');
  }
  std::string out_;
};

// "[a,b]" of values that are JSON already.
class json_array {
 public:
  void add(std::string_view json) {
    if (!out_.empty()) out_.push_back(',');
    out_ += json;
  }
  bool empty() const noexcept { return out_.empty(); }
  std::size_t bytes() const noexcept { return out_.size(); }  // without the brackets
  std::string str() const { return '[' + out_ + ']'; }

 private:
  std::string out_;
};

// Standard alphabet, padded.
inline void append_base64(std::string& out, std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t word = (std::uint32_t{bytes[i]} << 16) |
                               (left > 1 ? std::uint32_t{bytes[i + 1]} << 8 : 0U) |
                               (left > 2 ? std::uint32_t{bytes[i + 2]} : 0U);
    out.push_back(kDigits[word >> 18]);
    out.push_back(kDigits[(word >> 12) & 63]);
    out.push_back(left > 1 ? kDigits[(word >> 6) & 63] : '=');
    out.push_back(left > 2 ? kDigits[word & 63] : '=');
  }
}

// "2026-11-23T08:00:00.000Z" from milliseconds since 1970 UTC. Written out, because strftime asks the locale
// and takes the time zone lock. Civil date from days: Howard Hinnant's algorithm.
inline void append_iso8601(std::string& out, std::int64_t unix_ms) {
  std::int64_t days = unix_ms / 86'400'000;
  std::int64_t rest = unix_ms % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t doe = days - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const std::int64_t day = doy - (153 * mp + 2) / 5 + 1;
  const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const auto digits = [&out](std::int64_t value, int width) {
    std::array<char, 20> text{};
    for (int i = width - 1; i >= 0; --i, value /= 10)
      text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    out.append(text.data(), static_cast<std::size_t>(width));
  };
  digits(year, 4);
  out.push_back('-');
  digits(month, 2);
  out.push_back('-');
  digits(day, 2);
  out.push_back('T');
  digits(rest / 3'600'000, 2);
  out.push_back(':');
  digits(rest / 60'000 % 60, 2);
  out.push_back(':');
  digits(rest / 1000 % 60, 2);
  out.push_back('.');
  digits(rest % 1000, 3);
  out.push_back('Z');
}

// A header value that can always be sent: printable ASCII stays as it is, controls become spaces, the ends
// are trimmed, and a value with other characters is written as one RFC 2047 encoded-word.
inline std::string header_text(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  std::string out{value};
  bool ascii = true;
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) ascii = false;
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  if (ascii) {
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out.substr(std::min(out.find_first_not_of(' '), out.size()));
  }
  std::string word = "=?UTF-8?B?";
  append_base64(word, {reinterpret_cast<const std::uint8_t*>(out.data()), out.size()});
  return word + "?=";
}

}  // namespace tocsin
