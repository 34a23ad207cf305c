// When a channel's events are gathered into one message: `digest` in its three forms, and `collapse`. Whether
// its type can do either is the app's to judge, which knows the plugins.
#include <algorithm>

#include "config/readers.hpp"
#include "model/json_text.hpp"

namespace tocsin::config {
namespace {

using routing::DigestWindow;

constexpr const char* kForms =
    R"(write a length such as "15m", "hourly", or { daily = "08:00", zone = "Europe/Berlin" })";

void read_length(TableReader& channel, const std::string& text, DeliveryOptions& options) {
  std::int64_t length = 0;
  if (text == "hourly") {
    options.digest = DigestWindow::every(3'600'000);
  } else if (!parse_duration(text, length)) {
    channel.problem("digest", quote(text) + " is no digest window: " + kForms);
  } else if (length < DigestWindow::kShortestMs || length > DigestWindow::kLongestMs) {
    channel.problem("digest", text + " is out of range: a window may be " +
                                  format_duration(DigestWindow::kShortestMs) + " to " +
                                  format_duration(DigestWindow::kLongestMs));
  } else {
    options.digest = DigestWindow::every(length);
  }
}

void read_daily(TableReader& channel, const Node& node, DeliveryOptions& options) {
  TableReader reader(node, channel.place("digest"), find_section("team.channel.digest"), channel.problems());
  std::string time;
  std::string zone = "UTC";
  reader.text("zone", zone);
  if (!reader.required_text("daily", time)) return;
  const int minute = minute_of_day(time);
  if (minute < 0) {
    reader.problem("daily", quote(time) + " is no time of day: write one such as \"08:00\", up to \"23:59\"");
    return;
  }
  auto window = DigestWindow::daily(minute, zone);
  if (!window) {
    reader.problem("zone", quote(zone) + " is no time zone that this system knows" +
                               suggestion(zone, DigestWindow::zone_names()));
    return;
  }
  options.digest = std::move(*window);
  options.digest_json = "{\"daily\":";
  append_json_string(options.digest_json, time);
  options.digest_json += ",\"zone\":";
  append_json_string(options.digest_json, zone);
  options.digest_json += '}';
}

}  // namespace

int minute_of_day(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 5 || text[2] != ':') return -1;
  if (!is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4])) return -1;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

void read_digest(TableReader& channel, DeliveryOptions& options) {
  std::uint32_t collapse = 0;
  if (channel.integer("collapse", collapse, 0, 1000)) options.collapse = collapse;
  const Node* node = channel.find("digest");
  if (node == nullptr) return;
  if (node->kind == Node::Kind::kText) {
    read_length(channel, std::string(node->text), options);
    append_json_string(options.digest_json, node->text);
  } else if (node->kind == Node::Kind::kTable) {
    read_daily(channel, *node, options);
  } else {
    channel.problem("digest",
                    "must be a string or a table, not " + std::string(name_of(node->kind)) + ": " + kForms);
  }
}

}  // namespace tocsin::config
