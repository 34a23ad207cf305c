// Cutting a request body into events without parsing it twice. See read_event.hpp.
#include "ingest/read_event.hpp"

namespace tocsin::ingest {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trim(std::string_view text) {
  const auto from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

Error too_many(const EventLimits& limits) {
  return make_error(Errc::kTooLarge, "the batch holds more than " + std::to_string(limits.batch_events) +
                                         " events: send it in parts");
}

Error goes_on() {
  return make_error(Errc::kInvalid, "the body goes on after the end of the JSON array");
}

// The end of the string that starts at `at` (a quote): the position after its closing quote, npos where it
// never closes.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

// The end of the value that starts at `at`: the position of the ',' or ']' after it on its own level.
std::size_t skip_value(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = skip_string(json, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
    } else if (c == ',' && depth == 0) {
      return at;
    }
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string_view>> split_array(std::string_view json, const EventLimits& limits) {
  json = trim(json);
  const Error broken = make_error(Errc::kInvalid, "the body is not a complete JSON array of events");
  if (json.size() < 2 || json.front() != '[') return broken;
  std::vector<std::string_view> elements;
  const auto first = json.find_first_not_of(kBlank, 1);
  if (json[first] == ']') {
    if (first + 1 == json.size()) return elements;
    return goes_on();
  }
  for (std::size_t at = 1;;) {
    const std::size_t end = skip_value(json, at);
    if (end == std::string_view::npos || json[end] == '}') return broken;
    const auto element = trim(json.substr(at, end - at));
    if (element.empty()) {
      return make_error(Errc::kInvalid, "element " + std::to_string(elements.size()) +
                                            " of the array is empty: remove the surplus comma");
    }
    if (elements.size() == limits.batch_events) return too_many(limits);
    elements.push_back(element);
    if (json[end] == ']') {
      if (end + 1 != json.size()) return goes_on();
      return elements;
    }
    at = end + 1;
  }
}

Result<std::vector<std::string_view>> split_lines(std::string_view text, const EventLimits& limits) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = trim(text.substr(0, end));
    if (!line.empty()) {
      if (lines.size() == limits.batch_events) return too_many(limits);
      lines.push_back(line);
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace tocsin::ingest
