// A delivery (one event for one channel), its attempts and how an attempt ended. The state diagram:
//
//   pending -> sending -> delivered | accepted | failed
//                      -> scheduled (-> sending when due)
//   pending | scheduled -> cancelled
//
// What an outcome does to a delivery is decided in delivery/transition.hpp, nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace tocsin {

// The numbers are stored: append only. Below 10: unfinished. From 10 up: final.
enum class DeliveryState : std::uint8_t {
  kPending = 0,
  kSending = 1,
  kScheduled = 2,
  kDelivered = 10,
  kAccepted = 11,
  kFailed = 12,
  kCancelled = 13,
};
[[nodiscard]] constexpr bool is_final(DeliveryState state) {
  return static_cast<int>(state) >= 10;
}
[[nodiscard]] std::string_view to_string(DeliveryState state);
[[nodiscard]] std::optional<DeliveryState> find_delivery_state(std::string_view name);

// 1..9 are the ABI's (sdk/include/tocsin/plugin.h); from 32 up the host's own. Stored: append only.
enum class OutcomeStatus : std::uint8_t {
  kDelivered = 1,
  kAccepted = 2,
  kRetry = 3,
  kRateLimited = 4,
  kRejected = 5,
  kUnreachable = 6,
  kMisconfigured = 7,
  kGone = 8,
  kUncertain = 9,
  kInterrupted = 32,  // the daemon died, or was stopped, while this was in flight; not counted as a try
  kTimedOut = 33,     // the plugin did not complete within the deadline
  kPluginFault = 34,  // the plugin broke the contract: threw, completed with garbage
};
[[nodiscard]] std::string_view to_string(OutcomeStatus status);

struct Outcome {
  OutcomeStatus status = OutcomeStatus::kRetry;
  std::int64_t retry_after_ms = -1;  // -1: the target named none
  std::string code;                  // "webhook.http_503": stable, for metrics and rules of thumb
  std::string detail;                // one sentence for people; at most 1 KiB; redacted
  std::string provider_id;           // what the provider calls the message, where it says so
};

// What a plugin may leave for the next attempt.
inline constexpr std::size_t kMaxCarryBytes = 4096;

// What is written down of one attempt.
struct Attempt {
  std::uint32_t number = 0;  // from 1, in the order they happened, interrupted ones included
  std::int64_t started_ms = 0;
  std::int64_t duration_us = 0;
  Outcome outcome;
  int http_status = 0;         // 0: no HTTP answer
  std::string remote_address;  // "203.0.113.7:443"; empty: never connected
  std::string response;        // the answer's body, cut at 20,000 bytes and redacted
  MessageId message = 0;       // the digest it was sent in; 0: alone
  std::uint32_t events = 1;    // in that message
  std::string carry;           // for the next attempt (kMaxCarryBytes); written, and read by a claim alone
};

}  // namespace tocsin
