// tocsin/cpp/views.hpp - settings, message and event as C++ sees them.
//
// Why: string_view accessors over the C structs, without a copy. What it does not do: own anything. A view
// lives as long as what it looks at: settings until the constructor returns, a message until its delivery
// completes.
#pragma once

#include <tocsin/plugin.h>

#include <charconv>
#include <stdexcept>
#include <tocsin/cpp/text.hpp>
#include <utility>
#include <vector>

namespace tocsin {

enum severity : std::uint32_t {
  info = TOCSIN_INFO,
  low = TOCSIN_LOW,
  medium = TOCSIN_MEDIUM,
  high = TOCSIN_HIGH,
  critical = TOCSIN_CRITICAL
};

inline std::string_view severity_name(severity value) noexcept {
  switch (value) {
    case low:
      return "low";
    case medium:
      return "medium";
    case high:
      return "high";
    case critical:
      return "critical";
    default:
      return "info";
  }
}

// Thrown by a channel's constructor to refuse its settings. `pointer` names the setting ("/headers/Host"),
// `what()` the fault and the fix, without a value.
class settings_error : public std::runtime_error {
 public:
  settings_error(std::string pointer, const std::string& text)
      : std::runtime_error(text), pointer_(std::move(pointer)) {}
  const std::string& pointer() const noexcept { return pointer_; }

 private:
  std::string pointer_;
};

// A document by JSON Pointer, on its flat view. Types were checked by the schema: a text that is no number
// reads as the fallback.
class settings {
 public:
  explicit settings(const tocsin_doc& doc) noexcept : doc_(&doc) {}

  bool has(std::string_view pointer) const noexcept { return find(pointer) != nullptr; }
  std::string_view text(std::string_view pointer, std::string_view fallback = {}) const noexcept {
    const tocsin_str* value = find(pointer);
    return value == nullptr ? fallback : view(*value);
  }
  std::int64_t number(std::string_view pointer, std::int64_t fallback = 0) const noexcept {
    const std::string_view digits = text(pointer);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? value : fallback;
  }
  bool flag(std::string_view pointer, bool fallback = false) const noexcept {
    const std::string_view value = text(pointer);
    return value.empty() ? fallback : value == "true";
  }
  std::string_view json() const noexcept { return view(doc_->json); }

  // The scalars directly below an object or array, names with ~0 and ~1 resolved, in document order.
  std::vector<std::pair<std::string, std::string_view>> members(std::string_view pointer) const {
    std::vector<std::pair<std::string, std::string_view>> found;
    for (std::size_t i = 0; i < doc_->n_flat; ++i) {
      std::string_view key = view(doc_->flat[i].key);
      if (!key.starts_with(pointer) || key.size() <= pointer.size() || key[pointer.size()] != '/') continue;
      key.remove_prefix(pointer.size() + 1);
      if (key.find('/') == std::string_view::npos)
        found.emplace_back(unescape(key), view(doc_->flat[i].value));
    }
    return found;
  }

 private:
  static std::string unescape(std::string_view key) {
    std::string out;
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (key[i] == '~' && i + 1 < key.size()) {
        out.push_back(key[++i] == '1' ? '/' : '~');
      } else {
        out.push_back(key[i]);
      }
    }
    return out;
  }
  const tocsin_str* find(std::string_view pointer) const noexcept {
    for (std::size_t i = 0; i < doc_->n_flat; ++i) {
      if (view(doc_->flat[i].key) == pointer) return &doc_->flat[i].value;
    }
    return nullptr;
  }
  const tocsin_doc* doc_;
};

class event {
 public:
  explicit event(const tocsin_event& e) noexcept : e_(&e) {}
  tocsin::severity severity() const noexcept { return static_cast<tocsin::severity>(e_->severity); }
  std::uint32_t category() const noexcept { return e_->category; }
  std::int64_t time_unix_ms() const noexcept { return e_->time_unix_ms; }
  std::string_view id() const noexcept { return view(e_->id); }
  std::string_view team() const noexcept { return view(e_->team); }
  std::string_view type() const noexcept { return view(e_->type); }
  std::string_view source() const noexcept { return view(e_->source); }
  std::string_view title() const noexcept { return view(e_->title); }
  std::string_view summary() const noexcept { return view(e_->summary); }
  std::string_view link() const noexcept { return view(e_->link); }
  std::string_view json() const noexcept { return view(e_->json); }
  settings data() const noexcept { return settings(e_->data); }  // flat view only with TOCSIN_FLAT_DATA
  std::string_view label(std::string_view name) const noexcept {
    for (const tocsin_kv& kv : labels()) {
      if (view(kv.key) == name) return view(kv.value);
    }
    return {};
  }
  std::span<const tocsin_kv> labels() const noexcept { return {e_->labels, e_->n_labels}; }

 private:
  const tocsin_event* e_;
};

// A message; the shorthands speak of its first (mostly its only) event.
class message {
 public:
  explicit message(const tocsin_message& m) noexcept : m_(&m) {}
  std::string_view id() const noexcept { return view(m_->id); }
  std::uint32_t attempt() const noexcept { return m_->attempt; }
  bool is_test() const noexcept { return (m_->flags & TOCSIN_TEST) != 0; }
  bool is_digest() const noexcept { return (m_->flags & TOCSIN_DIGEST) != 0; }
  std::int64_t deadline_unix_ms() const noexcept { return m_->deadline_unix_ms; }
  std::string_view console_url() const noexcept { return view(m_->console_url); }
  std::string_view carry() const noexcept {
    return TOCSIN_HAS(tocsin_message, m_, carry) ? view(m_->carry) : std::string_view{};
  }
  std::size_t size() const noexcept { return m_->n_events; }
  event operator[](std::size_t i) const noexcept { return event(*m_->events[i]); }
  event first() const noexcept { return (*this)[0]; }
  tocsin::severity severity() const noexcept { return first().severity(); }
  std::string_view type() const noexcept { return first().type(); }
  std::string_view source() const noexcept { return first().source(); }
  std::string_view title() const noexcept { return first().title(); }
  std::string_view summary() const noexcept { return first().summary(); }
  std::string_view link() const noexcept { return first().link(); }
  const tocsin_message* raw() const noexcept { return m_; }

 private:
  const tocsin_message* m_;
};

}  // namespace tocsin
