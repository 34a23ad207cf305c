// Malformed and hostile bytes through a real socket: each gets the status that names what is wrong, as a
// problem document, and the server serves on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "net/http_server_fixture.hpp"

namespace tocsin::net {
namespace {

using std::string_literals::operator""s;

enum class Then { kCloses, kStays };

struct Case {
  std::string name;
  std::string bytes;
  int status = 400;
  Then then = Then::kCloses;
  bool end_sending = false;  // the client sends no more, and says so
};

std::string get(const std::string& headers) {
  return "GET / HTTP/1.1\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}
std::string line(const std::string& request_line) {
  return request_line + "\r\nHost: localhost\r\n\r\n";
}

std::vector<Case> host_cases() {
  return {
      {"no Host", get(""), 400},
      {"no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400},
      {"two Hosts", get("Host: localhost\r\nHost: localhost\r\n"), 400},
      {"two Hosts, one foreign", get("Host: localhost\r\nHost: evil.example\r\n"), 400},
      {"two Hosts in other letters", get("Host: localhost\r\nhOST: localhost\r\n"), 400},
      {"an empty Host", get("Host: \r\n"), 421},
      {"a foreign Host", get("Host: evil.example\r\n"), 421},
      {"a foreign Host with our port", get("Host: evil.example:80\r\n"), 421},
      {"a name that begins like ours", get("Host: localhost.evil.example\r\n"), 421},
      {"a name that ends like ours", get("Host: evil-localhost\r\n"), 421},
      {"a private address that is not ours", get("Host: 127.0.0.2\r\n"), 421},
      {"another loopback literal", get("Host: [::2]:80\r\n"), 421},
      {"a list of Hosts", get("Host: localhost, evil.example\r\n"), 400},
      {"userinfo in Host", get("Host: user@localhost\r\n"), 400},
      {"a path in Host", get("Host: localhost/x\r\n"), 400},
      {"a port that is no number", get("Host: localhost:http\r\n"), 400},
      {"a port that is too long", get("Host: localhost:123456\r\n"), 400},
      {"an unfinished bracket", get("Host: [::1\r\n"), 400},
      {"two ports", get("Host: localhost:1:2\r\n"), 400},
  };
}

std::vector<Case> line_cases() {
  return {
      {"an absolute-form target", line("GET http://localhost/ HTTP/1.1"), 400},
      {"an absolute-form target of another host", line("GET http://evil.example/ HTTP/1.1"), 400},
      {"an authority-form target", line("CONNECT localhost:443 HTTP/1.1"), 400},
      {"an asterisk target", line("OPTIONS * HTTP/1.1"), 400},
      {"a target without a slash", line("GET index HTTP/1.1"), 400},
      {"an empty target", line("GET  HTTP/1.1"), 400},
      {"a space in the target", line("GET /a b HTTP/1.1"), 400},
      {"a tab in the target", line("GET /a\tb HTTP/1.1"), 400},
      {"a NUL in the target", line("GET /a\0b HTTP/1.1"s), 400},
      {"a fragment in the target", line("GET /a#b HTTP/1.1"), 400},
      {"a non-ASCII target", line("GET /\xc3\xa9 HTTP/1.1"), 400},
      {"two spaces", line("GET  / HTTP/1.1"), 400},
      {"a trailing space", line("GET / HTTP/1.1 "), 400},
      {"no version", line("GET /"), 400},
      {"only a word", line("GET"), 400},
      {"version 2.0", line("GET / HTTP/2.0"), 505},
      {"version 1.2", line("GET / HTTP/1.2"), 505},
      {"version 0.9", line("GET / HTTP/0.9"), 505},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"a version in small letters", line("GET / http/1.1"), 400},
      {"a long version", line("GET / HTTP/1.10"), 400},
      {"another protocol's version", line("GET / ICY/1.1"), 400},
      {"a method with a colon", line("GE:T / HTTP/1.1"), 400},
      {"a method that is too long", line(std::string(40, 'A') + " / HTTP/1.1"), 400},
      {"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"white space first", line(" GET / HTTP/1.1"), 400},
      {"a request line over the limit", line("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414},
      {"a request line that never ends", "GET /" + std::string(20'000, 'a'), 414},
      {"a bare line feed after the line", "GET / HTTP/1.1\nHost: localhost\r\n\r\n", 400},
      {"only a line feed", "\n", 400},
  };
}

std::vector<Case> field_cases() {
  std::string many;
  for (int i = 0; i < 70; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  return {
      {"a folded header", get("Host: localhost\r\nX-A: 1\r\n 2\r\n"), 400},
      {"a header folded with a tab", get("Host: localhost\r\nX-A: 1\r\n\t2\r\n"), 400},
      {"a fold right after the request line", get(" X-A: 1\r\nHost: localhost\r\n"), 400},
      {"a space before the colon", get("Host : localhost\r\n"), 400},
      {"no colon", get("Host: localhost\r\nnonsense\r\n"), 400},
      {"an empty name", get("Host: localhost\r\n: value\r\n"), 400},
      {"a name with a space", get("Host: localhost\r\nX A: 1\r\n"), 400},
      {"a name with a NUL", get("Host: localhost\r\nX\0A: 1\r\n"s), 400},
      {"a NUL in a value", get("Host: localhost\r\nX-A: a\0b\r\n"s), 400},
      {"a bare CR in a value", get("Host: localhost\r\nX-A: a\rb\r\n"), 400},
      {"a bare CR before CR LF", get("Host: localhost\r\nX-A: a\r\r\n"), 400},
      {"an escape character in a value", get("Host: localhost\r\nX-A: \x1b[31m\r\n"), 400},
      {"a delete character in a value", get("Host: localhost\r\nX-A: a\x7f\r\n"), 400},
      {"a bare line feed after a header", "GET / HTTP/1.1\r\nHost: localhost\nX-A: 1\r\n\r\n", 400},
      {"a bare line feed as the last line", "GET / HTTP/1.1\r\nHost: localhost\r\n\n", 400},
      {"bare line feeds only", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"too many headers", get("Host: localhost\r\n" + many), 431},
      {"one long header", get("Host: localhost\r\nX-A: " + std::string(17'000, 'a') + "\r\n"), 431},
      {"a header that never ends", "GET / HTTP/1.1\r\nX-A: " + std::string(40'000, 'a'), 431},
      {"an unknown expectation", post("Expect: 200-ok\r\nContent-Length: 1\r\n", "a"), 417},
      {"an empty expectation", post("Expect:\r\nContent-Length: 1\r\n", "a"), 417},
  };
}

std::vector<Case> framing_cases() {
  return {
      {"two equal lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "a"), 400},
      {"two lengths that differ", post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"), 400},
      {"a list of lengths", post("Content-Length: 1, 1\r\n", "a"), 400},
      {"a signed length", post("Content-Length: +1\r\n", "a"), 400},
      {"a negative length", post("Content-Length: -1\r\n", "a"), 400},
      {"a hexadecimal length", post("Content-Length: 0x1\r\n", "a"), 400},
      {"an empty length", post("Content-Length:\r\n", "a"), 400},
      {"a length with a space inside", post("Content-Length: 1 1\r\n", "a"), 400},
      {"a length over the limit", post("Content-Length: 100001\r\n"), 413},
      {"a length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n"), 413},
      {"both framings", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {"both framings the other way",
       post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"a coding that ends like ours", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
      {"another coding", post("Transfer-Encoding: gzip\r\n"), 501},
      {"another coding below ours", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
      {"our coding twice in a list", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
      {"our coding in two fields",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"our coding with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 501},
      {"an empty coding", post("Transfer-Encoding:\r\n"), 400},
      {"the identity coding", post("Transfer-Encoding: identity\r\n"), 501},
      {"a vertical tab before the coding",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       400},
      {"a coding in HTTP/1.0",
       "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a chunk size that is no number", chunked("x\r\n\r\n"), 400},
      {"a negative chunk size", chunked("-1\r\n\r\n"), 400},
      {"an empty chunk size", chunked("\r\n\r\n"), 400},
      {"a chunk size with 0x", chunked("0x1\r\na\r\n0\r\n\r\n"), 400},
      {"a space before the chunk size", chunked(" 1\r\na\r\n0\r\n\r\n"), 400},
      {"a space after the chunk size", chunked("1 \r\na\r\n0\r\n\r\n"), 400},
      {"a huge chunk size", chunked("ffffffffffffffff\r\n"), 413},
      {"a chunk size beyond 64 bits", chunked("10000000000000000\r\n"), 413},
      {"a chunk size of many zeros", chunked(std::string(30, '0') + "1\r\na\r\n0\r\n\r\n"), 413},
      {"a chunk over the limit", chunked("186a1\r\n"), 413},
      {"chunks over the limit together", chunked("186a0\r\n" + std::string(100'000, 'a') + "\r\n1\r\n"), 413},
      {"a bare line feed after a chunk size", chunked("1\na\r\n0\r\n\r\n"), 400},
      {"a chunk longer than its size", chunked("1\r\nab\r\n0\r\n\r\n"), 400},
      {"a chunk without its CR LF", chunked("1\r\na0\r\n\r\n"), 400},
      {"a chunk extension that never ends", chunked("1;" + std::string(5000, 'x')), 400},
      {"a control character in a chunk extension", chunked("1;a=\x01\r\na\r\n0\r\n\r\n"), 400},
      {"a trailer that is no field", chunked("0\r\nnonsense\r\n\r\n"), 400},
      {"a trailer that would frame the message", chunked("0\r\nContent-Length: 5\r\n\r\n"), 400},
      {"a trailer that would authorize it", chunked("0\r\nauthorization: Bearer x\r\n\r\n"), 400},
      {"a folded trailer", chunked("0\r\nX-A: 1\r\n 2\r\n\r\n"), 400},
      {"half a request line", "GET / HT", 400, Then::kCloses, true},
      {"half a head", "GET / HTTP/1.1\r\nHost: localhost\r\n", 400, Then::kCloses, true},
      {"half a body", post("Content-Length: 10\r\n", "12345"), 400, Then::kCloses, true},
      {"half a chunked body", chunked("5\r\n12"), 400, Then::kCloses, true},
  };
}

std::vector<Case> served_cases() {
  return {
      {"an upgrade is ignored", get("Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"), 200,
       Then::kStays},
      {"one empty line first is forgiven", "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200,
       Then::kStays},
      {"a host with a port", get("Host: 127.0.0.1:8080\r\n"), 200, Then::kStays},
      {"an IPv6 host", get("Host: [::1]:8080\r\n"), 200, Then::kStays},
      {"a host in capitals", get("HOST: LOCALHOST\r\n"), 200, Then::kStays},
      {"a configured host", get("Host: alerts.internal:80\r\n"), 200, Then::kStays},
      {"HTTP/1.0 closes", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 200, Then::kCloses},
      {"HTTP/1.0 keeps on request", "GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
       200, Then::kStays},
      {"HTTP/1.0's expectation is ignored",
       "POST / HTTP/1.0\r\nHost: localhost\r\nExpect: x\r\nContent-Length: 1\r\n\r\na", 200, Then::kCloses},
      {"close on request", get("Host: localhost\r\nConnection: x, Close\r\n"), 200, Then::kCloses},
      {"an unknown method goes to the handler", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200,
       Then::kStays},
      {"UTF-8 in a header value", get("Host: localhost\r\nX-A: \xc3\xa9\r\n"), 200, Then::kStays},
      {"a chunked body with extensions and a trailer",
       chunked("3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Checksum: 1\r\n\r\n"), 200, Then::kStays},
      {"a coding in other letters", post("Transfer-Encoding: CHUNKED\r\n", "1\r\na\r\n0\r\n\r\n"), 200,
       Then::kStays},
      {"64 headers",
       [] {
         std::string headers = "Host: localhost\r\n";
         for (int i = 0; i < 63; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
         return get(headers);
       }(),
       200, Then::kStays},
      {"a body at the limit", post("Content-Length: 100000\r\n", std::string(100'000, 'a')), 200,
       Then::kStays},
      {"a chunked body at the limit", chunked("186a0\r\n" + std::string(100'000, 'a') + "\r\n0\r\n\r\n"), 200,
       Then::kStays},
  };
}

class HttpServerHostile : public HttpServerTest {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.body_bytes = 100'000;
    options.hosts = {"alerts.internal"};
    serve(options);
  }

  void check(const Case& tried) {
    SCOPED_TRACE(tried.name);
    RawClient peer = client();
    ASSERT_TRUE(peer.connected());
    peer.send(tried.bytes);
    if (tried.end_sending) peer.end_sending();
    const auto answer = peer.read_answer();
    ASSERT_TRUE(answer) << "no answer";
    EXPECT_EQ(answer->status, tried.status) << answer->body;
    if (tried.status >= 400) check_problem(*answer);
    if (tried.then == Then::kCloses) {
      EXPECT_EQ(answer->headers.count("connection"), 1u);
      EXPECT_EQ(answer->headers.at("connection"), "close");
      EXPECT_TRUE(peer.read_end());
    } else {
      EXPECT_TRUE(peer.send("GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      const auto again = peer.read_answer();
      ASSERT_TRUE(again) << "the connection did not stay";
      EXPECT_EQ(again->body, "GET /again 0");
    }
  }

  static void check_problem(const RawAnswer& answer) {
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    const boost::json::value problem = boost::json::parse(answer.body);
    EXPECT_EQ(problem.at("status").as_int64(), answer.status);
    EXPECT_TRUE(problem.at("type").as_string().starts_with("/problems/"));
    EXPECT_FALSE(problem.at("title").as_string().empty());
    EXPECT_FALSE(problem.at("detail").as_string().empty());
    EXPECT_TRUE(problem.at("instance").as_string().starts_with("req_"));
  }

  void check_all(const std::vector<Case>& cases) {
    for (const Case& tried : cases) check(tried);
    EXPECT_TRUE(still_serves());
  }
};

TEST_F(HttpServerHostile, RefusesHostsThatAreMissingDoubledOrNotOurs) {
  check_all(host_cases());
}
TEST_F(HttpServerHostile, RefusesRequestLinesThatAreNotExactlyOne) {
  check_all(line_cases());
}
TEST_F(HttpServerHostile, RefusesHeaderFieldsThatTwoParsersCouldReadDifferently) {
  check_all(field_cases());
}
TEST_F(HttpServerHostile, RefusesFramingThatCouldHideARequest) {
  check_all(framing_cases());
}
TEST_F(HttpServerHostile, ServesWhatIsUnusualButClear) {
  check_all(served_cases());
}

TEST_F(HttpServerHostile, RefusesTheSameWhateverCutsTheBytes) {
  for (const auto& cases : {host_cases(), line_cases(), field_cases(), framing_cases(), served_cases()}) {
    for (const Case& tried : cases) {
      if (tried.bytes.size() > 2000) continue;
      SCOPED_TRACE(tried.name);
      RawClient peer = client();
      peer.send_slowly(tried.bytes);
      if (tried.end_sending) peer.end_sending();
      const auto answer = peer.read_answer();
      ASSERT_TRUE(answer) << "no answer";
      EXPECT_EQ(answer->status, tried.status) << answer->body;
    }
  }
  EXPECT_TRUE(still_serves());
}

TEST_F(HttpServerHostile, NeverTreatsTheRestOfARefusedRequestAsARequest) {
  RawClient peer = client();
  peer.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto answer = peer.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 501);
  EXPECT_TRUE(peer.read_end());
}

TEST_F(HttpServerHostile, LetsAClientReadTheRefusalThoughItIsStillSending) {
  RawClient peer = client();
  // More than the socket buffers hold, so that an abrupt close would reset the answer away.
  ASSERT_TRUE(peer.send(post("Content-Length: 100000000\r\n")));
  const std::string part(64 << 10, 'a');
  for (int i = 0; i < 64 && peer.send(part); ++i) {
  }
  const auto answer = peer.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  check_problem(*answer);
}

}  // namespace
}  // namespace tocsin::net
