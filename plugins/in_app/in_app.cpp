// The in-app channel: each alert becomes an item of the team's notification centre. It includes nothing but
// the SDK and has no privilege that a third party's plugin lacks; what people see of an item, and what they
// do with it, is the host's.
#include <tocsin/plugin.hpp>

#include "item.hpp"

namespace in_app {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "user": {
      "title": "User", "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$",
      "description": "Whose notification centre the alerts appear in, by the user's name. Without it: everyone's of the team."
    }
  }
})json";

class Channel {
 public:
  static constexpr tocsin::about about{.type = "in_app",
                                       .name = "Notification centre",
                                       .version = "1.0.0",
                                       .summary = "Shows each alert in the team's notification centre",
                                       .vendor = "tocsin",
                                       .license = "Apache-2.0",
                                       .settings_schema = kSchema,
                                       .requires_ext = {TOCSIN_EXT_INBOX},
                                       .retries = TOCSIN_RETRIES_CHAT};

  Channel(const tocsin::settings& settings, const tocsin::host& host)
      : host_(host), user_(settings.text("/user")) {}

  void deliver(tocsin::message message, tocsin::delivery delivery) {
    const Item item(message, user_);
    const tocsin_status status = host_.inbox()->put(host_.raw(), delivery.raw(), &item.c(), &stored, this);
    if (status != TOCSIN_OK && status != TOCSIN_E_STALE) {
      tocsin_inbox_result refused{};
      refused.status = status;
      delivery.complete(read_result(refused));
    }
  }

 private:
  static void stored(tocsin_instance*, tocsin_delivery* handle, const tocsin_inbox_result* result,
                     void* user) noexcept {
    if (result->status == TOCSIN_E_STALE) return;  // the host ended the attempt
    const tocsin::delivery delivery(static_cast<const Channel*>(user)->host_, handle, about.type);
    delivery.guard([&] { delivery.complete(read_result(*result)); });
  }

  tocsin::host host_;
  std::string user_;
};

}  // namespace
}  // namespace in_app

TOCSIN_CHANNEL(in_app::Channel)
