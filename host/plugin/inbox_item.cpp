// See inbox_item.hpp.
#include "plugin/inbox_item.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <cstddef>

#include "plugin/plain_text.hpp"

namespace tocsin::plugin {
namespace {

constexpr std::uint32_t kSmallestItem = offsetof(tocsin_inbox_item, json) + sizeof(tocsin_str);
constexpr std::size_t kMaxDepth = 128;  // of the events' own data, and more

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_link(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) && is_word(text);
}

bool is_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::error_code error;
  const auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  return !error && value.is_object();
}

bool fits(const tocsin_inbox_item& given) {
  return given.id.len <= TOCSIN_INBOX_ID_BYTES && given.user.len <= TOCSIN_INBOX_NAME_BYTES &&
         given.type.len <= TOCSIN_INBOX_NAME_BYTES && given.source.len <= TOCSIN_INBOX_NAME_BYTES &&
         given.title.len <= TOCSIN_INBOX_TITLE_BYTES && given.summary.len <= TOCSIN_INBOX_SUMMARY_BYTES &&
         given.link.len <= TOCSIN_INBOX_LINK_BYTES && given.json.len <= TOCSIN_INBOX_JSON_BYTES;
}

// Valid UTF-8 and no longer than it was.
std::string text_of(tocsin_str given) {
  return repair_text(view(given), given.len);
}

}  // namespace

tocsin_status read_inbox_item(const tocsin_inbox_item* given, InboxItem& out) {
  if (given == nullptr || given->size < kSmallestItem || given->flags != 0) return TOCSIN_E_INVALID;
  if (given->severity > TOCSIN_CRITICAL || given->category < TOCSIN_SECURITY_ALERT ||
      given->category > TOCSIN_SYSTEM_ERROR) {
    return TOCSIN_E_INVALID;
  }
  if (!fits(*given)) return TOCSIN_E_TOO_LARGE;
  const auto json = view(given->json);
  if (view(given->id).empty() || view(given->title).empty() || !is_word(view(given->user))) {
    return TOCSIN_E_INVALID;
  }
  if (!view(given->link).empty() && !is_link(view(given->link))) return TOCSIN_E_INVALID;
  if (!json.empty() && !is_object(json)) return TOCSIN_E_INVALID;
  out.user = view(given->user);
  out.key = text_of(given->id);
  out.type = text_of(given->type);
  out.category = static_cast<Category>(given->category - 1);
  out.severity = static_cast<Severity>(given->severity);
  out.source = text_of(given->source);
  out.title = text_of(given->title);
  out.summary = text_of(given->summary);
  out.link = view(given->link);
  out.json = json;
  out.time_ms = given->time_unix_ms;
  const bool is_left = !out.key.empty() && !out.title.empty();  // of a byte that was no text, nothing may be
  return is_left ? TOCSIN_OK : TOCSIN_E_INVALID;
}

}  // namespace tocsin::plugin
