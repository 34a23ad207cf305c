// The PagerDuty channel: an alert by the Events API v2, so that somebody is called. What it does not do:
// acknowledge or resolve; people do that where they are called.
//
// The active style, since one attempt may be two exchanges: where PagerDuty will not take the details, the
// alert goes without them. Waking somebody comes before telling everything.
#include <tocsin/cpp/wording.hpp>
#include <tocsin/plugin.hpp>

namespace {

constexpr const char* kSchema = R"json({
  "type": "object",
  "required": ["routing_key"],
  "additionalProperties": false,
  "properties": {
    "routing_key": {
      "title": "Integration key", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 64,
      "description": "Of an Events API v2 integration of the service: 32 characters.",
      "examples": ["0123456789abcdef0123456789abcdef"],
      "x-refuse": [{"unless": "[0-9A-Za-z]{32}", "message":
        "has not the 32 characters of an integration key; copy it from the service's Events API v2 integration"}]
    },
    "server": {
      "title": "Server", "type": "string", "format": "uri", "maxLength": 512,
      "default": "https://events.pagerduty.com",
      "description": "https://events.eu.pagerduty.com for accounts in the EU region."
    },
    "incident_label": {
      "title": "Incident label", "type": "string", "minLength": 1, "maxLength": 64,
      "description": "Alerts with the same value of this label are one incident; without it each is its own.",
      "examples": ["incident"]
    }
  }
})json";

// What PagerDuty takes.
constexpr std::size_t kMostSummary = 1024;     // characters; bytes are never more generous
constexpr std::size_t kMostKey = 255;          // of a de-duplication key
constexpr std::size_t kMostDetails = 100'000;  // bytes; of 512 KiB for the whole event

std::string_view severity_of(tocsin::severity severity) {
  return severity == tocsin::critical ? "critical"
         : severity == tocsin::high   ? "error"
         : severity == tocsin::medium ? "warning"
                                      : "info";
}

class Channel {
 public:
  static constexpr tocsin::about about{.type = "com.pagerduty",
                                       .name = "PagerDuty",
                                       .version = "1.0.0",
                                       .summary = "Opens incidents by the Events API v2",
                                       .vendor = "tocsin examples",
                                       .license = "Apache-2.0",
                                       .url = "https://developer.pagerduty.com/docs/events-api-v2/overview/",
                                       .settings_schema = kSchema,
                                       .egress = {"settings:/server"},
                                       .rate_per_minute = 120,
                                       .burst = 30,
                                       .retries = TOCSIN_RETRIES_STANDARD};

  explicit Channel(const tocsin::settings& settings)
      : url_(settings.text("/server")),
        key_(settings.text("/routing_key")),
        incident_label_(settings.text("/incident_label")) {
    while (url_.ends_with('/')) url_.pop_back();
    url_ += "/v2/enqueue";
  }

  // The message lives until it is completed, so both exchanges may look at it.
  void deliver(tocsin::message message, tocsin::delivery delivery) const {
    delivery.send(request(message, true), [this, message, delivery](tocsin::http_response reply) {
      if (!refuses_details(reply)) return delivery.complete(read(reply));
      delivery.send(request(message, false),
                    [delivery](tocsin::http_response again) { delivery.complete(read(again)); });
    });
  }

 private:
  // PagerDuty folds events with the same key into one open incident: a repetition of ours opens no second
  // one.
  [[nodiscard]] std::string dedup_key(tocsin::message message) const {
    const std::string_view incident =
        incident_label_.empty() ? std::string_view{} : message.first().label(incident_label_);
    return tocsin::cut_text(incident.empty() ? message.first().id() : incident, {.bytes = kMostKey});
  }

  [[nodiscard]] tocsin::http_request request(tocsin::message message, bool with_details) const {
    const tocsin::event event = message.first();
    std::string iso;
    tocsin::append_iso8601(iso, event.time_unix_ms());
    auto payload = tocsin::json_object()
                       .text("summary", tocsin::cut_text(tocsin::headline(message), {.bytes = kMostSummary}))
                       .text("source", event.source().empty() ? std::string_view("tocsin") : event.source())
                       .text("severity", severity_of(event.severity()))
                       .text("timestamp", iso)
                       .text("class", event.type());
    if (with_details) {
      auto details =
          tocsin::json_object().text("summary", tocsin::cut_text(event.summary(), {.bytes = kMostDetails}));
      for (const tocsin_kv& label : event.labels())
        details.text("label " + std::string(tocsin::view(label.key)), tocsin::view(label.value));
      payload.raw("custom_details", details.text("reference", tocsin::reference_line(message)).str());
    }
    auto body = tocsin::json_object()
                    .text("routing_key", key_)
                    .text("event_action", "trigger")
                    .text("dedup_key", dedup_key(message))
                    .text("client", "tocsin")
                    .raw("payload", payload.str());
    const std::string link = tocsin::web_link(event.link(), 2048);
    if (!link.empty())
      body.raw("links",
               '[' + tocsin::json_object().text("href", link).text("text", "Open the finding").str() + ']');
    // The integration key is a secret that stands in the body: the host is asked to put it there.
    return tocsin::post(url_).json(body.str()).secrets_in_body(TOCSIN_BODY_JSON);
  }

  static bool refuses_details(const tocsin::http_response& reply) {
    return reply.status() == 413 ||
           (reply.status() == 400 && reply.body().find("custom_details") != std::string_view::npos);
  }

  static tocsin::outcome read(const tocsin::http_response& reply) {
    // Queued there: whether it opened an incident, joined one or was suppressed is not said.
    if (reply.ok())
      return tocsin::outcome::accepted(std::string(tocsin::peek_json_text(reply.body(), "dedup_key")));
    if (reply.status() == 400 && reply.body().find("routing_key") != std::string_view::npos)
      return tocsin::outcome::misconfigured("routing_key", "PagerDuty does not know this integration key");
    return tocsin::classify(reply);
  }

  std::string url_, key_, incident_label_;
};

}  // namespace

TOCSIN_CHANNEL(Channel)
