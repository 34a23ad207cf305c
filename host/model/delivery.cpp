// See delivery.hpp.
#include "model/delivery.hpp"

#include <array>
#include <utility>

namespace tocsin {
namespace {

constexpr std::array<std::pair<DeliveryState, std::string_view>, 7> kStates = {{
    {DeliveryState::kPending, "pending"},
    {DeliveryState::kSending, "sending"},
    {DeliveryState::kScheduled, "scheduled"},
    {DeliveryState::kDelivered, "delivered"},
    {DeliveryState::kAccepted, "accepted"},
    {DeliveryState::kFailed, "failed"},
    {DeliveryState::kCancelled, "cancelled"},
}};

constexpr std::array<std::pair<OutcomeStatus, std::string_view>, 12> kOutcomes = {{
    {OutcomeStatus::kDelivered, "delivered"},
    {OutcomeStatus::kAccepted, "accepted"},
    {OutcomeStatus::kRetry, "retry"},
    {OutcomeStatus::kRateLimited, "rate_limited"},
    {OutcomeStatus::kRejected, "rejected"},
    {OutcomeStatus::kUnreachable, "unreachable"},
    {OutcomeStatus::kMisconfigured, "misconfigured"},
    {OutcomeStatus::kGone, "gone"},
    {OutcomeStatus::kUncertain, "uncertain"},
    {OutcomeStatus::kInterrupted, "interrupted"},
    {OutcomeStatus::kTimedOut, "timed_out"},
    {OutcomeStatus::kPluginFault, "plugin_fault"},
}};

}  // namespace

std::string_view to_string(DeliveryState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

std::optional<DeliveryState> find_delivery_state(std::string_view name) {
  for (const auto& [value, text] : kStates) {
    if (text == name) return value;
  }
  return std::nullopt;
}

std::string_view to_string(OutcomeStatus status) {
  for (const auto& [value, name] : kOutcomes) {
    if (value == status) return name;
  }
  return "unknown";
}

}  // namespace tocsin
