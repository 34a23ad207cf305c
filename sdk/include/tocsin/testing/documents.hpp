// tocsin/testing/documents.hpp - settings and messages for tests of a channel.
//
// Why: the C structs only point; a test needs something that owns what they point at. What it does not do:
// parse JSON. Settings are given as the flat view, a message field by field.
#pragma once

#include <deque>
#include <initializer_list>
#include <tocsin/plugin.hpp>

namespace tocsin::testing {

// A settings document from its scalars: {{"/url", "https://..."}, {"/timeout_seconds", "15"}}.
class document {
 public:
  document() = default;
  document(std::initializer_list<std::pair<std::string, std::string>> scalars) : owned_(scalars) {}
  document& set(std::string pointer, std::string value) {
    owned_.emplace_back(std::move(pointer), std::move(value));
    return *this;
  }
  // The document's own text, for a channel that reads it whole; without it, "{}".
  document& json(std::string text) {
    json_ = std::move(text);
    return *this;
  }
  // Valid until the document changes.
  const tocsin_doc* c() {
    flat_.clear();
    for (const auto& [key, value] : owned_) flat_.push_back({c_str(key), c_str(value)});
    doc_ = {c_str(json_), flat_.data(), flat_.size()};
    return &doc_;
  }

 private:
  std::string json_ = "{}";
  std::deque<std::pair<std::string, std::string>> owned_;
  std::vector<tocsin_kv> flat_;
  tocsin_doc doc_{};
};

// A message of one event, or of several where `more` holds others; every field can be changed before c().
struct sample_message {
  std::string id = "dlv_01JDB8Z6Q0000000000000001A";
  std::uint32_t attempt = 1;
  std::uint32_t flags = 0;
  std::uint32_t severity = TOCSIN_HIGH;
  std::uint32_t category = TOCSIN_SECURITY_ALERT;
  std::int64_t time_unix_ms = 1'795'420'800'000;  // 2026-11-23T08:00:00Z
  std::string event_id = "evt_1", team = "demo", type = "finding.created", source = "cspm";
  std::string title = "Public bucket", summary = "A storage bucket is public",
              link = "https://example.com/f/1";
  std::string json = R"({"id":"evt_1","type":"finding.created","title":"Public bucket"})";
  std::string data = "{}";
  std::string carry{};
  std::vector<std::pair<std::string, std::string>> labels{};
  std::deque<sample_message> more{};  // the further events of a digest; set TOCSIN_DIGEST in flags too

  // Valid until the sample changes or goes.
  const tocsin_message* c() {
    build_event();
    events_.assign(1, &event_);
    for (sample_message& other : more) {
      other.build_event();
      events_.push_back(&other.event_);
    }
    message_ = {};
    message_.size = sizeof message_;
    message_.attempt = attempt;
    message_.flags = flags;
    message_.id = c_str(id);
    message_.events = events_.data();
    message_.n_events = events_.size();
    message_.carry = c_str(carry);
    return &message_;
  }

 private:
  void build_event() {
    event_ = {};
    event_.size = sizeof event_;
    event_.severity = severity;
    event_.category = category;
    event_.time_unix_ms = time_unix_ms;
    event_.id = c_str(event_id);
    event_.team = c_str(team);
    event_.type = c_str(type);
    event_.source = c_str(source);
    event_.title = c_str(title);
    event_.summary = c_str(summary);
    event_.link = c_str(link);
    event_.json = c_str(json);
    event_.data.json = c_str(data);
    labels_.clear();
    for (const auto& [key, value] : labels) labels_.push_back({c_str(key), c_str(value)});
    event_.labels = labels_.data();
    event_.n_labels = labels_.size();
  }

  tocsin_event event_{};
  tocsin_message message_{};
  std::vector<tocsin_kv> labels_;
  std::vector<const tocsin_event*> events_;
};

}  // namespace tocsin::testing
