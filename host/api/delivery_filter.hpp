// Which deliveries of a team are meant: the texts of a query or a body as the store's filter. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/intake.hpp"
#include "store/records.hpp"

namespace tocsin::api {

// The act of sending all again that fit a filter, for the audit log.
inline constexpr std::string_view kRedeliverMany = "delivery.redeliver_many";

struct FilterTexts {
  std::optional<std::string> channel, state, type, since, until;
  // By the member's name; null: there is none of this name.
  [[nodiscard]] std::optional<std::string>* find(std::string_view name);
};

// kInvalid names the member. `routes` is the team's.
[[nodiscard]] Result<store::DeliveryFilter> read_delivery_filter(const FilterTexts& texts,
                                                                 const ingest::TeamRoutes& routes);

}  // namespace tocsin::api
