// See markup.hpp.
#include "markup.hpp"

#include <tocsin/cpp/graphemes.hpp>

namespace slack {

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;  // four bytes are a surrogate pair
  }
  return units;
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::size_t escaped_units(std::string_view code_point) {
  switch (code_point.front()) {
    case '&':
      return 5;
    case '<':
    case '>':
      return 4;
    default:
      return code_point.size() == 4 ? 2 : 1;
  }
}

std::string cut_escaped(std::string_view clean, std::size_t most, std::string_view mark) {
  return escape(tocsin::cut_text_by(clean, most, escaped_units, mark));
}

std::string escape_within(std::string_view text, std::size_t most, bool lines) {
  // No character has more than four bytes, so what is far beyond the limit need not be looked at.
  return cut_escaped(tocsin::plain_text(text.substr(0, 16 * most), lines), most);
}

std::string link_url(std::string_view link, std::size_t most) {
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

}  // namespace slack
