// The ntfy channel: a push notification to everyone who follows a topic, on ntfy.sh or a server of one's own.
// What it does not do: attach files, or say who has read it.
#include <tocsin/cpp/wording.hpp>
#include <tocsin/plugin.hpp>

namespace {

constexpr const char* kSchema = R"json({
  "type": "object",
  "required": ["topic"],
  "additionalProperties": false,
  "properties": {
    "server": {
      "title": "Server", "type": "string", "format": "uri", "maxLength": 512, "default": "https://ntfy.sh",
      "description": "The ntfy server's address."
    },
    "topic": {
      "title": "Topic", "type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$",
      "description": "Whoever knows its name can read it: choose one that nobody guesses.", "examples": ["alerts-7f3a"]
    },
    "token": {
      "title": "Access token", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 512,
      "description": "Of a protected topic (tk_…)."
    }
  }
})json";

constexpr std::size_t kMostMessage = 4000;  // bytes; beyond 4,096 ntfy makes an attachment of it

// ntfy's priorities are 1 to 5 as our severities are 0 to 4, but 5 rings through the night.
int priority(tocsin::severity severity) {
  return severity == tocsin::critical ? 5 : severity == tocsin::high ? 4 : severity == tocsin::info ? 2 : 3;
}

class Channel {
 public:
  static constexpr tocsin::about about{.type = "sh.ntfy",
                                       .name = "ntfy",
                                       .version = "1.0.0",
                                       .summary = "Push notifications by ntfy",
                                       .vendor = "tocsin examples",
                                       .license = "Apache-2.0",
                                       .url = "https://ntfy.sh",
                                       .settings_schema = kSchema,
                                       .egress = {"settings:/server"},
                                       .rate_per_minute = 12,  // ntfy.sh refills one message in five seconds
                                       .burst = 60,
                                       .retries = TOCSIN_RETRIES_CHAT};

  explicit Channel(const tocsin::settings& settings)
      : server_(settings.text("/server")), topic_(settings.text("/topic")), token_(settings.text("/token")) {}

  [[nodiscard]] tocsin::http_request request(tocsin::message message) const {
    auto body = tocsin::json_object()
                    .text("topic", topic_)
                    .text("title", tocsin::headline(message))
                    .text("message", tocsin::cut_text(message.summary(), {.bytes = kMostMessage}))
                    .number("priority", priority(message.severity()));
    const std::string link = tocsin::web_link(message.link(), 2048);
    if (!link.empty()) body.text("click", link);
    return tocsin::post(server_).bearer(token_).json(body.str());
  }

  [[nodiscard]] tocsin::outcome response(tocsin::message, tocsin::http_response reply) const {
    if (reply.ok())
      return tocsin::outcome::delivered(std::string(tocsin::peek_json_text(reply.body(), "id")));
    if (reply.status() == 507) return tocsin::outcome::retry("full", "the ntfy server's disk is full");
    return tocsin::classify(reply);
  }

 private:
  std::string server_, topic_, token_;
};

}  // namespace

TOCSIN_CHANNEL(Channel)
