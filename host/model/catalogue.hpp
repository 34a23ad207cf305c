// The event types that exist: their category, default severity and whether they are in the default alert set.
// Data, not code: it is read from config/event_types.toml and the operator's own additions. Immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/event.hpp"

namespace tocsin {

// The reserved type of a test message; no pattern but its own exact name matches it.
inline constexpr std::string_view kTestEventType = "channel.test";
// What tocsin says of itself: nobody else may.
inline constexpr std::string_view kOwnEventPrefix = "system.";

struct EventType {
  std::string name;  // "finding.created"
  std::string summary;
  Category category = Category::kSecurityAlert;
  std::optional<Severity> default_severity;       // absent: the event must name one
  Severity floor = Severity::kInfo;               // a lower severity is raised to this (sla.breached: high)
  bool default_alert = false;                     // in the default alert set …
  Severity default_alert_from = Severity::kInfo;  // … from this severity up
};

// dot-separated segments of [a-z0-9_], two or more, at most 100 characters.
[[nodiscard]] bool is_event_type_name(std::string_view name);

class Catalogue {
 public:
  // kInvalid: a name is malformed or listed twice.
  static Result<Catalogue> create(std::vector<EventType> types);

  [[nodiscard]] const EventType* find(std::string_view name) const;
  // Position in types(), for tables indexed by type; nullopt where unknown.
  [[nodiscard]] std::optional<std::size_t> find_index(std::string_view name) const;
  [[nodiscard]] const std::vector<EventType>& types() const { return types_; }
  // Up to 3 known names within a small edit distance or sharing the prefix, best first.
  [[nodiscard]] std::vector<std::string> near_matches(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<EventType> types_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> index_;
};

// Up to `most` of `known` nearest to `name` by edit distance (at most a third of its length, rounded up).
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view name,
                                                     const std::vector<std::string>& known,
                                                     std::size_t most = 3);

}  // namespace tocsin
