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

}  // namespace slack
