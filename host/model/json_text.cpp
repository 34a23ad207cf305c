// See json_text.hpp.
#include "model/json_text.hpp"

#include <cstdint>
#include <cstring>

namespace tocsin {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Which bytes are below `limit` (1..128), as their high bits; exact up to the first hit.
constexpr std::uint64_t bytes_below(std::uint64_t bytes, std::uint64_t limit) {
  return (bytes - kOnes * limit) & ~bytes & kHighBits;
}

// How many of the first bytes go out as they are, counted in steps of eight: titles and payloads are mostly
// that, and one look at eight bytes costs what a look at one does.
std::size_t count_plain(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, 8);
    const std::uint64_t quotes = bytes_below(bytes ^ (kOnes * '"'), 1);
    const std::uint64_t slashes = bytes_below(bytes ^ (kOnes * '\\'), 1);
    if ((bytes_below(bytes, 0x20) | quotes | slashes) != 0) break;
  }
  return at;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = count_plain(text); i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, i - from);
    from = i + 1;
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
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, from);
  out += '"';
}

void append_json_texts(std::string& out, std::span<const std::string> texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, texts[i]);
  }
  out += ']';
}

}  // namespace tocsin
