// See plain_text.hpp. The decoder knows RFC 3629's shortest forms only.
#include "plugin/plain_text.hpp"

#include <algorithm>
#include <cstring>

namespace tocsin::plugin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMaxCode = 64;

bool is_continuation(unsigned char c, unsigned char from = 0x80, unsigned char to = 0xBF) {
  return c >= from && c <= to;
}

// Length of the well-formed character at the start of `text`, 0 where there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(byte(1)) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned char from = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char to = first == 0xED ? 0x9F : 0xBF;
    return is_continuation(byte(1), from, to) && is_continuation(byte(2)) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char from = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char to = first == 0xF4 ? 0x8F : 0xBF;
    return is_continuation(byte(1), from, to) && is_continuation(byte(2)) && is_continuation(byte(3)) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string repair_text(std::string_view text, std::size_t most) {
  std::string out;
  out.reserve(std::min(text.size(), most));
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view piece = length == 0 ? kReplacement : text.substr(0, length);
    if (out.size() + piece.size() > most) break;
    out += piece;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::string repair_code(std::string_view code) {
  std::string out(code.substr(0, kMaxCode));
  for (char& c : out) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!fits) c = '_';
  }
  return out;
}

std::string text_of_array(const char* array, std::size_t size) {
  return repair_text(std::string_view(array, strnlen(array, size)), size);
}

}  // namespace tocsin::plugin
