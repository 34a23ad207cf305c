// The syslog channel: each alert as one RFC 5424 record over TLS (RFC 5425) or plain TCP, on a thread of its
// own, since it opens its own socket and waits for it.
#include <memory>
#include <stdexcept>
#include <tocsin/plugin.hpp>

#include "connection.hpp"
#include "record.hpp"
#include "tls.hpp"

namespace {

using syslog_channel::Sent;

constexpr const char* kSchema = R"json({
  "type": "object",
  "required": ["server"],
  "additionalProperties": false,
  "properties": {
    "server": {
      "title": "Collector", "type": "string", "minLength": 1, "maxLength": 253, "pattern": "^[A-Za-z0-9._:-]+$",
      "description": "The name or address of the syslog server.", "examples": ["127.0.0.1"]
    },
    "security": {
      "title": "Security", "type": "string", "enum": ["tls", "none"], "default": "tls",
      "description": "tls: encrypted, and only to a collector whose certificate is for its name. none: plain TCP, where the way there is trusted."
    },
    "ca": {
      "title": "Certificate authority", "type": "string", "minLength": 1, "maxLength": 65536,
      "description": "The certificates, in PEM form, that may sign the collector's. Left out: those that the system trusts."
    },
    "port": {
      "title": "Port", "type": "integer", "minimum": 1, "maximum": 65535,
      "description": "Of its receiver with octet counting. Left out: 6514 with TLS, 601 without, the registered ones.", "examples": [9]
    },
    "facility": {
      "title": "Facility", "type": "integer", "minimum": 0, "maximum": 23, "default": 16,
      "description": "By which the collector sorts; 16 to 23 are local0 to local7."
    },
    "host": {
      "title": "Host name", "type": "string", "minLength": 1, "maxLength": 255, "default": "tocsin",
      "description": "What the records name as their origin."
    }
  }
})json";

constexpr int kLimitMs = 10'000;

class Channel {
 public:
  static constexpr tocsin::about about{
      .type = "org.ietf.syslog",
      .name = "syslog",
      .version = "1.0.0",
      .summary = "Sends RFC 5424 records over TLS or TCP, by a socket of its own",
      .vendor = "tocsin examples",
      .license = "Apache-2.0",
      .url = "https://www.rfc-editor.org/rfc/rfc5424",
      .settings_schema = kSchema,
      .requires_ext = {},
      .threading = TOCSIN_BLOCKING,
      .retries = TOCSIN_RETRIES_STANDARD};

  explicit Channel(const tocsin::settings& settings)
      : target_(target_of(settings)),
        origin_{static_cast<std::uint32_t>(settings.number("/facility", 16)),
                std::string(settings.text("/host")), "tocsin"} {}

  // A BLOCKING type may take its time here: the thread is this instance's, and one delivery is in flight.
  void deliver(tocsin::message message, tocsin::delivery delivery) const {
    const std::string bytes = syslog_channel::frame(syslog_channel::format_record(message, origin_));
    delivery.complete(outcome_of(syslog_channel::send_bytes(target_, bytes, kLimitMs)));
  }

  void verify(tocsin::delivery delivery) const {
    const Sent sent = syslog_channel::send_bytes(target_, "", kLimitMs);
    delivery.complete(sent == Sent::kTaken ? tocsin::outcome::delivered() : outcome_of(sent));
  }

 private:
  static syslog_channel::Target target_of(const tocsin::settings& settings) {
    const bool is_plain = settings.text("/security") == "none";
    syslog_channel::Target target{std::string(settings.text("/server")),
                                  static_cast<std::uint16_t>(settings.number("/port", is_plain ? 601 : 6514)),
                                  nullptr};
    if (is_plain) return target;
    try {
      target.trust = std::make_shared<syslog_channel::Trust>(std::string(settings.text("/ca")));
    } catch (const std::invalid_argument& wrong) {
      throw tocsin::settings_error("/ca", std::string(wrong.what()) + "; paste the file from BEGIN to END");
    }
    return target;
  }

  static tocsin::outcome outcome_of(Sent sent) {
    switch (sent) {
      case Sent::kTaken:  // nobody says more in syslog
        return tocsin::outcome::accepted();
      case Sent::kUncertain:
        return {TOCSIN_UNCERTAIN,
                "broken",
                "the connection to the collector broke while it was written to",
                0,
                {},
                {}};
      case Sent::kDenied:
        return tocsin::outcome::misconfigured("denied",
                                              "this plugin opens its own socket, which a sandbox refuses; "
                                              "the operator must let it run in process");
      case Sent::kNoTls:
        return tocsin::outcome::misconfigured("tls",
                                              "the collector does not speak TLS on this port, or an old one");
      case Sent::kUntrusted:
        return tocsin::outcome::misconfigured(
            "certificate", "the collector's certificate is not trusted or is for another name");
      case Sent::kNoName:
        return tocsin::outcome::retry("no_name", "the collector's name does not resolve");
      default:
        return tocsin::outcome::retry("no_connection", "no connection to the collector could be made");
    }
  }

  syslog_channel::Target target_;
  syslog_channel::Origin origin_;
};

}  // namespace

TOCSIN_CHANNEL(Channel)
