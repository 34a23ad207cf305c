// An event as the house carries it after intake: checked, defaults filled in, every field decided. Shared
// read-only between threads from acceptance to the last attempt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "model/ids.hpp"

namespace tocsin {

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
enum class Category : std::uint8_t { kSecurityAlert, kSystemNotification, kSystemError };
inline constexpr int kSeverityCount = 5;
inline constexpr int kCategoryCount = 3;

[[nodiscard]] std::string_view to_string(Severity severity);  // "critical"
[[nodiscard]] std::string_view to_string(Category category);  // "security_alert"
[[nodiscard]] std::optional<Severity> find_severity(std::string_view name);
[[nodiscard]] std::optional<Category> find_category(std::string_view name);

struct Label {
  std::string key;
  std::string value;
  bool operator==(const Label&) const = default;
};

struct Event {
  EventSeq seq = 0;
  std::string id;    // the producer's own, else format_event_id(seq)
  std::string team;  // name
  std::string type;  // "finding.created"
  Category category = Category::kSecurityAlert;
  Severity severity = Severity::kInfo;
  std::string source;         // lower-case token, may be empty
  std::string title;          // plain text, 1 line
  std::string summary;        // plain text, may be empty
  std::string link;           // absolute http(s) URL, may be empty
  std::vector<Label> labels;  // sorted by key, keys unique
  std::string data;           // a JSON object as text, "{}" where the event has none
  std::int64_t occurred_ms = 0;
  std::int64_t received_ms = 0;
};
using EventPtr = std::shared_ptr<const Event>;

// The event as JSON text in one fixed member order: what webhooks send and what the store keeps. The same
// event gives the same bytes for ever, so a signature over it stays valid over retries and restarts.
[[nodiscard]] std::string write_event_json(const Event& event);
// Reads what write_event_json wrote (seq and received_ms are the row's own). kInternal: it is not that.
[[nodiscard]] Result<Event> read_event_json(std::string_view json);

}  // namespace tocsin
