// Reads a mail back as RFC 5322, 2045 and 2047 say, and says what it breaks. Knows nothing of the channel's
// sources.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_tests {

inline std::string decode_base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == kDigits.npos) continue;
    value = value << 6 | static_cast<unsigned>(digit);
    if ((bits += 6) >= 8) out.push_back(static_cast<char>(value >> (bits -= 8)));
  }
  return out;
}

// Encoded words decoded, the blanks between two of them gone.
inline std::string decode_words(std::string_view text) {
  std::string out;
  bool after_word = false;
  while (!text.empty()) {
    const auto blanks = std::min(text.find_first_not_of(' '), text.size());
    std::string_view rest = text.substr(blanks);
    const bool word = rest.starts_with("=?UTF-8?B?");
    if (!(after_word && word)) out += text.substr(0, blanks);
    after_word = word;
    if (word) {
      const auto end = rest.find("?=", 10);
      out += decode_base64(rest.substr(10, end - 10));
      text = rest.substr(end + 2);
    } else {
      const auto end = std::min(rest.find(' '), rest.size());
      out += rest.substr(0, end);
      text = rest.substr(end);
    }
  }
  return out;
}

inline std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out.push_back(text[i]);
    } else if (text.substr(i, 3) == "=\r\n") {
      i += 2;
    } else {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    }
  }
  return out;
}

struct Mail {
  std::string fault;                                // the first rule it breaks
  std::multimap<std::string, std::string> headers;  // unfolded and decoded
  std::string text, html;                           // decoded, LF

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

class MailReader {
 public:
  static Mail read(std::string_view bytes) {
    MailReader reader;
    reader.lines(bytes);
    const auto end = bytes.find("\r\n\r\n");
    if (end == bytes.npos) {
      reader.fail("no empty line after the headers");
    } else {
      reader.headers(bytes.substr(0, end + 2));
      reader.body(bytes.substr(end + 4));
    }
    return reader.mail_;
  }

 private:
  void fail(const std::string& why) {
    if (mail_.fault.empty()) mail_.fault = why;
  }
  void lines(std::string_view bytes) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const char c = bytes[i];
      if (static_cast<unsigned char>(c) >= 0x80) fail("a byte beyond ASCII");
      if (c == '\0') fail("a NUL");
      if (c == '\n' && (i == 0 || bytes[i - 1] != '\r')) fail("a bare LF");
      if (c == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) fail("a bare CR");
      if (c == '\n') {
        if (i - begin > 999) fail("a line over 998 octets");
        begin = i + 1;
      }
    }
    if (!bytes.ends_with("\r\n")) fail("the last line has no end");
  }
  void headers(std::string_view block) {
    std::string name, value;
    const auto keep = [&] {
      if (!name.empty()) mail_.headers.emplace(name, decode_words(value));
    };
    while (!block.empty()) {
      const std::string_view line = block.substr(0, block.find("\r\n"));
      block.remove_prefix(line.size() + 2);
      if (line.size() > 78 && line.find(' ', 1) != line.npos && !line.starts_with("Message-ID"))
        fail("a header line over 78: " + std::string(line));
      for (std::size_t word = line.find("=?"); word != line.npos; word = line.find("=?", word + 2)) {
        const auto end = line.find("?=", word + 10);
        if (end != line.npos && end + 2 - word > 75) fail("an encoded word over 75");
      }
      if (line.starts_with(' ') || line.starts_with('\t')) {
        value += line;
        continue;
      }
      keep();
      const auto colon = line.find(':');
      if (colon == line.npos || line.substr(0, colon).find(' ') != line.npos)
        fail("no header: " + std::string(line));
      name = line.substr(0, colon);
      value = line.size() > colon + 2 ? line.substr(colon + 2) : std::string_view{};
    }
    keep();
    for (const char* once :
         {"Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"}) {
      if (mail_.headers.count(once) != 1) fail(std::string("not exactly one ") + once);
    }
    for (const char* never : {"Bcc", "Cc", "Sender"}) {
      if (mail_.headers.contains(never)) fail(std::string("a header that was never meant: ") + never);
    }
  }
  void body(std::string_view body) {
    const std::string type = mail_.header("Content-Type");
    const auto at = type.find("boundary=\"");
    if (!type.starts_with("multipart/alternative") || at == type.npos)
      return fail("not multipart/alternative");
    const std::string mark = "--" + type.substr(at + 10, type.size() - at - 11);
    std::vector<std::string_view> parts;
    if (!body.starts_with(mark + "\r\n")) return fail("does not begin with its boundary");
    body.remove_prefix(mark.size() + 2);
    for (auto end = body.find("\r\n" + mark); end != body.npos; end = body.find("\r\n" + mark)) {
      parts.push_back(body.substr(0, end));
      body.remove_prefix(end + 2 + mark.size());
      if (body.starts_with("--")) break;
      body.remove_prefix(2);
    }
    if (parts.size() != 2 || body != "--\r\n") return fail("not two parts");
    mail_.text = part(parts[0], "text/plain; charset=utf-8");
    mail_.html = part(parts[1], "text/html; charset=utf-8");
  }
  std::string part(std::string_view part, std::string_view type) {
    const std::string head =
        "Content-Type: " + std::string(type) + "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    if (!part.starts_with(head)) fail("a part of another type");
    const std::string_view text = part.substr(std::min(head.size(), part.size()));
    std::size_t begin = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] != '\r') continue;
      if (i - begin > 76) fail("a quoted-printable line over 76");
      if (i > begin && (text[i - 1] == ' ' || text[i - 1] == '\t')) fail("a blank at a line's end");
      begin = i + 2;
    }
    std::string out = decode_quoted_printable(text);
    std::erase(out, '\r');
    return out;
  }

  Mail mail_;
};

}  // namespace smtp_tests
