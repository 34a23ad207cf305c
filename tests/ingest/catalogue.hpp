// The catalogue of the intake's tests: one type of each kind that reading tells apart.
#pragma once

#include <memory>

#include "model/catalogue.hpp"

namespace tocsin::ingest {

inline std::shared_ptr<const Catalogue> small_catalogue() {
  std::vector<EventType> types;
  types.push_back({.name = "finding.created",
                   .summary = "A new finding is detected",
                   .default_severity = std::nullopt,  // must be named
                   .default_alert = true,
                   .default_alert_from = Severity::kHigh});
  types.push_back({.name = "finding.resolved", .summary = "", .default_severity = Severity::kMedium});
  types.push_back({.name = "scan.failed",
                   .summary = "A scan fails",
                   .category = Category::kSystemError,
                   .default_severity = Severity::kHigh,
                   .default_alert = true});
  types.push_back({.name = "sla.breached",
                   .summary = "An SLA deadline is missed",
                   .default_severity = Severity::kHigh,
                   .floor = Severity::kHigh,
                   .default_alert = true});
  types.push_back({.name = "user.login",
                   .summary = "A user signs in",
                   .category = Category::kSystemNotification,
                   .default_severity = Severity::kInfo});
  types.push_back({.name = std::string(kTestEventType),
                   .summary = "A channel is tested",
                   .category = Category::kSystemNotification,
                   .default_severity = Severity::kInfo});
  return std::make_shared<const Catalogue>(Catalogue::create(std::move(types)).value());
}

}  // namespace tocsin::ingest
