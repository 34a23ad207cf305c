// See rendered_text.hpp.
#include "conformance/rendered_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <vector>

#include "security/signature.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostLine = 200;
constexpr std::size_t kMostLines = 80;

// How many bytes the character at the front of `text` has; 0: it is none.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void lay_out(const json::value& value, const std::string& indent, std::string& out) {
  const std::string deeper = indent + "  ";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    const char* before = "{\n";
    for (const auto& member : *object) {
      out += before + deeper + json::serialize(json::value(member.key())) + ": ";
      lay_out(member.value(), deeper, out);
      before = ",\n";
    }
    out += '\n' + indent + '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    const char* before = "[\n";
    for (const auto& item : *array) {
      out += before + deeper;
      lay_out(item, deeper, out);
      before = ",\n";
    }
    out += '\n' + indent + ']';
  } else {
    out += json::serialize(value);
  }
}

std::string hash_of(std::string_view text) {
  std::string out;
  for (const std::uint8_t byte : security::sha256(text)) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned>(byte));
    out += pair;
  }
  return out;
}

}  // namespace

std::string to_ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    char escaped[16];
    if (length == 1 && lead >= 0x20 && lead < 0x7F) {
      out.push_back(text[0]);
    } else if (length == 0) {
      std::snprintf(escaped, sizeof escaped, "\\x{%02X}", static_cast<unsigned>(lead));
      out += escaped;
    } else {
      std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
      for (std::size_t i = 1; i < length; ++i)
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
      std::snprintf(escaped, sizeof escaped, "\\u{%X}", static_cast<unsigned>(code));
      out += escaped;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

void RenderedText::line(std::string_view text) {
  std::string ascii = to_ascii(text.substr(0, kMostLine * 4));
  const bool cut = ascii.size() > kMostLine || text.size() > kMostLine * 4;
  if (cut) ascii.resize(std::min(ascii.size(), kMostLine));
  while (!cut && ascii.ends_with(' ')) ascii.pop_back();  // an editor would take them away
  out_ += ascii + (cut ? "..." : "") + '\n';
}

void RenderedText::body(std::string_view text) {
  if (text.empty()) return;
  line("  " + std::to_string(text.size()) + " bytes, sha256 " + hash_of(text));
  std::string laid_out;
  json::error_code error;
  const auto value = json::parse({text.data(), text.size()}, error);
  if (!error) {
    lay_out(value, "", laid_out);
    text = laid_out;
  }
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    if (lines == kMostLines) {
      line("    ... and more");
      return;
    }
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line("    " + std::string(one));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

}  // namespace tocsin::conformance
