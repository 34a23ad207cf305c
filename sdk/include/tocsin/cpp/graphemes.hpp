// tocsin/cpp/graphemes.hpp - shortening other people's text without breaking what a reader sees as one
// character.
//
// Why: every platform has length limits, events hold any text, and a flag or a family cut in half is garbage.
// It also takes out what would reach beyond the text itself: control characters and directional overrides.
// What it does not do: escape (cut the raw text first, then escape), or judge words and lines.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <tocsin/cpp/grapheme_table.hpp>
#include <tocsin/cpp/text.hpp>

namespace tocsin {
namespace detail {

// The code point of the valid sequence of `length` bytes at the front; U+FFFD where length is 0.
inline char32_t decode_utf8(std::string_view text, std::size_t length) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  switch (length) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
      return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    case 4:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    default:
      return 0xFFFD;
  }
}

inline cluster cluster_of(char32_t code) noexcept {
  if (code < 0xA0) return code < 0x20 || code >= 0x7F ? cluster::control : cluster::other;
  if (code >= 0xAC00 && code <= 0xD7A3)
    return (code - 0xAC00) % 28 == 0 ? cluster::hangul_lv : cluster::hangul_lvt;
  const auto* after =
      std::upper_bound(kClusterRanges.begin(), kClusterRanges.end(), code,
                       [](char32_t c, const cluster_range& range) { return c < range.first; });
  if (after == kClusterRanges.begin()) return cluster::other;
  const cluster_range& range = *(after - 1);
  return code - range.first <= range.length ? range.kind : cluster::other;
}

// Where clusters begin, told one code point at a time (UAX #29, rules GB3 to GB999).
class cluster_breaks {
 public:
  // Whether a boundary lies before `code`. Never before the first.
  bool before(char32_t code) noexcept {
    const cluster now = cluster_of(code);
    const bool boundary = started_ && splits(code, now);
    // A picture stays open over extending characters until a joiner; flags go in pairs.
    picture_ =
        now == cluster::picture || (picture_ && now == cluster::extend) || (picture_ && now == cluster::zwj);
    odd_flag_ = now == cluster::regional && (boundary || !odd_flag_);
    started_ = true;
    last_ = now;
    last_code_ = code;
    return boundary;
  }

 private:
  bool splits(char32_t code, cluster now) const noexcept {
    if (last_code_ == '\r' && code == '\n') return false;                                        // GB3
    if (last_ == cluster::control || now == cluster::control) return true;                       // GB4, GB5
    if (hangul_stays(now)) return false;                                                         // GB6 to GB8
    if (now == cluster::extend || now == cluster::zwj || now == cluster::spacing) return false;  // GB9, GB9a
    if (last_ == cluster::prepend) return false;                                                 // GB9b
    if (last_ == cluster::zwj && picture_ && now == cluster::picture) return false;              // GB11
    return !(last_ == cluster::regional && now == cluster::regional && odd_flag_);               // GB12, GB13
  }
  bool hangul_stays(cluster now) const noexcept {
    switch (last_) {
      case cluster::hangul_l:
        return now == cluster::hangul_l || now == cluster::hangul_v || now == cluster::hangul_lv ||
               now == cluster::hangul_lvt;
      case cluster::hangul_lv:
      case cluster::hangul_v:
        return now == cluster::hangul_v || now == cluster::hangul_t;
      case cluster::hangul_lvt:
      case cluster::hangul_t:
        return now == cluster::hangul_t;
      default:
        return false;
    }
  }
  bool started_ = false;
  bool picture_ = false;   // what came last is a picture, or extends one
  bool odd_flag_ = false;  // what came last is the first half of a flag
  cluster last_ = cluster::other;
  char32_t last_code_ = 0;
};

}  // namespace detail

// How many code points; a byte that is no UTF-8 counts as one.
inline std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    at += std::max<std::size_t>(utf8_length(text.substr(at)), 1);
  }
  return count;
}

// `text` as it is where it costs at most `most`, else its longest front that ends between two grapheme
// clusters and leaves room for `mark`, with `mark` behind it. `cost` says what one code point, given as its
// bytes, takes of the limit: 1, its length, its length once escaped. Where not even the first cluster fits (a
// letter under a thousand accents), it is cut between code points. "" where not even the mark fits.
template <class Cost>
std::string cut_text_by(std::string_view text, std::size_t most, Cost&& cost,
                        std::string_view mark = "\xE2\x80\xA6") {
  const auto step_at = [](std::string_view from) { return std::max<std::size_t>(utf8_length(from), 1); };
  std::size_t mark_cost = 0;
  for (std::size_t at = 0; at < mark.size();) {
    const std::size_t step = step_at(mark.substr(at));
    mark_cost += cost(mark.substr(at, step));
    at += step;
  }
  std::size_t used = 0, boundary = 0, inside = 0;  // the last places that leave room for the mark
  detail::cluster_breaks breaks;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const std::string_view bytes = text.substr(at, std::max<std::size_t>(length, 1));
    if (used + mark_cost <= most) {
      inside = at;
      if (breaks.before(detail::decode_utf8(bytes, length))) boundary = at;
    }
    used += cost(bytes);
    at += bytes.size();
    if (used > most) {
      if (mark_cost > most) return {};
      return std::string(text.substr(0, boundary > 0 ? boundary : inside)) + std::string(mark);
    }
  }
  return std::string(text);
}

// Limits of a text field. Both hold.
struct text_limit {
  std::size_t code_points = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

inline std::string cut_text(std::string_view text, text_limit most, std::string_view mark = "\xE2\x80\xA6") {
  std::string by_bytes = cut_text_by(
      text, most.bytes, [](std::string_view code_point) { return code_point.size(); }, mark);
  if (most.code_points >= by_bytes.size()) return by_bytes;
  // A mark that the first cut put at the end is within what the second one takes off.
  return cut_text_by(
      by_bytes, most.code_points, [](std::string_view) { return std::size_t{1}; }, mark);
}

// What may stand beside other text: no control character (line breaks and tabs become one blank, or stay line
// feeds where `lines`), no directional embedding, override or isolate, since one that is not closed would
// turn the text that follows; bytes that are no UTF-8 become U+FFFD. The marks that right-to-left text itself
// needs stay.
inline std::string plain_text(std::string_view text, bool lines = false) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const char32_t code = detail::decode_utf8(text.substr(at), length);
    const std::string_view bytes = text.substr(at, std::max<std::size_t>(length, 1));
    at += bytes.size();
    const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (code == '\n' && lines) {
      out.push_back('\n');
    } else if (code == '\n' || code == '\t' || code == 0x2028 || code == 0x2029) {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    } else if (code >= 0x20 && !(code >= 0x7F && code < 0xA0) && !direction) {
      out += bytes;
    }
  }
  return out;
}

}  // namespace tocsin
