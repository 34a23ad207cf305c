// The catalogue the routing tests use: the shipped types' names and default alerts, written out here because
// the routing room reads no file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/catalogue.hpp"

namespace tocsin::routing {

inline std::shared_ptr<const Catalogue> small_catalogue() {
  std::vector<EventType> types;
  const auto add = [&](std::string name, Category category, bool alert = false,
                       Severity from = Severity::kInfo) {
    types.push_back({std::move(name), "", category, Severity::kMedium, Severity::kInfo, alert, from});
  };
  add("finding.created", Category::kSecurityAlert, true, Severity::kHigh);
  add("finding.resolved", Category::kSecurityAlert);
  add("finding.excepted", Category::kSecurityAlert);
  add("scan.started", Category::kSystemNotification);
  add("scan.completed", Category::kSystemNotification);
  add("scan.failed", Category::kSystemError, true);
  add("sla.warning", Category::kSecurityAlert, true);
  add("sla.breached", Category::kSecurityAlert, true);
  add("compliance.drift_detected", Category::kSecurityAlert, true);
  add("exception.requested", Category::kSecurityAlert);
  add("exception.approved", Category::kSecurityAlert);
  add("exception.rejected", Category::kSecurityAlert);
  add("user.login", Category::kSystemNotification);
  add("user.mfa_enabled", Category::kSystemNotification);
  add(std::string(kTestEventType), Category::kSystemNotification);
  return std::make_shared<const Catalogue>(Catalogue::create(std::move(types)).value());
}

}  // namespace tocsin::routing
