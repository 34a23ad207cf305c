// The Microsoft Teams channel: one Adaptive Card for an event or a digest, posted to a workflow. It includes
// nothing but the SDK and has no privilege that a third party's plugin lacks; the URL, whose signature is the
// secret, it never sees. What it does not do: know whether the card was posted (a workflow answers before),
// or speak to Office 365 connectors, which were switched off in May 2026.
#include <tocsin/plugin.hpp>

#include "card.hpp"
#include "reply.hpp"

namespace teams {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["url"],
  "additionalProperties": false,
  "properties": {
    "url": {
      "title": "Workflow URL", "type": "string", "format": "uri", "writeOnly": true, "minLength": 1, "maxLength": 2048,
      "description": "The address that the Teams app Workflows shows for \"Send webhook alerts to a channel\", whole, with everything behind the question mark. It is a secret: whoever has it can post.",
      "examples": ["https://prod-00.westeurope.logic.azure.com:443/workflows/0123/triggers/manual/paths/invoke?api-version=2016-06-01&sig=XXXX"],
      "x-hosts": ["*.logic.azure.com", "*.logic.azure.us", "*.environment.api.powerplatform.com", "*.azure-api.net", "*.flow.microsoft.com", "*.powerautomate.com"],
      "x-refuse": [
        {"pattern": "(?i)^[a-z]+://([a-z0-9-]+\\.)*webhook\\.office(365)?\\.com",
         "message": "is the address of an Office 365 connector, which Microsoft switched off in May 2026; in Teams, open the app Workflows, use \"Send webhook alerts to a channel\" and copy the address it shows"},
        {"pattern": "(?i)^[a-z]+://outlook\\.office(365)?\\.com",
         "message": "is the address of an Office 365 connector, which Microsoft switched off in May 2026; in Teams, open the app Workflows, use \"Send webhook alerts to a channel\" and copy the address it shows"},
        {"pattern": "(?i)^[a-z]+://(teams|make)\\.(microsoft|powerautomate)\\.com",
         "message": "is a page for people, not a workflow's address; open the workflow's trigger \"When a Teams webhook request is received\" and copy its HTTP URL"},
        {"unless": "[?&]sig=[^&]+", "message": "is incomplete: the signature (sig=…) at its end is missing; copy the address whole"},
        {"unless": "[?&]api-version=[^&]+", "message": "is incomplete: api-version is missing behind the question mark; copy the address whole"},
        {"unless": "^[a-z]+://[^/?#]+/([^?#]*/)?triggers/", "message": "is not the address of a workflow's trigger; open the trigger \"When a Teams webhook request is received\" and copy its HTTP URL"}
      ]
    },
    "name": {
      "title": "Teams channel", "type": "string", "maxLength": 80,
      "description": "For people: where the cards appear. Teams itself knows the place from the workflow."
    }
  }
})json";

class Channel {
 public:
  static constexpr tocsin::about about{
      .type = "teams",
      .name = "Microsoft Teams",
      .version = "1.0.0",
      .summary = "Posts Adaptive Cards to a Teams channel through a workflow",
      .vendor = "tocsin",
      .license = "Apache-2.0",
      .settings_schema = kSchema,
      .egress = {"settings:/url"},
      // Teams throttles above four requests a second; a minute of that would already bury a channel.
      .rate_per_minute = 60,
      .burst = 4,
      .retries = TOCSIN_RETRIES_CHAT,
      .flags = TOCSIN_TAKES_DIGESTS};

  explicit Channel(const tocsin::settings& settings) : url_(settings.text("/url")) {}

  [[nodiscard]] tocsin::http_request request(tocsin::message message) const {
    return tocsin::post(url_).json(render_card(message));
  }
  [[nodiscard]] tocsin::outcome response(tocsin::message, tocsin::http_response reply) const {
    return read_reply(reply);
  }

 private:
  std::string url_;  // its token
};

}  // namespace
}  // namespace teams

TOCSIN_CHANNEL(teams::Channel)
