// See request_head.hpp. Grammar: RFC 9112 sections 2 to 6, without what it allows only for old senders.
#include "net/request_head.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tocsin::net {
namespace {

constexpr std::size_t kMethodBytes = 32;
constexpr std::size_t kLengthDigits = 18;  // fits 63 bits

constexpr std::uint8_t kToken = 1;
constexpr std::uint8_t kValue = 2;
constexpr std::uint8_t kTarget = 4;

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool mark =
        c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    if (letter_or_digit || mark) classes[c] |= kToken;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) classes[c] |= kValue;
    if (c > 0x20 && c < 0x7f && c != '#') classes[c] |= kTarget;
  }
  return classes;
}();

bool all_of_class(std::string_view text, std::uint8_t wanted) {
  std::uint8_t common = wanted;
  for (const char c : text) common &= kClasses[static_cast<unsigned char>(c)];
  return common != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view lower_b) {
  return a.size() == lower_b.size() &&
         std::equal(a.begin(), a.end(), lower_b.begin(), [](char x, char y) { return lower(x) == y; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Refusal bad(std::string_view detail) {
  return {400, "bad-request", detail};
}

// What the framing rules need to know of the fields, collected in one walk.
struct Seen {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
  std::string_view expect;
  bool close = false;
  bool keep_alive = false;
  bool odd_connection = false;
};

void read_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trim(value.substr(0, comma));
    if (!option.empty() && !is_token(option)) seen.odd_connection = true;
    if (equal_ignoring_case(option, "close")) seen.close = true;
    if (equal_ignoring_case(option, "keep-alive")) seen.keep_alive = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void note_field(const std::string& name, std::string_view value, Seen& seen) {
  switch (name.size()) {
    case 4:
      if (name == "host") {
        ++seen.hosts;
        seen.host = value;
      }
      break;
    case 6:
      if (name == "expect") seen.expect = value.empty() ? "empty" : value;
      break;
    case 10:
      if (name == "connection") read_connection(value, seen);
      break;
    case 14:
      if (name == "content-length") {
        ++seen.lengths;
        seen.length = value;
      }
      break;
    case 17:
      if (name == "transfer-encoding") {
        ++seen.codings;
        seen.coding = value;
      }
      break;
    default:
      break;
  }
}

std::optional<Refusal> read_request_line(std::string_view line, HttpRequest& request, Framing& framing) {
  const std::size_t method_end = line.find(' ');
  const std::size_t version_start = line.rfind(' ');
  if (method_end == std::string_view::npos || version_start <= method_end) {
    return bad("the request line is not METHOD, one space, a path, one space, HTTP/1.1");
  }
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, version_start - method_end - 1);
  const std::string_view version = line.substr(version_start + 1);
  if (method.size() > kMethodBytes || !is_token(method)) return bad("the method is not a token");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return bad("the request line does not end with HTTP/1.1");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, "http-version", "only HTTP/1.1 and HTTP/1.0 are served"};
  }
  if (target.empty() || target[0] != '/') {
    return bad("the request target is not a path that begins with a slash");
  }
  if (!all_of_class(target, kTarget)) {
    return bad(
        "the request target holds a space, a '#', a control or a non-ASCII character: percent-encode it");
  }
  framing.http10 = version == "HTTP/1.0";
  framing.head_request = method == "HEAD";
  request.method = method;
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  return std::nullopt;
}

std::optional<Refusal> judge_length(const Seen& seen, Framing& framing) {
  if (seen.lengths > 1) return bad("more than one Content-Length field");
  if (seen.length.empty() || seen.length.size() > kLengthDigits ||
      !std::all_of(seen.length.begin(), seen.length.end(), is_digit)) {
    const bool long_number =
        seen.length.size() > kLengthDigits && std::all_of(seen.length.begin(), seen.length.end(), is_digit);
    return long_number ? Refusal{413, "too-large", "the declared Content-Length is over the limit"}
                       : bad("Content-Length is not one decimal number");
  }
  for (const char digit : seen.length) {
    framing.length = framing.length * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return std::nullopt;
}

std::optional<Refusal> judge_framing(const Seen& seen, Framing& framing) {
  if (seen.codings > 0 && seen.lengths > 0) {
    return bad("both Transfer-Encoding and Content-Length: send one of them");
  }
  if (seen.codings > 0) {
    if (framing.http10) return bad("Transfer-Encoding in an HTTP/1.0 request");
    if (seen.codings > 1 || seen.coding.empty()) return bad("Transfer-Encoding is empty or given twice");
    if (!equal_ignoring_case(seen.coding, "chunked")) {
      return Refusal{501, "not-implemented", "the only Transfer-Encoding served is \"chunked\""};
    }
    framing.chunked = true;
  }
  if (seen.lengths > 0) {
    if (auto refusal = judge_length(seen, framing)) return refusal;
  }
  // RFC 9110 section 10.1.1: an HTTP/1.0 client's expectation is ignored.
  if (!seen.expect.empty() && !framing.http10) {
    if (!equal_ignoring_case(seen.expect, "100-continue")) {
      return Refusal{417, "expectation-failed", "the only expectation served is \"100-continue\""};
    }
    framing.expect_continue = true;
  }
  framing.keep_alive = framing.http10 ? seen.keep_alive && !seen.close : !seen.close;
  return std::nullopt;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && all_of_class(text, kToken);
}

bool is_field_value(std::string_view text) {
  return all_of_class(text, kValue);
}

bool split_field(std::string_view line, std::string_view& name, std::string_view& value) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  name = line.substr(0, colon);
  value = trim(line.substr(colon + 1));
  return is_token(name) && is_field_value(value);
}

