// The strict reader of one event. See read_event.hpp. Every fault is collected, so that a producer sees them
// all at once.
#include "ingest/read_event.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ingest/document.hpp"
#include "model/clock.hpp"
#include "security/signature.hpp"

namespace tocsin::ingest {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFaults = 20;
constexpr std::size_t kMaxShownName = 200;
constexpr std::size_t kMaxId = 256;
constexpr std::size_t kMaxSource = 64;
constexpr std::size_t kMaxLink = 2048;
constexpr std::size_t kMaxLabels = 64;
constexpr std::size_t kMaxLabelKey = 128;
constexpr std::size_t kMaxLabelValue = 1024;

// The members an event may have, in the order the documentation lists them.
const std::vector<std::string> kMembers = {"id",    "team",    "type", "category", "severity", "source",
                                           "title", "summary", "link", "labels",   "data",     "time"};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

// Plain text of several lines.
bool has_control_but_lines(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return is_control(c) && c != '\n' && c != '\r' && c != '\t'; });
}

bool is_link(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.find_first_of(" \"<>\\") == std::string_view::npos && !has_control(rest) &&
           std::string_view("/?#:@").find(rest[0]) == std::string_view::npos;
  }
  return false;
}

bool is_source(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool is_label_key(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/';
  });
}

