// A channel that posts what its message holds: id, attempt, flags, the note of the last attempt and the ids
// of its events. It exists to show the host's digests to a receiver; it has no limits of its own and is no
// model of a chat or mail channel.
#include <string>
#include <tocsin/plugin.hpp>

namespace {

constexpr const char* kSchema =
    R"({"type":"object","required":["url"],"properties":{"url":{"type":"string","format":"uri","title":"URL",
        "description":"Where the messages go."}}})";

struct tape {
  explicit tape(const tocsin::settings& settings) : url(settings.text("/url")) {}

  tocsin::http_request request(tocsin::message message) const {
    std::string events = "[";
    for (std::size_t i = 0; i < message.size(); ++i) {
      if (i > 0) events += ',';
      events += tocsin::json_quote(message[i].id());
    }
    return tocsin::post(url).json(tocsin::json_object()
                                      .text("message", message.id())
                                      .number("attempt", message.attempt())
                                      .flag("digest", message.is_digest())
                                      .text("carry", message.carry())
                                      .raw("events", events + ']')
                                      .str());
  }
  tocsin::outcome response(tocsin::message message, tocsin::http_response answer) const {
    tocsin::outcome outcome = tocsin::classify(answer);
    outcome.carry = "attempt " + std::to_string(message.attempt()) + " ended";
    return outcome;
  }

  std::string url;
};

struct windows : tape {
  static constexpr tocsin::about about{.type = "test.digests",
                                       .name = "Digests",
                                       .version = "1.0.0",
                                       .settings_schema = kSchema,
                                       .egress = {"settings:/url"},
                                       .flags = TOCSIN_TAKES_DIGESTS};
  using tape::tape;
};

struct chat : tape {
  static constexpr tocsin::about about{.type = "test.digests_chat",
                                       .name = "Digests at a rate",
                                       .version = "1.0.0",
                                       .settings_schema = kSchema,
                                       .egress = {"settings:/url"},
                                       .rate_per_minute = 60,
                                       .burst = 3,
                                       .flags = TOCSIN_TAKES_DIGESTS};
  using tape::tape;
};

}  // namespace

TOCSIN_CHANNELS(windows, chat)
