// The hours in which a channel keeps quiet.
#include <algorithm>
#include <boost/json.hpp>

#include "config/readers.hpp"

namespace tocsin::config {
namespace {

namespace json = boost::json;

constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::size_t kMostHours = 10;

int read_minute(TableReader& reader, std::string_view key, std::string& text) {
  if (!reader.required_text(key, text)) return -1;
  const int minute = minute_of_day(text);
  if (minute < 0) {
    reader.problem(key, quote(text) + " is no time of day: write one such as \"22:00\", up to \"23:59\"");
  }
  return minute;
}

std::vector<int> read_days(TableReader& reader, std::vector<std::string>& names) {
  std::vector<int> days;
  reader.texts("days", names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto* const day = std::ranges::find(kDays, names[i]);
    if (day == std::end(kDays)) {
      reader.problem("days", i, quote(names[i]) + " is no day: there is mon, tue, wed, thu, fri, sat, sun");
    } else {
      days.push_back(static_cast<int>(day - std::begin(kDays)));
    }
  }
  return days;
}

void read_hours(TableReader reader, DeliveryOptions& options, json::array& written) {
  std::string from, to, zone = "UTC";
  const int begin = read_minute(reader, "from", from);
  const int end = read_minute(reader, "to", to);
  reader.text("zone", zone);
  std::vector<std::string> day_names, bypass_names = {"critical"};
  auto days = read_days(reader, day_names);
  reader.texts("bypass", bypass_names);
  std::vector<Severity> bypass;
  for (const auto& name : bypass_names) {
    if (const auto severity = read_severity(reader, "bypass", name)) bypass.push_back(*severity);
  }
  if (begin < 0 || end < 0) return;
  if (!routing::DigestWindow::daily(begin, zone)) {
    reader.problem("zone", quote(zone) + " is no time zone that this system knows" +
                               suggestion(zone, routing::DigestWindow::zone_names()));
    return;
  }
  auto hours = routing::QuietHours::create(begin, end, zone, std::move(days), std::move(bypass));
  if (!hours) {
    reader.problem("to", hours.error().detail);
    return;
  }
  options.quiet.push_back(std::move(*hours));
  json::object shown{{"from", from}, {"to", to}, {"zone", zone}};
  if (!day_names.empty()) shown["days"] = json::array(day_names.begin(), day_names.end());
  shown["bypass"] = json::array(bypass_names.begin(), bypass_names.end());
  written.push_back(std::move(shown));
}

}  // namespace

void read_quiet(TableReader& channel, DeliveryOptions& options) {
  const auto tables = channel.tables("quiet");
  if (tables.size() > kMostHours) channel.problem("quiet", "must have at most 10 entries");
  json::array written;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    read_hours({tables[i], channel.place("quiet", i), find_section("team.channel.quiet"), channel.problems()},
               options, written);
  }
  if (!written.empty()) options.quiet_json = json::serialize(written);
}

}  // namespace tocsin::config
