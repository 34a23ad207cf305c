// See ids.hpp.
#include "model/ids.hpp"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLength = 13;  // 13 * 5 bits hold 64

std::string format_id(std::string_view prefix, std::int64_t id) {
  std::string text(prefix.size() + kLength, '0');
  prefix.copy(text.data(), prefix.size());
  auto rest = static_cast<std::uint64_t>(id);
  for (std::size_t i = text.size(); i-- > prefix.size(); rest >>= 5) text[i] = kDigits[rest & 31];
  return text;
}

std::optional<std::int64_t> parse_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kLength || !text.starts_with(prefix)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text.substr(prefix.size())) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    if (value >> 58) return std::nullopt;  // more than 63 bits
    value = (value << 5) | digit;
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string format_event_id(EventSeq seq) {
  return format_id("evt_", seq);
}
std::string format_delivery_id(DeliveryId id) {
  return format_id("dlv_", id);
}
std::string format_item_id(InboxSeq seq) {
  return format_id("itm_", seq);
}
std::string format_message_id(MessageId id) {
  return id < 0 ? format_delivery_id(-id) + "-d" : format_delivery_id(id);
}
std::string format_request_id(std::int64_t id) {
  return format_id("req_", id);
}
std::optional<EventSeq> parse_event_id(std::string_view text) {
  return parse_id("evt_", text);
}
std::optional<DeliveryId> parse_delivery_id(std::string_view text) {
  return parse_id("dlv_", text);
}
std::optional<InboxSeq> parse_item_id(std::string_view text) {
  return parse_id("itm_", text);
}

std::int64_t IdSource::reserve(std::int64_t unix_ms, std::int64_t count) {
  const std::int64_t first = std::max(last_ + 1, unix_ms << 20);
  last_ = first + count - 1;
  return first;
}

}  // namespace tocsin
