// The webhook channel: one signed HTTP POST for one event, by Standard Webhooks 1.0.0. It includes nothing
// but the SDK and has no privilege that a third party's plugin lacks. What it does not do: retry, resolve,
// connect, follow redirects or see a secret; those are the host's.
//
// The hot path builds the body into one reused buffer and points at constant headers, because it runs for
// every event: active style, SERIAL, nothing allocated once the buffer has grown.
#include <tocsin/plugin.hpp>

#include "custom_headers.hpp"
#include "reply.hpp"
#include "signer.hpp"

namespace webhook {
namespace {

constexpr const char* kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["url"],
  "additionalProperties": false,
  "properties": {
    "url": {
      "title": "URL", "type": "string", "format": "uri", "minLength": 1, "maxLength": 2048,
      "description": "Where each event is posted. An https address that the internet can reach; redirects are not followed."
    },
    "secret": {
      "title": "Signing secret", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 512,
      "description": "Signs every request (webhook-signature). Best: whsec_ and the base64 of 32 random bytes. Any other text is used as it is. Without a secret the request is not signed."
    },
    "previous_secrets": {
      "title": "Previous secrets", "type": "array", "maxItems": 3,
      "description": "While the receiver changes over to a new secret: earlier ones that sign too until their time is over.",
      "items": {
        "title": "Previous secret", "type": "object", "required": ["secret", "until"], "additionalProperties": false,
        "description": "One that was the signing secret before.",
        "properties": {
          "secret": {"title": "Secret", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 512, "description": "As it stood in \"secret\"."},
          "until": {"title": "Until", "type": "string", "format": "date-time", "description": "When it stops to sign, such as 2026-12-31T00:00:00Z."}
        }
      }
    },
    "signing_key": {
      "title": "Ed25519 signing key", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 256,
      "description": "Signs with a key pair too (v1a): whsk_ and the base64 of the private key. The receiver needs only the public one."
    },
    "github_signature": {
      "title": "GitHub signature", "type": "boolean", "default": false,
      "description": "Adds X-Hub-Signature-256 with the signing secret, for receivers that were made for GitHub."
    },
    "format": {
      "title": "Format", "type": "string", "enum": ["standard", "cloudevents"], "default": "standard",
      "description": "standard: the body of Standard Webhooks. cloudevents: a CloudEvents 1.0 event in structured JSON."
    },
    "headers": {
      "title": "Custom headers", "type": "object", "maxProperties": 20,
      "description": "Extra request headers by name, for example Authorization. Values are kept as secrets and never shown again.",
      "additionalProperties": {
        "title": "Header value", "type": "string", "writeOnly": true, "maxLength": 4096, "format": "http-header-value",
        "description": "Visible ASCII characters, with blanks only inside."
      }
    },
    "timeout_seconds": {
      "title": "Timeout", "type": "integer", "minimum": 5, "maximum": 30, "default": 15,
      "description": "Seconds to wait for the whole answer before the attempt counts as timed out."
    }
  }
})json";

