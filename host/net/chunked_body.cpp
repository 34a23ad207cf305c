// See chunked_body.hpp. Grammar: RFC 9112 section 7.1, without white space around the size.
#include "net/chunked_body.hpp"

#include <algorithm>

namespace tocsin::net {
namespace {

constexpr std::size_t kLineBytes = 1024;
constexpr std::size_t kExtraBytes = 16 << 10;  // as much as the header fields of a request may have

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// *( ";" token [ "=" ( token / quoted-string ) ] )
bool is_extension(std::string_view text) {
  while (!text.empty()) {
    if (text[0] != ';') return false;
    text.remove_prefix(1);
    const std::size_t name_end = std::min(text.find_first_of(";="), text.size());
    if (!is_token(text.substr(0, name_end))) return false;
    text.remove_prefix(name_end);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    if (text.starts_with('"')) {
      const std::size_t close = text.find_first_of("\"\\", 1);  // an escape has no use here
      if (close == std::string_view::npos || text[close] != '"') return false;
      if (!is_field_value(text.substr(1, close - 1))) return false;
      text.remove_prefix(close + 1);
      continue;
    }
    const std::size_t value_end = std::min(text.find(';'), text.size());
    if (!is_token(text.substr(0, value_end))) return false;
    text.remove_prefix(value_end);
  }
  return true;
}

// RFC 9110 section 6.5.1: what frames or routes a message has no place behind it.
bool belongs_in_head(std::string_view name) {
  constexpr std::string_view kNames[] = {"content-length", "transfer-encoding", "host",   "connection",
                                         "authorization",  "content-type",      "expect", "upgrade"};
  return std::any_of(std::begin(kNames), std::end(kNames), [name](std::string_view one) {
    return name.size() == one.size() && std::equal(name.begin(), name.end(), one.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
           });
  });
}

Refusal bad(std::string_view detail) {
  return {400, "bad-request", detail};
}

}  // namespace

std::optional<Refusal> ChunkedBody::take(std::string_view in, std::size_t limit, std::string& body,
                                         std::size_t& used) {
  used = 0;
  while (phase_ != Phase::kDone && used < in.size()) {
    if (phase_ == Phase::kData) {
      const std::size_t part = std::min(left_, in.size() - used);
      body.append(in.substr(used, part));
      used += part;
      left_ -= part;
      if (left_ == 0) phase_ = Phase::kDataEnd;
      continue;
    }
    const std::size_t newline = in.find('\n', used);
    if (newline == std::string_view::npos) {
      if (in.size() - used <= kLineBytes) return std::nullopt;
      return bad("a chunk's size line or a trailer is too long");
    }
    if (newline == used || in[newline - 1] != '\r') return bad("a line of the chunked body lacks CR LF");
    const std::string_view line = in.substr(used, newline - 1 - used);
    used = newline + 1;
    std::optional<Refusal> refusal;
    if (phase_ == Phase::kDataEnd) {
      if (!line.empty()) return bad("a chunk is longer than its size says");
      phase_ = Phase::kSize;
    } else if (phase_ == Phase::kSize) {
      refusal = take_size(line, limit - std::min(limit, body.size()));
    } else {
      refusal = take_trailer(line);
    }
    if (refusal) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::take_size(std::string_view line, std::size_t room) {
  std::size_t size = 0;
  std::size_t at = 0;
  for (; at < line.size() && hex_digit(line[at]) >= 0; ++at) {
    size = size * 16 + static_cast<std::size_t>(hex_digit(line[at]));
    if (size > room || at >= 16) {
      return Refusal{413, "too-large", "the chunked body is over the limit"};
    }
  }
  const std::string_view extension = line.substr(at);
  if (at == 0 || !is_extension(extension)) {
    return bad("a chunk's size is not a hexadecimal number and well-formed extensions");
  }
  extra_ += extension.size();
  if (extra_ > kExtraBytes) return bad("the chunk extensions are too long");
  left_ = size;
  phase_ = size == 0 ? Phase::kTrailer : Phase::kData;
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::take_trailer(std::string_view line) {
  if (line.empty()) {
    phase_ = Phase::kDone;
    return std::nullopt;
  }
  std::string_view name;
  std::string_view value;
  if (!split_field(line, name, value)) return bad("a trailer is not a name, a colon and a value");
  if (belongs_in_head(name)) return bad("a trailer is a field that belongs in the head");
  extra_ += line.size();
  if (extra_ > kExtraBytes) {
    return Refusal{431, "headers-too-large", "the trailers of the chunked body are too long"};
  }
  return std::nullopt;
}

}  // namespace tocsin::net
