// The strict reader beside Beast's: whatever ours lets through, another parser reads the same way, however
// the bytes are bent and cut.
#include "net/request_head.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "net/chunked_body.hpp"

namespace tocsin::net {
namespace {

namespace http = boost::beast::http;

struct Read {
  HttpRequest request;
  Framing framing;
  std::size_t start = 0;  // after an empty line, which Beast would not forgive
  std::size_t used = 0;
};

// One whole request from the front of `bytes`, given in pieces of `piece` bytes; nullopt: refused or
// unfinished.
std::optional<Read> read_ours(const std::string& bytes, std::size_t piece) {
  Read read;
  HeadScanner scanner;
  std::size_t given = 0;
  while (scanner.end() == 0) {
    if (given == bytes.size()) return std::nullopt;
    given = std::min(given + piece, bytes.size());
    if (scanner.scan(std::string_view(bytes).substr(0, given), {})) return std::nullopt;
  }
  const auto head = std::string_view(bytes).substr(0, scanner.end()).substr(scanner.start());
  if (read_head(head, nullptr, read.request, read.framing)) return std::nullopt;
  read.start = scanner.start();
  read.used = scanner.end();
  if (!read.framing.chunked) {
    if (bytes.size() - read.used < read.framing.length) return std::nullopt;
    read.request.body = bytes.substr(read.used, static_cast<std::size_t>(read.framing.length));
    read.used += static_cast<std::size_t>(read.framing.length);
    return read;
  }
  ChunkedBody chunks;
  given = read.used;
  while (!chunks.done()) {
    if (given == bytes.size()) return std::nullopt;
    given = std::min(given + piece, bytes.size());
    std::size_t used = 0;
    const auto rest = std::string_view(bytes).substr(0, given).substr(read.used);
    if (chunks.take(rest, 1 << 20, read.request.body, used)) return std::nullopt;
    read.used += used;
  }
  return read;
}

void expect_beast_agrees(const std::string& bytes, const Read& ours) {
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(bytes) + ours.start, error);
  ASSERT_FALSE(error) << error.message() << "\n" << bytes;
  ASSERT_TRUE(parser.is_done()) << bytes;
  EXPECT_EQ(used + ours.start, ours.used) << bytes;
  EXPECT_EQ(parser.get().method_string(), ours.request.method) << bytes;
  EXPECT_EQ(parser.get().body(), ours.request.body) << bytes;
  const std::string target(parser.get().target());
  const std::size_t question = std::min(target.find('?'), target.size());
  EXPECT_EQ(target.substr(0, question), ours.request.path) << bytes;
  EXPECT_EQ(target.substr(std::min(question + 1, target.size())), ours.request.query) << bytes;
  EXPECT_EQ(parser.keep_alive(), ours.framing.keep_alive) << bytes;
  // Beast puts fields of one name together, so the order is not compared.
  std::multiset<std::string> ours_fields;
  std::multiset<std::string> beast_fields;
  for (const Header& header : ours.request.headers) ours_fields.insert(header.name + ": " + header.value);
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    beast_fields.insert(name + ": " + std::string(field.value()));
  }
  if (ours.framing.chunked) {  // Beast takes trailers for headers, ours drops them
    EXPECT_TRUE(
        std::includes(beast_fields.begin(), beast_fields.end(), ours_fields.begin(), ours_fields.end()))
        << bytes;
  } else {
    EXPECT_EQ(ours_fields, beast_fields) << bytes;
  }
}

const std::vector<std::string> kSeeds = {
    "GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /v1/events HTTP/1.1\r\nHost: localhost:80\r\nContent-Length: 11\r\nX-A:\t b \r\n\r\nhello world",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
    "world\r\n0\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    "PUT /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
};

TEST(RequestHead, ReadsTheSameAsBeastWhateverItLetsThrough) {
  std::mt19937 random(20'261'123);
  const std::string alphabet = std::string("\0\t\n\r :;,=/?#", 12) + "aA019xhc\x7f\x80\xff";
  int accepted = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string bytes = kSeeds[random() % kSeeds.size()];
    for (std::size_t edits = random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % bytes.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          bytes[at] = c;
          break;
        case 1:
          bytes.insert(at, 1, c);
          break;
        case 2:
          bytes.erase(at, 1 + random() % 3);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 30));
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    const auto whole = read_ours(bytes, bytes.size());
    const auto cut = read_ours(bytes, 1 + random() % 7);
    ASSERT_EQ(whole.has_value(), cut.has_value()) << bytes;
    if (!whole) continue;
    ++accepted;
    EXPECT_EQ(whole->used, cut->used) << bytes;
    EXPECT_EQ(whole->request.body, cut->request.body) << bytes;
    expect_beast_agrees(bytes, *whole);
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, 5'000);  // else the mutations say nothing
}

TEST(HostList, AnswersToLoopbackAndConfiguredNamesOnly) {
  const HostList hosts({"Alerts.Internal", "[fd00::1]"});
  for (const char* ours : {"127.0.0.1", "127.0.0.1:1", "localhost", "LocalHost:65535", "[::1]", "[::1]:80",
                           "alerts.internal", "ALERTS.INTERNAL:8080", "[FD00::1]:1", "localhost:"}) {
    EXPECT_FALSE(hosts.check(ours)) << ours;
  }
  for (const char* foreign : {"", ":80", "evil.example", "localhost.", "0.0.0.0", "[::]", "internal", "*"}) {
    const auto refusal = hosts.check(foreign);
    ASSERT_TRUE(refusal) << foreign;
    EXPECT_TRUE(refusal->status == 421 || refusal->status == 400) << foreign;
  }
  EXPECT_FALSE(HostList({"*"}).check("anything.example:80"));
  EXPECT_EQ(HostList({"*"}).check("any thing")->status, 400);
}

}  // namespace
}  // namespace tocsin::net
