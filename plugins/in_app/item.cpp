// See item.hpp. The host refuses what is over its limits (tocsin/ext/inbox.h), so texts are shortened here
// and an event's data that is too large is left out: the event itself has it.
#include "item.hpp"

#include <tocsin/cpp/wording.hpp>

namespace in_app {
namespace {

std::string shortened(std::string_view text, std::size_t bytes) {
  return tocsin::cut_text(text, {.bytes = bytes});
}

}  // namespace

Item::Item(const tocsin::message& message, std::string_view user) : user_(user) {
  const tocsin::event event = message.first();
  key_ = message.id();
  type_ = event.type();
  source_ = event.source();
  title_ = shortened(tocsin::headline(message), TOCSIN_INBOX_TITLE_BYTES);
  summary_ = shortened(tocsin::plain_text(event.summary(), true), TOCSIN_INBOX_SUMMARY_BYTES);
  // An event's link may hold letters of any language; an item's may not.
  link_ = tocsin::web_link(event.link(), TOCSIN_INBOX_LINK_BYTES);
  const std::string_view data = event.data().json();
  if (data != "{}" && data.size() <= TOCSIN_INBOX_JSON_BYTES) json_ = data;
  item_.size = sizeof item_;
  item_.severity = event.severity();
  item_.category = event.category();
  item_.time_unix_ms = event.time_unix_ms();
  item_.id = tocsin::c_str(key_);
  item_.user = tocsin::c_str(user_);
  item_.type = tocsin::c_str(type_);
  item_.source = tocsin::c_str(source_);
  item_.title = tocsin::c_str(title_);
  item_.summary = tocsin::c_str(summary_);
  item_.link = tocsin::c_str(link_);
  item_.json = tocsin::c_str(json_);
}

tocsin::outcome read_result(const tocsin_inbox_result& result) {
  switch (result.status) {
    case TOCSIN_OK:
      return tocsin::outcome::delivered(std::string(tocsin::view(result.item)));
    case TOCSIN_E_INVALID:
    case TOCSIN_E_TOO_LARGE:
      return tocsin::outcome::rejected("refused", "the host refused the item as malformed or too large");
    default:
      return tocsin::outcome::retry("store", "the host's store cannot take the item now");
  }
}

}  // namespace in_app
