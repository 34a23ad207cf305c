// See document.hpp.
#include "ingest/document.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

namespace tocsin::ingest {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::string_view kBlank = " \t\r\n";

// Members in the tree. A parser keeps the last of two equal names, so fewer members than colons means a
// duplicate.
std::size_t count_members(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) count += count_members(element);
  }
  return count;
}

// The position after the closing quote of the string that starts at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

std::size_t count_colons(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
    } else {
      count += text[at++] == ':' ? 1 : 0;
    }
  }
  return count;
}

void append_canonical(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object->size());
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* member : members) {
      out += json::serialize(json::string(member->key()));
      out += ':';
      append_canonical(member->value(), out);
      out += ',';
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& element : *array) {
      append_canonical(element, out);
      out += ',';
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

// The value that starts at or after `at`, up to the ',' or '}' behind it, without white space.
std::string copy_value(std::string_view text, std::size_t at) {
  std::string out;
  for (int depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = end_of_string(text, at);
      out += text.substr(at, end - at);
      at = end;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}')) break;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (kBlank.find(c) == std::string_view::npos) out += c;
    ++at;
  }
  return out;
}

}  // namespace

Result<json::value> parse_document(std::string_view text) {
  static thread_local unsigned char buffer[16 << 10];
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::parser parser({}, options, buffer);
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text, error);
  if (!error && text.find_first_not_of(kBlank, read) != std::string_view::npos) {
    return make_error(Errc::kInvalid, "the JSON goes on after its end, at byte " + std::to_string(read) +
                                          "; send many events as an array or as application/x-ndjson");
  }
  if (error == json::error::too_deep) {
    return make_error(Errc::kInvalid, "the JSON is nested deeper than 32 levels");
  }
  if (error) {
    return make_error(
        Errc::kInvalid,
        "not valid JSON at byte " + std::to_string(read) + ": " +
            (error == json::error::incomplete ? std::string("the text ends too early") : error.message()));
  }
  json::value document = parser.release();
  if (count_members(document) != count_colons(text)) {
    return make_error(Errc::kInvalid,
                      "a member's name occurs twice in one JSON object: remove one of the two");
  }
  return document;
}

std::string write_canonical(const json::value& document) {
  std::string out;
  append_canonical(document, out);
  return out;
}

std::optional<std::string> cut_member(std::string_view text, std::string_view name) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') {
      ++at;
      continue;
    }
    const std::size_t end = end_of_string(text, at);
    const std::size_t next = text.find_first_not_of(kBlank, end);
    if (depth == 1 && next != std::string_view::npos && text[next] == ':' &&
        text.substr(at + 1, end - at - 2) == name) {
      return copy_value(text, next + 1);
    }
    at = end;
  }
  return std::nullopt;
}

}  // namespace tocsin::ingest
