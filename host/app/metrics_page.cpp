// See metrics_page.hpp.
#include "app/metrics_page.hpp"

#include <array>

#include "ops/metrics.hpp"

namespace tocsin::app {

std::string write_metrics(const store::WriterHealth& store,
                          const std::vector<delivery::ChannelStatus>& channels, const net::HttpServer& server,
                          std::size_t streams) {
  ops::Metrics page;
  page.counter("tocsin_events_accepted", "Events on disk since the start.").add(store.events);
  page.counter("tocsin_store_commits", "Transactions committed since the start.").add(store.commits);
  page.gauge("tocsin_store_queued_events", "Events waiting for their commit.")
      .set(static_cast<std::int64_t>(store.queued_events));
  page.gauge("tocsin_store_free_bytes", "Room of the data directory's file system; -1: not known.")
      .set(store.free_bytes);
  page.gauge("tocsin_store_full", "1 where the last write found no room.").set(store.storage_full ? 1 : 0);
  page.gauge("tocsin_http_connections", "Open connections to the local API.")
      .set(static_cast<std::int64_t>(server.open_connections()));
  page.gauge("tocsin_inbox_streams", "Open notification streams, which are no connections of these.")
      .set(static_cast<std::int64_t>(streams));
  constexpr std::array<std::string_view, 5> kStates = {"ready", "paused", "unavailable", "disabled",
                                                       "backing_off"};
  for (const auto& channel : channels) {
    const ops::Labels labels = {{"team", channel.team}, {"channel", channel.name}, {"type", channel.type}};
    page.gauge("tocsin_channel_in_flight", "Attempts under way.", labels).set(channel.in_flight);
    page.gauge("tocsin_channel_queued", "Deliveries waiting in memory.", labels).set(channel.queued);
    page.gauge("tocsin_channel_backlog", "Deliveries waiting on disk, about.", labels).set(channel.backlog);
    for (const auto state : kStates) {
      auto with_state = labels;
      with_state.emplace_back("state", state);
      page.gauge("tocsin_channel_state", "1 for the state the channel is in.", with_state)
          .set(channel.state == state ? 1 : 0);
    }
  }
  return page.open_metrics();
}

}  // namespace tocsin::app
