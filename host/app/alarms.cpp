// See alarms.hpp.
#include "app/alarms.hpp"

#include <boost/json.hpp>

namespace tocsin::app {
namespace {

namespace json = boost::json;

ingest::OwnEvent about(const std::string& team, const std::string& channel, std::string type,
                       std::string title, std::string summary) {
  ingest::OwnEvent event;
  event.team = team;
  event.type = std::move(type);
  event.title = std::move(title);
  event.summary = std::move(summary);
  event.not_through = channel;
  return event;
}

json::object describe(const delivery::ChannelStatus& channel) {
  return {{"channel", channel.name}, {"channel_type", channel.type}, {"state", channel.state}};
}

}  // namespace

void Alarms::tell(const delivery::Trouble& trouble) {
  const delivery::ChannelStatus& channel = trouble.channel;
  json::object data = describe(channel);
  if (trouble.kind == delivery::Trouble::Kind::kStopped) {
    auto event = about(channel.team, channel.name, "system.channel_stopped",
                       "The channel " + channel.name + " does not deliver", channel.reason);
    if (channel.resume_ms > 0) data["resumes"] = format_rfc3339(channel.resume_ms);
    event.data = json::serialize(data);
    raise_(std::move(event));
    return;
  }
  Failing& failing = failing_[channel.id];
  failing.since_then += trouble.deliveries;
  const std::int64_t now_ms = clock_.unix_ms();
  if (failing.told_ms != 0 && now_ms - failing.told_ms < kAgainMs) return;
  const std::int64_t count = failing.since_then;
  failing = {now_ms, 0};
  auto event = about(channel.team, channel.name, "system.deliveries_failed",
                     std::to_string(count) + (count == 1 ? " delivery" : " deliveries") +
                         " through the channel " + channel.name + " failed for good",
                     trouble.reason);
  data["deliveries"] = count;
  data["last"] = format_delivery_id(trouble.delivery);
  event.data = json::serialize(data);
  raise_(std::move(event));
}

void Alarms::tell_of_block(const std::string& team, const std::string& channel,
                           const std::string& reason) const {
  auto event =
      about(team, channel, "system.channel_stopped", "The channel " + channel + " does not deliver", reason);
  event.data = json::serialize(json::object{{"channel", channel}, {"state", "unavailable"}});
  raise_(std::move(event));
}

void Alarms::tell_of_left_out(const std::string& team, const std::string& title, const std::string& channel,
                              const std::string& reason) const {
  auto event = about(team, channel, "system.not_in_force", "The " + title + " is not in force", reason);
  event.data = json::serialize(json::object{{"object", title}});
  raise_(std::move(event));
}

void Alarms::tell_of_secret(const std::string& team, const std::string& channel,
                            const std::string& reason) const {
  auto event = about(team, channel, "system.secret_unusable",
                     "The channel " + channel + " cannot deliver: a secret does not open", reason);
  event.data = json::serialize(json::object{{"channel", channel}});
  raise_(std::move(event));
}

void Alarms::tell_of_space(std::int64_t free_bytes) const {
  const std::string mib = std::to_string(free_bytes >> 20);
  auto event = about("", "", "system.disk_low", "tocsin's disk has little room left",
                     mib + " MiB are free. When it is full no event is accepted until there is room again.");
  event.data = json::serialize(json::object{{"free_bytes", free_bytes}});
  raise_(std::move(event));
}

}  // namespace tocsin::app