// At most `most` bytes of what somebody sent, for an error text: never half a character.
std::string_view clip(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

std::string quoted(std::string_view text) {
  const auto shown = clip(text, 60);
  std::string out = "\"";
  for (const char c : shown) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return out += shown.size() < text.size() ? "…\"" : "\"";
}

// A reference token of a JSON pointer; the name of a member that is absurdly long is cut.
std::string escape_pointer(std::string_view key) {
  std::string out;
  for (const char c : clip(key, kMaxShownName)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string join_or(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

class Reader {
 public:
  Reader(std::string_view json, const json::object& object, const Catalogue& catalogue, std::int64_t now_ms)
      : json_(json), object_(object), catalogue_(catalogue), now_ms_(now_ms) {}

  Result<Draft> read() {
    find_unknown_members();
    read_identity();
    read_type();
    read_texts();
    read_labels();
    read_data();
    read_time();
    if (!faults_.empty()) {
      Error error = make_error(Errc::kInvalid, faults_.front().pointer + ": " + faults_.front().message);
      error.fields = std::move(faults_);
      return error;
    }
    return std::move(draft_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    if (faults_.size() < kMaxFaults) faults_.push_back({std::move(pointer), std::move(message)});
  }

  // The member's text; nullopt where it is absent or no string (a fault).
  std::optional<std::string_view> text(const char* name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
      fault(std::string("/") + name, "must be a string");
      return std::nullopt;
    }
    return std::string_view(value->get_string());
  }

  void find_unknown_members() {
    for (const auto& member : object_) {
      if (faults_.size() == kMaxFaults) return;  // a thousand more are no news
      const std::string name(member.key());
      if (std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end()) continue;
      const auto near = nearest_names(name, kMembers);
      fault("/" + escape_pointer(name), near.empty()
                                            ? "is not a member of an event; put your own fields into data"
                                            : "is not a member of an event; did you mean " + near[0] + "?");
    }
  }

  void read_identity() {
    if (const auto id = text("id")) {
      if (id->empty() || id->size() > kMaxId || has_control(*id)) {
        fault("/id", "must be 1 to 256 bytes without control characters; leave it out to get one");
      } else if (id->starts_with("evt_")) {
        fault("/id", "must not begin with evt_, which is how this host names events");
      } else {
        draft_.event.id = *id;
        draft_.named_id = true;
      }
    }
    if (const auto team = text("team")) {
      if (!is_team_name(*team)) {
        fault("/team", "must be a team's name: 1 to 63 of a-z, 0-9 and '-'");
      } else {
        draft_.event.team = *team;
      }
    }
  }

  static bool is_team_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
  }

  void read_type() {
    static const EventType kUnknown{.name = "", .summary = "", .default_severity = Severity::kInfo};
    const EventType* type = find_type();
    if (type != nullptr) draft_.event.type = type->name;
    read_category(type == nullptr ? kUnknown : *type);
    read_severity(type == nullptr ? kUnknown : *type);
  }

  // nullptr: there is none that may be posted (a fault).
  const EventType* find_type() {
    const auto name = text("type");
    if (!name) {
      if (!object_.contains("type")) fault("/type", "is required: an event type such as finding.created");
      return nullptr;
    }
    const EventType* type = catalogue_.find(*name);
    if (type == nullptr) {
      const auto near = catalogue_.near_matches(*name);
      fault("/type", quoted(*name) + " is not a known event type" +
                         (near.empty() ? std::string("; GET /v1/event-types lists them")
                                       : "; did you mean " + join_or(near) + "?"));
    } else if (*name == kTestEventType) {
      fault("/type", "channel.test is made by a channel's test action and cannot be posted");
      return nullptr;
    } else if (name->starts_with(kOwnEventPrefix)) {
      fault("/type", quoted(*name) + " is what tocsin says of itself and cannot be posted");
      return nullptr;
    }
    return type;
  }

  void read_category(const EventType& type) {
    draft_.event.category = type.category;
    const auto name = text("category");
    if (!name) return;
    if (const auto category = find_category(*name)) {
      draft_.event.category = *category;
    } else {
      fault("/category", quoted(*name) + " is none of security_alert, system_notification, system_error");
    }
  }

  void read_severity(const EventType& type) {
    const auto name = text("severity");
    if (name) {
      const auto severity = find_severity(*name);
      if (!severity) {
        fault("/severity", quoted(*name) + " is none of critical, high, medium, low, info");
        return;
      }
      draft_.event.severity = std::max(*severity, type.floor);
      return;
    }
    if (object_.contains("severity")) return;  // not a string: said already
    if (!type.default_severity) {
      fault("/severity", "is required for " + type.name + ": critical, high, medium, low or info");
      return;
    }
    draft_.event.severity = std::max(*type.default_severity, type.floor);
  }

  void read_texts() {
    Event& event = draft_.event;
    if (const auto source = text("source")) {
      if (source->empty() || source->size() > kMaxSource || !is_source(*source)) {
        fault("/source", "must be 1 to 64 of a-z, 0-9, '_', '-' and '.', such as cspm or code_scan");
      } else {
        event.source = *source;
      }
    }
    if (const auto title = text("title")) {
      if (has_control(*title)) fault("/title", "must be one line of plain text, without control characters");
      event.title = *title;
    }
    if (const auto summary = text("summary")) {
      if (has_control_but_lines(*summary)) {
        fault("/summary", "must be plain text: no control characters but line breaks and tabs");
      }
      event.summary = *summary;
    }
    if (event.title.empty()) {
      const EventType* type = catalogue_.find(event.type);
      if (type != nullptr) event.title = type->summary.empty() ? type->name : type->summary;
    }
    if (const auto link = text("link")) {
      if (!is_link(*link) || link->size() > kMaxLink) {
        fault("/link", "must be an absolute http or https URL of at most 2048 bytes, without spaces");
      } else {
        event.link = *link;
      }
    }
  }

  void read_labels() {
    const auto* value = object_.if_contains("labels");
    if (value == nullptr) return;
    if (!value->is_object()) {
      fault("/labels", "must be an object of strings");
      return;
    }
    const auto& labels = value->get_object();
    if (labels.size() > kMaxLabels) fault("/labels", "must have at most 64 members");
    for (const auto& label : labels) {
      const std::string_view key = label.key();
      const std::string pointer = "/labels/" + escape_pointer(key);
      if (key.empty() || key.size() > kMaxLabelKey || !is_label_key(key)) {
        fault(pointer, "a label's name must be 1 to 128 of letters, digits, '_', '-', '.' and '/'");
      } else if (!label.value().is_string()) {
        fault(pointer, "a label's value must be a string");
      } else if (label.value().get_string().size() > kMaxLabelValue) {
        fault(pointer, "a label's value must be at most 1024 bytes");
      } else if (has_control_but_lines(label.value().get_string())) {
        fault(pointer, "a label's value must be plain text, without control characters");
      } else {
        draft_.event.labels.push_back({std::string(key), std::string(label.value().get_string())});
      }
    }
    std::sort(draft_.event.labels.begin(), draft_.event.labels.end(),
              [](const Label& a, const Label& b) { return a.key < b.key; });
  }

  void read_data() {
    const auto* value = object_.if_contains("data");
    if (value == nullptr) {
      draft_.event.data = "{}";
    } else if (!value->is_object()) {
      fault("/data", "must be an object");
    } else {
      auto as_sent = cut_member(json_, "data");
      draft_.event.data = as_sent ? std::move(*as_sent) : json::serialize(*value);
    }
  }

  void read_time() {
    draft_.event.received_ms = now_ms_;
    draft_.event.occurred_ms = now_ms_;
    const auto time = text("time");
    if (time && !parse_rfc3339(*time, draft_.event.occurred_ms)) {
      fault("/time", "must be an RFC 3339 time such as 2026-11-23T08:00:00Z");
    }
  }

  std::string_view json_;
  const json::object& object_;
  const Catalogue& catalogue_;
  std::int64_t now_ms_;
  Draft draft_;
  std::vector<FieldError> faults_;
};

}  // namespace

Result<Draft> read_event(std::string_view text, const Catalogue& catalogue, const EventLimits& limits,
                         std::int64_t now_ms, bool keyed) {
  if (text.size() > limits.event_bytes) {
    return make_error(Errc::kTooLarge, "the event has " + std::to_string(text.size()) +
                                           " bytes, more than the " + std::to_string(limits.event_bytes) +
                                           " allowed: send a link to large content instead");
  }
  const auto document = parse_document(text);
  if (!document) return document.error();
  if (!document->is_object()) {
    return make_error(Errc::kInvalid, "an event is a JSON object such as {\"type\": \"scan.failed\", …}");
  }
  auto draft = Reader(text, document->get_object(), catalogue, now_ms).read();
  if (draft && (keyed || draft->named_id)) draft->body_hash = security::sha256(write_canonical(*document));
  return draft;
}

}  // namespace tocsin::ingest
