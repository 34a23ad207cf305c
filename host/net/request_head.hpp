// Reads the head of an HTTP/1.1 request strictly: what two parsers could read differently is refused here,
// not guessed at. Pure: bytes in, a request or a refusal out; no sockets, no clock. Why this is ours and not
// a library's: docs/decisions/0008-own-request-reader.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.hpp"

namespace tocsin::net {

// Why a request is not let through, as a problem document says it. The texts are constants.
struct Refusal {
  int status = 400;
  std::string_view kind = "bad-request";
  std::string_view detail;
};

struct HeadLimits {
  std::size_t line_bytes = 8 << 10;
  std::size_t header_bytes = 16 << 10;
  std::size_t header_count = 64;
};

// Finds where the head ends, looking at each byte once however it is cut into reads.
class HeadScanner {
 public:
  // `buffer` is everything received of this request so far. nullopt and end() == 0: more is needed.
  [[nodiscard]] std::optional<Refusal> scan(std::string_view buffer, const HeadLimits& limits);
  // Where the request line starts (one empty line before it is forgiven) and where the body does.
  [[nodiscard]] std::size_t start() const { return start_; }
  [[nodiscard]] std::size_t end() const { return end_; }

 private:
  [[nodiscard]] std::optional<Refusal> check_unfinished(std::string_view buffer,
                                                        const HeadLimits& limits) const;

  std::size_t start_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  std::size_t fields_start_ = 0;  // 0: the request line is not complete
  std::size_t fields_ = 0;
};

// The Host names this server answers to. Against DNS rebinding: a browser that was lured to a foreign name
// still sends that name.
class HostList {
 public:
  // Loopback names are always in it; "*" lets any well-formed name through.
  explicit HostList(const std::vector<std::string>& further);
  // nullopt: allowed. 400 where the value is not host[:port], 421 where the name is not ours.
  [[nodiscard]] std::optional<Refusal> check(std::string_view host) const;

 private:
  std::vector<std::string> names_;
  bool any_ = false;
};

// How the rest of the request is framed and what becomes of the connection.
struct Framing {
  bool chunked = false;
  std::uint64_t length = 0;
  bool expect_continue = false;
  bool keep_alive = true;
  bool http10 = false;
  bool head_request = false;
};

// `head`: from the scanner's start() to its end(). `hosts`: nullptr on a Unix socket, where any one Host will
// do. Fills method, path, query and headers of `request`.
[[nodiscard]] std::optional<Refusal> read_head(std::string_view head, const HostList* hosts,
                                               HttpRequest& request, Framing& framing);

// Splits one field line (without CR LF); false where it is none: no colon, a bad name, a fold, a control
// character.
[[nodiscard]] bool split_field(std::string_view line, std::string_view& name, std::string_view& value);
[[nodiscard]] bool is_token(std::string_view text);
// No control characters but the tab.
[[nodiscard]] bool is_field_value(std::string_view text);

}  // namespace tocsin::net