std::string escape_pointer(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

constexpr tocsin_str kJsonType = TOCSIN_LIT("application/json");
constexpr tocsin_str kCloudEventsType = TOCSIN_LIT("application/cloudevents+json; charset=utf-8");

class Channel {
 public:
  static constexpr tocsin::about about{
      .type = "webhook",
      .name = "Webhook",
      .version = "1.0.0",
      .summary = "Posts each event to an HTTPS endpoint, signed by Standard Webhooks",
      .vendor = "tocsin",
      .license = "Apache-2.0",
      .settings_schema = kSchema,
      .requires_ext = {TOCSIN_EXT_HTTP, TOCSIN_EXT_CLOCK, TOCSIN_EXT_SECRET},
      .egress = {"settings:/url"},
      .retries = TOCSIN_RETRIES_STANDARD};

  Channel(const tocsin::settings& settings, const tocsin::host& host)
      : host_(host),
        url_(settings.text("/url")),
        signer_(settings, host),
        cloudevents_(settings.text("/format") == "cloudevents"),
        timeout_ms_(static_cast<std::uint32_t>(settings.number("/timeout_seconds", 15) * 1000)) {
    for (const auto& [name, token] : settings.members("/headers")) custom_.emplace_back(name, token);
    check_headers();
  }

  void deliver(tocsin::message message, tocsin::delivery delivery) {
    cloudevents_ ? render_cloudevent(message.first()) : render_body(message.first());
    render_timestamp();
    tocsin_kv headers[6 + kMaxCustomHeaders];
    std::size_t n = 0;
    headers[n++] = {TOCSIN_LIT("content-type"), cloudevents_ ? kCloudEventsType : kJsonType};
    headers[n++] = {TOCSIN_LIT("webhook-id"), message.raw()->id};
    headers[n++] = {TOCSIN_LIT("webhook-timestamp"), tocsin::c_str(timestamp_)};
    tocsin_status status = TOCSIN_OK;
    if (signer_.signs()) {
      status = signer_.sign(message.raw()->id, timestamp_, body_, now_ms_, signature_);
      headers[n++] = {TOCSIN_LIT("webhook-signature"), tocsin::c_str(signature_)};
    }
    if (status == TOCSIN_OK && signer_.signs_for_github()) {
      status = signer_.sign_for_github(body_, github_signature_);
      headers[n++] = {TOCSIN_LIT("x-hub-signature-256"), tocsin::c_str(github_signature_)};
    }
    if (status != TOCSIN_OK) return delivery.complete(tocsin::classify_refusal(status));
    for (const auto& [name, token] : custom_) headers[n++] = {tocsin::c_str(name), tocsin::c_str(token)};
    submit(headers, n, delivery);
  }

 private:
  void check_headers() const {
    std::vector<std::string_view> names;
    for (const auto& [name, token] : custom_) names.push_back(name);
    if (const auto fault = find_header_fault(names)) {
      throw tocsin::settings_error(
          fault->name.empty() ? "/headers" : "/headers/" + escape_pointer(fault->name), fault->sentence);
    }
  }

  // {"type","timestamp","data"}: the event's own time and bytes, so every attempt sends the same body.
  void render_body(const tocsin::event& event) {
    body_.clear();
    body_ += R"({"type":)";
    tocsin::append_json(body_, event.type());
    body_ += R"(,"timestamp":")";
    tocsin::append_iso8601(body_, event.time_unix_ms());
    body_ += R"(","data":)";
    body_ += event.json();
    body_ += '}';
  }

  // CloudEvents 1.0, structured: the same event as data, what it is about as attributes.
  void render_cloudevent(const tocsin::event& event) {
    std::string source = "/teams/" + std::string(event.team());
    if (!event.source().empty()) source += '/' + std::string(event.source());
    body_.clear();
    body_ += R"({"specversion":"1.0","id":)";
    tocsin::append_json(body_, event.id());
    body_ += R"(,"source":)";
    tocsin::append_json(body_, source);
    body_ += R"(,"type":)";
    tocsin::append_json(body_, event.type());
    body_ += R"(,"time":")";
    tocsin::append_iso8601(body_, event.time_unix_ms());
    body_ += R"(","datacontenttype":"application/json","data":)";
    body_ += event.json();
    body_ += '}';
  }

  // The attempt's time in seconds: receivers refuse old ones, so it is new on every attempt.
  void render_timestamp() {
    now_ms_ = host_.unix_ms();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, now_ms_ / 1000).ptr;
    timestamp_.assign(digits, end);
  }

  void submit(const tocsin_kv* headers, std::size_t n, const tocsin::delivery& delivery) {
    tocsin_http_request request{};
    request.size = sizeof request;
    request.timeout_ms = timeout_ms_;
    request.url = tocsin::c_str(url_);
    request.headers = headers;
    request.n_headers = n;
    request.body = tocsin::c_str(body_);
    const tocsin_status status = host_.http()->submit(host_.raw(), delivery.raw(), &request, &answered, this);
    if (status != TOCSIN_OK && status != TOCSIN_E_STALE) delivery.complete(tocsin::classify_refusal(status));
  }

  static void answered(tocsin_instance*, tocsin_delivery* handle, const tocsin_http_response* response,
                       void* user) noexcept {
    const auto* self = static_cast<const Channel*>(user);
    const tocsin::delivery delivery(self->host_, handle, about.type);
    delivery.guard([&] { delivery.complete(read_reply(tocsin::http_response(*response))); });
  }

  tocsin::host host_;
  std::string url_;
  Signer signer_;
  bool cloudevents_;
  std::vector<std::pair<std::string, std::string>> custom_;  // name, value's token
  std::uint32_t timeout_ms_;
  std::int64_t now_ms_ = 0;                                      // of the message in hand, as all below
  std::string body_, timestamp_, signature_, github_signature_;  // reused by every message
};

}  // namespace
}  // namespace webhook

TOCSIN_CHANNEL(webhook::Channel)
