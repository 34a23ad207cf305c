// The Slack channel: one post to an incoming webhook for an event or a digest. It includes nothing but the
// SDK and has no privilege that a third party's plugin lacks; the URL, which is the secret, it never sees.
// What it does not do: edit, thread or delete messages (a webhook cannot), or test the connection without
// posting (Slack offers no way).
#include <tocsin/plugin.hpp>

#include "block_message.hpp"
#include "reply.hpp"

namespace slack {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["url"],
  "additionalProperties": false,
  "properties": {
    "url": {
      "title": "Webhook URL", "type": "string", "format": "uri", "writeOnly": true, "minLength": 1, "maxLength": 1024,
      "description": "The incoming webhook's address as Slack shows it: https://hooks.slack.com/services/T…/B…/… It is a secret: whoever has it can post.",
      "examples": ["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"],
      "x-hosts": ["hooks.slack.com", "hooks.slack-gov.com"],
      "x-refuse": [
        {"pattern": "^[a-z]+://[^/]*/triggers/",
         "message": "is the address of a Workflow Builder trigger, which takes another kind of message; in Slack, add the app Incoming Webhooks to the channel and copy its https://hooks.slack.com/services/… address"},
        {"pattern": "^[a-z]+://[^/]*/workflows/",
         "message": "is the address of a Slack workflow, which takes another kind of message; in Slack, add the app Incoming Webhooks to the channel and copy its https://hooks.slack.com/services/… address"},
        {"pattern": "^[a-z]+://[^/]*slack(-gov)?\\.com(:[0-9]+)?/(commands|actions)/",
         "message": "is the reply address of a command or a button, which expires after half an hour; in Slack, add the app Incoming Webhooks to the channel and copy its https://hooks.slack.com/services/… address"},
        {"pattern": "^[a-z]+://(api|app)\\.slack(-gov)?\\.com",
         "message": "is a page of Slack, not a webhook; in Slack, add the app Incoming Webhooks to the channel and copy its https://hooks.slack.com/services/… address"},
        {"pattern": "^[a-z]+://hooks\\.slack(-gov)?\\.com(:[0-9]+)?(/?|/services(/[^/]*){0,2}/?)$",
         "message": "is incomplete; copy the webhook's whole address, https://hooks.slack.com/services/ with three parts behind it"}
      ]
    },
    "name": {
      "title": "Slack channel", "type": "string", "maxLength": 80,
      "description": "For people: where the messages appear, such as #security-critical. Slack itself knows the place from the URL."
    }
  }
})json";

class Channel {
 public:
  static constexpr tocsin::about about{
      .type = "slack",
      .name = "Slack",
      .version = "1.0.0",
      .summary = "Posts to a Slack channel through an incoming webhook",
      .vendor = "tocsin",
      .license = "Apache-2.0",
      .settings_schema = kSchema,
      .egress = {"settings:/url"},
      // Slack's limit is one message a second for each webhook, with short bursts.
      .rate_per_minute = 60,
      .burst = 3,
      .retries = TOCSIN_RETRIES_CHAT,
      .flags = TOCSIN_TAKES_DIGESTS};

  explicit Channel(const tocsin::settings& settings) : url_(settings.text("/url")) {}

  void deliver(tocsin::message message, tocsin::delivery delivery) {
    delivery.send(request(render_blocks(message)), [this, message, delivery](tocsin::http_response reply) {
      if (!refuses_blocks(reply)) return delivery.complete(read_reply(reply));
      // Better a plain message than none.
      delivery.send(request(render_text(message)), [delivery](tocsin::http_response second) {
        tocsin::outcome o = read_reply(second);
        if (o.status == TOCSIN_DELIVERED) {
          o.code = "text_only";
          o.detail = "Slack refused the message's blocks and took it as plain text";
        }
        delivery.complete(o);
      });
    });
  }

 private:
  [[nodiscard]] tocsin::http_request request(std::string body) const {
    return tocsin::post(url_).json(std::move(body));
  }
  std::string url_;  // its token
};

}  // namespace
}  // namespace slack

TOCSIN_CHANNEL(slack::Channel)
