// See delivery_filter.hpp.
#include "api/delivery_filter.hpp"

#include "api/json_body.hpp"

namespace tocsin::api {

std::optional<std::string>* FilterTexts::find(std::string_view name) {
  const std::pair<std::string_view, std::optional<std::string>*> all[] = {
      {"channel", &channel}, {"state", &state}, {"type", &type}, {"since", &since}, {"until", &until}};
  for (const auto& [known, text] : all) {
    if (known == name) return text;
  }
  return nullptr;
}

Result<store::DeliveryFilter> read_delivery_filter(const FilterTexts& texts,
                                                   const ingest::TeamRoutes& routes) {
  store::DeliveryFilter filter;
  filter.team = routes.id;
  if (texts.channel) {
    const auto& channels = routes.rules->definition().channels;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if (channels[i].name == *texts.channel) filter.channel = routes.channels[i];
    }
    if (!filter.channel) return bad_place("channel", "the team has no channel of this name");
  }
  if (texts.state) {
    filter.state = find_delivery_state(*texts.state);
    if (!filter.state) {
      return bad_place("state",
                       "must be pending, sending, scheduled, delivered, accepted, failed or cancelled");
    }
  }
  if (texts.type) filter.event_type = *texts.type;
  if (texts.since && !parse_rfc3339(*texts.since, filter.since_ms)) return bad_place("since", kTimeWanted);
  if (texts.until && !parse_rfc3339(*texts.until, filter.until_ms)) return bad_place("until", kTimeWanted);
  return filter;
}

}  // namespace tocsin::api