std::optional<Refusal> HeadScanner::scan(std::string_view buffer, const HeadLimits& limits) {
  while (scanned_ < buffer.size()) {
    const void* found = std::memchr(buffer.data() + scanned_, '\n', buffer.size() - scanned_);
    if (found == nullptr) break;
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (newline == line_start_ || buffer[newline - 1] != '\r') {
      return bad("a line ends with a bare line feed: lines end with CR LF");
    }
    const std::size_t length = newline - 1 - line_start_;
    scanned_ = line_start_ = newline + 1;
    if (fields_start_ == 0) {
      if (length == 0 && start_ == 0) {
        start_ = newline + 1;  // RFC 9112 section 2.2: one empty line before a request
        continue;
      }
      if (length > limits.line_bytes) break;
      fields_start_ = newline + 1;
      continue;
    }
    if (length == 0) {
      end_ = newline + 1;
      return std::nullopt;
    }
    ++fields_;
    if (fields_ > limits.header_count || newline + 1 - fields_start_ > limits.header_bytes) {
      return Refusal{431, "headers-too-large", "too many header fields, or too long ones"};
    }
  }
  scanned_ = buffer.size();
  return check_unfinished(buffer, limits);
}

// Refuses at once what no further byte can mend, so that a port scanner or a TLS client is not waited for.
std::optional<Refusal> HeadScanner::check_unfinished(std::string_view buffer,
                                                     const HeadLimits& limits) const {
  if (fields_start_ != 0) {
    if (buffer.size() - fields_start_ <= limits.header_bytes + 2) return std::nullopt;
    return Refusal{431, "headers-too-large", "too many header fields, or too long ones"};
  }
  const std::string_view line = buffer.substr(start_);
  if (line.size() > limits.line_bytes + 2) {
    return Refusal{414, "target-too-long", "the request line is too long"};
  }
  const std::string_view method = line.substr(0, std::min(line.find(' '), line.size()));
  const bool empty_line_begun = start_ == 0 && line == "\r";
  if (!method.empty() && !empty_line_begun && (method.size() > kMethodBytes || !is_token(method))) {
    return bad("the request does not begin with a method: is this another protocol, TLS perhaps?");
  }
  return std::nullopt;
}

std::optional<Refusal> read_head(std::string_view head, const HostList* hosts, HttpRequest& request,
                                 Framing& framing) {
  const std::size_t line_end = head.find("\r\n");
  if (auto refusal = read_request_line(head.substr(0, line_end), request, framing)) return refusal;
  Seen seen;
  request.headers.reserve(8);
  for (std::size_t at = line_end + 2; at + 2 < head.size();) {
    const void* found = std::memchr(head.data() + at, '\n', head.size() - at);
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - head.data());
    const std::string_view line = head.substr(at, newline - 1 - at);
    at = newline + 1;
    if (line[0] == ' ' || line[0] == '\t') return bad("a header field is folded over two lines");
    std::string_view name;
    std::string_view value;
    if (!split_field(line, name, value)) {
      return bad("a header line is not a name, a colon and a value without control characters");
    }
    Header& header = request.headers.emplace_back();
    header.name.resize(name.size());
    std::transform(name.begin(), name.end(), header.name.begin(), lower);
    header.value = value;
    note_field(header.name, value, seen);
  }
  if (seen.hosts != 1) return bad("a request carries exactly one Host field");
  if (seen.odd_connection) return bad("Connection is not a list of tokens");
  if (auto refusal = judge_framing(seen, framing)) return refusal;
  return hosts != nullptr ? hosts->check(seen.host) : std::nullopt;
}

HostList::HostList(const std::vector<std::string>& further) : names_{"127.0.0.1", "localhost", "[::1]"} {
  for (const std::string& name : further) {
    if (name == "*") any_ = true;
    std::string& added = names_.emplace_back(name);
    std::transform(added.begin(), added.end(), added.begin(), lower);
  }
}

std::optional<Refusal> HostList::check(std::string_view host) const {
  std::size_t name_end = host.find(':');
  if (!host.empty() && host[0] == '[') {
    name_end = host.find(']');
    if (name_end == std::string_view::npos) return bad("Host is not a name with an optional port");
    ++name_end;
  }
  const std::string_view name = host.substr(0, std::min(name_end, host.size()));
  std::string_view port = host.substr(name.size());
  if (!port.empty()) {
    if (port[0] != ':' || port.size() > 6 || !std::all_of(port.begin() + 1, port.end(), is_digit)) {
      return bad("Host is not a name with an optional port");
    }
  }
  for (const char c : name) {
    const bool fits = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-' ||
                      c == '_' || (name[0] == '[' && (c == '[' || c == ']' || c == ':'));
    if (!fits) return bad("Host is not a name with an optional port");
  }
  if (!name.empty() && (any_ || std::any_of(names_.begin(), names_.end(), [&](const std::string& ours) {
                          return equal_ignoring_case(name, ours);
                        }))) {
    return std::nullopt;
  }
  return Refusal{421, "misdirected",
                 "this server does not answer to that Host: use 127.0.0.1, localhost or a "
                 "name in server.hosts of its configuration"};
}

}  // namespace tocsin::net
