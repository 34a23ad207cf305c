// The acme channel: posts each alert to an HTTPS endpoint as a JSON object, with a bearer token.
//
// The sans-I/O style: request() says what to send and response() what the answer means. The host does the
// rest: connections, time limits, retries, the record.
#include <tocsin/cpp/wording.hpp>
#include <tocsin/plugin.hpp>

namespace {

// The form an admin fills in. The host checks settings against it before the constructor runs. What is
// writeOnly is a secret: it reads as a token here, and the host puts the value in its place when it sends.
constexpr const char* kSchema = R"json({
  "type": "object",
  "required": ["url"],
  "additionalProperties": false,
  "properties": {
    "url": {
      "title": "URL", "type": "string", "format": "uri", "minLength": 1, "maxLength": 2048,
      "description": "Where alerts are posted.",
      "examples": ["https://api.example.com/v1/alerts"]
    },
    "token": {
      "title": "Access token", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 512,
      "description": "Sent as a bearer token."
    }
  }
})json";

class Channel {
 public:
  static constexpr tocsin::about about{.type = "com.example.acme",
                                       .name = "Acme",
                                       .version = "0.1.0",
                                       .summary = "Posts each alert to Acme",
                                       .vendor = "You",
                                       .settings_schema = kSchema,
                                       .egress = {"settings:/url"},
                                       .retries = TOCSIN_RETRIES_CHAT};

  // What the schema cannot say is checked here: throw tocsin::settings_error("/url", "why, and the fix").
  explicit Channel(const tocsin::settings& settings)
      : url_(settings.text("/url")), token_(settings.text("/token")) {}

  // The same bytes for the same message, on every attempt. message.id() is the idempotency key.
  [[nodiscard]] tocsin::http_request request(tocsin::message message) const {
    const tocsin::event event = message.first();
    return tocsin::post(url_)
        .bearer(token_)
        .header("Idempotency-Key", message.id())
        .json(tocsin::json_object()
                  .text("title", tocsin::headline(message))
                  .text("severity", tocsin::severity_name(event.severity()))
                  .text("text", event.summary())
                  .text("link", event.link())
                  .str());
  }

  // tocsin::classify() knows what HTTP statuses mean; write down only where this provider differs.
  [[nodiscard]] tocsin::outcome response(tocsin::message, tocsin::http_response reply) const {
    if (reply.status() == 409) return tocsin::outcome::delivered();  // it has this idempotency key already
    return tocsin::classify(reply);
  }

 private:
  std::string url_;
  std::string token_;  // never the value
};

}  // namespace

TOCSIN_CHANNEL(Channel)
