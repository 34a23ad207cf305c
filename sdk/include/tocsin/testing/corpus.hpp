// tocsin/testing/corpus.hpp - about 40 messages that every channel must render: ordinary, bare, oversized,
// hostile, tests and digests.
//
// Why: `tocsin plugin validate` sends these, and a channel's own tests can send the same and look at what
// came of them. What it does not do: judge. The last ten are drawn from `seed`; the same seed draws the same.
#pragma once

#include <random>
#include <tocsin/testing/documents.hpp>
#include <tocsin/testing/hostile_texts.hpp>

namespace tocsin::testing {

struct corpus_message {
  std::string name;  // "hostile:17", to find it again
  sample_message message;
};

namespace detail {

inline sample_message numbered(std::size_t number) {
  sample_message m;
  m.event_id = "evt_" + std::to_string(number + 1);
  m.id = "dlv_" + std::to_string(1000 + number);
  m.json = R"({"id":")" + m.event_id + R"(","type":"finding.created"})";
  return m;
}

inline sample_message bare(std::size_t number) {
  sample_message m = numbered(number);
  m.title = m.summary = m.link = m.source = "";
  return m;
}

// Every free text of an event is `text`. A source is [a-z0-9_.-] and a link http or https: the host sees to
// it.
inline sample_message filled(std::size_t number, const std::string& text) {
  const auto cut = [&](std::size_t most) {
    std::size_t length = std::min(text.size(), most);
    while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
      --length;
    return text.substr(0, length);
  };
  sample_message m = numbered(number);
  m.title = cut(1024);
  m.summary = cut(65'536);
  m.source = repeat("s", 64);
  m.labels = {{"text", cut(256)}};
  return m;
}

inline std::string draw_text(std::mt19937_64& draw) {
  static const std::vector<std::string> kPieces{"a",
                                                " ",
                                                "\n",
                                                "\"",
                                                "\\",
                                                "<",
                                                ">",
                                                "&",
                                                "*",
                                                "_",
                                                "`",
                                                "|",
                                                "]",
                                                "(",
                                                "@",
                                                "#",
                                                "é",
                                                "漢",
                                                "👩‍👩‍👧",
                                                "\t",
                                                "\r\n",
                                                "{{",
                                                "%"};
  std::string text;
  for (std::size_t left = draw() % 2000; left > 0; --left) text += kPieces[draw() % kPieces.size()];
  return text;
}

}  // namespace detail

// A type with TOCSIN_TAKES_DIGESTS gets digests too.
inline std::vector<corpus_message> golden_corpus(std::uint64_t seed, bool with_digests) {
  std::vector<corpus_message> out;
  const auto add = [&](std::string name, sample_message m) {
    out.push_back({std::move(name), std::move(m)});
  };
  for (std::uint32_t severity = TOCSIN_INFO; severity <= TOCSIN_CRITICAL; ++severity) {
    sample_message m = detail::numbered(out.size());
    m.severity = severity;
    m.category = 1 + severity % 3;
    m.labels = {{"env", "prod"}, {"region", "eu-central-1"}};
    add("severity:" + std::string(severity_name(static_cast<tocsin::severity>(severity))), m);
  }
  add("bare", detail::bare(out.size()));
  sample_message test = detail::numbered(out.size());
  test.flags = TOCSIN_TEST;
  add("test", test);
  sample_message again = detail::numbered(out.size());
  again.attempt = 7;
  add("seventh attempt", again);
  sample_message data = detail::numbered(out.size());
  data.data = R"({"rows":[{"name":"a","size":1.5e300,"ok":true,"none":null}],"é":"\u0000"})";
  add("data", data);
  sample_message labels = detail::numbered(out.size());
  for (int i = 0; i < 64; ++i) labels.labels.emplace_back("label-" + std::to_string(i), repeat("v", 256));
  add("64 labels", labels);
  sample_message ages = detail::numbered(out.size());
  ages.time_unix_ms = 0;
  add("1970", ages);
  ages.time_unix_ms = 253'402'300'799'999;
  add("9999", ages);
  const std::string links[] = {"http://user:pass@example.com:8443/a?b=c#d", "https://example.com/|'()*`[]{}^",
                               "https://example.com/\u00fc\u202e?q={{title}}",
                               "https://example.com/" + repeat("p", 2000)};
  for (std::size_t i = 0; i < std::size(links); ++i) {
    sample_message m = detail::numbered(out.size());
    m.link = links[i];
    add("link:" + std::to_string(i), m);
  }
  // Every third hostile text: the whole list is there for a channel's own tests.
  const auto texts = hostile_texts();
  for (std::size_t i = 0; i < texts.size(); i += 3)
    add("hostile:" + std::to_string(i), detail::filled(out.size(), texts[i]));
  if (with_digests) {
    for (const std::size_t size : {2U, 50U, 1000U}) {
      sample_message m = detail::numbered(out.size());
      m.flags = TOCSIN_DIGEST;
      for (std::size_t i = 1; i < size; ++i) m.more.push_back(detail::filled(i, texts[i % 20]));
      add("digest of " + std::to_string(size), std::move(m));
    }
  }
  std::mt19937_64 draw(seed);
  for (int i = 0; i < 10; ++i)
    add("drawn:" + std::to_string(i), detail::filled(out.size(), detail::draw_text(draw)));
  return out;
}

}  // namespace tocsin::testing
