// What of an event becomes an item of the notification centre, and what an answer of the host's means. Both
// pure; storing, marking and streaming items is the host's.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

namespace in_app {

// Owns what the C form points at. The message's id is the item's key, so a second attempt makes no second
// item; the event's is not, since its producer may use it again for another alert.
class Item {
 public:
  Item(const tocsin::message& message, std::string_view user);
  // Valid as long as this.
  [[nodiscard]] const tocsin_inbox_item& c() const noexcept { return item_; }

 private:
  tocsin_inbox_item item_{};
  std::string key_, user_, type_, source_, title_, summary_, link_, json_;
};

[[nodiscard]] tocsin::outcome read_result(const tocsin_inbox_result& result);

}  // namespace in_app
