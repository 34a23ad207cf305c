// Cutting text on grapheme clusters, judged by perl's \X, which reads the same Unicode tables with other
// code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <random>
#include <tocsin/cpp/graphemes.hpp>
#include <vector>

namespace {

using tocsin::cut_text;
using tocsin::plain_text;

std::string encode(char32_t code) {
  std::string out;
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)),
        put(0x80 | (code & 0x3F));
  }
  return out;
}

// Byte lengths of the clusters, by the code under test.
std::vector<std::size_t> clusters_of(std::string_view text) {
  std::vector<std::size_t> lengths;
  tocsin::detail::cluster_breaks breaks;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = tocsin::utf8_length(text.substr(at));
    if (breaks.before(tocsin::detail::decode_utf8(text.substr(at), length))) {
      lengths.push_back(at - begin);
      begin = at;
    }
    at += length;
  }
  if (begin < text.size()) lengths.push_back(text.size() - begin);
  return lengths;
}

std::string hex(std::string_view text) {
  std::string out;
  char digits[3];
  for (const char c : text) {
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += digits;
  }
  return out;
}

// The same by perl, for each text.
std::vector<std::vector<std::size_t>> perl_clusters(const std::vector<std::string>& texts) {
  const std::string script =
      R"(perl -CS -ne 'chomp; my $t = pack "H*", $_; utf8::decode($t); print join(",", map { my $x = $_; utf8::encode($x); length $x } $t =~ /\X/g), "\n"' )";
  const std::string file = testing::TempDir() + "graphemes." + std::to_string(::getpid());
  std::FILE* input = std::fopen(file.c_str(), "w");
  for (const auto& text : texts) std::fprintf(input, "%s\n", hex(text).c_str());
  std::fclose(input);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen((script + file).c_str(), "r"), &::pclose);
  std::vector<std::vector<std::size_t>> all;
  std::vector<char> line(1 << 16);
  while (std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) != nullptr) {
    auto& lengths = all.emplace_back();
    for (char* at = line.data(); *at >= '0' && *at <= '9'; at += *at == ',') {
      lengths.push_back(std::strtoul(at, &at, 10));
    }
  }
  std::remove(file.c_str());
  return all;
}

// Characters of every class, more often than chance would bring them together.
std::string random_text(std::mt19937& random) {
  static const char32_t kSpecial[] = {'a',     ' ',     '\r',    '\n',    0x300,   0x301,  0x200D,
                                      0x1F1E6, 0x1F1FF, 0x1F468, 0x1F469, 0x1F3FD, 0xFE0F, 0x2764,
                                      0x600,   0x903,   0x1100,  0x1161,  0x11A8,  0xAC00, 0xAC01,
                                      0x0E33,  0x1F600, 0x20E3,  0xE0067, 0x94D,   0x915};
  std::string text;
  const std::size_t length = 1 + random() % 24;
  for (std::size_t i = 0; i < length; ++i) {
    char32_t code = kSpecial[random() % std::size(kSpecial)];
    if (random() % 5 == 0) {
      code = 0x20 + static_cast<char32_t>(random() % 0x2FFE0);
      if (code >= 0xD800 && code <= 0xDFFF) code = 0x41;
    }
    text += encode(code);
  }
  return text;
}

TEST(Graphemes, AreThoseThatPerlSees) {
  std::mt19937 random(20261127);
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back(random_text(random));
  const auto expected = perl_clusters(texts);
  ASSERT_EQ(expected.size(), texts.size()) << "perl, which every Debian has, did not answer";
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(clusters_of(texts[i]), expected[i]) << hex(texts[i]);
}

TEST(CutText, KeepsWhatFits) {
  EXPECT_EQ(cut_text("", {.code_points = 3}), "");
  EXPECT_EQ(cut_text("abc", {.code_points = 3}), "abc");
  EXPECT_EQ(cut_text("äöü", {.code_points = 3, .bytes = 6}), "äöü");
}

TEST(CutText, EndsBetweenClustersWithAMark) {
  struct Row {
    std::string text;
    std::size_t code_points;
    std::string expected;
  };
  const std::string family = "👨‍👩‍👧‍👦";  // seven code points
  const Row rows[] = {
      {"abcd", 3, "ab…"},
      {"äöüß", 3, "äö…"},
      {"de\u0301f", 3, "d…"},  // the accent stays with its letter
      {"de\u0301fg", 4, "de\u0301…"},
      {"x" + family + "y", 8, "x…"},
      {"x" + family + "yz", 9, "x" + family + "…"},
      {"🇩🇪🇫🇷🇮🇹", 5, "🇩🇪🇫🇷…"},  // flags go in pairs
      {"🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"},
      {"👍🏽👍🏽", 3, "👍🏽…"},  // a tone of skin belongs to its hand
      {"a\r\nb", 3, "a…"},
      {"한국어입니다", 3, "한국…"},
      {"abc", 1, "…"},
      {"abc", 0, ""},
  };
  for (const Row& row : rows) {
    const std::string cut = cut_text(row.text, {.code_points = row.code_points});
    EXPECT_EQ(cut, row.expected) << row.text << " at " << row.code_points;
  }
}

TEST(CutText, CountsBytesWhereThePlatformDoes) {
  EXPECT_EQ(cut_text("ääää", {.bytes = 7}), "ää…");
  EXPECT_EQ(cut_text("abcdef", {.bytes = 5}, "..."), "ab...");
  EXPECT_EQ(cut_text("abcdef", {.bytes = 2}), "");
}

TEST(CutText, CutsAClusterThatIsLongerThanTheLimit) {
  std::string zalgo = "a";
  for (int i = 0; i < 1000; ++i) zalgo += "\u0301";
  const std::string cut = cut_text(zalgo, {.code_points = 10});
  EXPECT_EQ(tocsin::count_code_points(cut), 10U);
  EXPECT_TRUE(cut.ends_with("…"));
}

TEST(CutText, IsAFrontOnABoundaryWithinTheLimitForAnyText) {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_text(random);
    const std::size_t points = random() % 20, bytes = random() % 60;
    const std::string cut = cut_text(text, {.code_points = points, .bytes = bytes});
    EXPECT_LE(tocsin::count_code_points(cut), points);
    EXPECT_LE(cut.size(), bytes);
    if (cut == text || cut.empty()) continue;
    ASSERT_TRUE(cut.ends_with("…"));
    const std::string_view front = std::string_view(cut).substr(0, cut.size() - 3);
    EXPECT_TRUE(std::string_view(text).starts_with(front));
    std::size_t at = 0;
    const auto lengths = clusters_of(text);
    for (const std::size_t length : lengths) {
      if (at >= front.size()) break;
      at += length;
    }
    EXPECT_TRUE(at == front.size() || front.size() < lengths[0]) << hex(text) << " cut to " << hex(front);
  }
}

TEST(PlainText, LeavesNothingThatReachesBeyondTheText) {
  EXPECT_EQ(plain_text("a\tb\nc"), "a b c");
  EXPECT_EQ(plain_text("a\nb\r\n", true), "a\nb\n");
  EXPECT_EQ(plain_text(std::string("a\0b\x1b[31m\x7f", 9)), "ab[31m");
  EXPECT_EQ(plain_text("invoice\u202Efdp.exe"), "invoicefdp.exe");
  EXPECT_EQ(plain_text("\u2066\u2067x\u2069\u202A\u202C"), "x");
  EXPECT_EQ(plain_text("שלום\u200F!"), "שלום\u200F!");
  EXPECT_EQ(plain_text("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(plain_text("a\u0085\u2028z"), "a z");
}

}  // namespace
