// The table of error words, then the statuses, then the transport.
#include "reply.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/wording.hpp>

namespace slack {
namespace {

using tocsin::outcome;

struct Word {
  std::string_view word;
  int status;
  std::string_view sentence;
};

constexpr std::array<Word, 24> kWords{{
    // This message, for good.
    {"invalid_payload", TOCSIN_REJECTED, "Slack could not read the message"},
    {"no_text", TOCSIN_REJECTED, "Slack found no text in the message"},
    {"missing_text", TOCSIN_REJECTED, "Slack found no text in the message"},
    {"missing_text_or_fallback_or_attachments", TOCSIN_REJECTED, "Slack found no text in the message"},
    {"invalid_blocks", TOCSIN_REJECTED, "Slack refuses the message's blocks"},
    {"invalid_blocks_format", TOCSIN_REJECTED, "Slack refuses the message's blocks"},
    {"invalid_attachments", TOCSIN_REJECTED, "Slack refuses the message's attachment"},
    {"too_many_attachments", TOCSIN_REJECTED, "Slack refuses the message's attachments"},
    {"msg_blocks_too_long", TOCSIN_REJECTED, "Slack finds the message too long"},
    {"msg_too_long", TOCSIN_REJECTED, "Slack finds the message too long"},
    // What a Slack admin can undo.
    {"user_not_found", TOCSIN_MISCONFIGURED, "the person this webhook posts to is gone; make a new webhook"},
    {"channel_not_found", TOCSIN_MISCONFIGURED,
     "the Slack channel of this webhook is gone; make a new webhook"},
    {"channel_is_archived", TOCSIN_MISCONFIGURED,
     "the Slack channel of this webhook is archived; unarchive it or make a new webhook"},
    {"action_prohibited", TOCSIN_MISCONFIGURED, "a rule of the Slack workspace forbids this webhook to post"},
    {"posting_to_general_channel_denied", TOCSIN_MISCONFIGURED,
     "whoever made this webhook may not post to that channel; make it for another one"},
    // Never again.
    {"invalid_token", TOCSIN_GONE, "Slack does not know this webhook any more; make a new one"},
    {"no_service", TOCSIN_GONE, "this webhook was removed or disabled in Slack; make a new one"},
    {"no_service_id", TOCSIN_GONE, "the URL is not that of a webhook; copy it again from Slack"},
    {"no_team", TOCSIN_GONE, "the URL's workspace does not exist; copy it again from Slack"},
    {"team_disabled", TOCSIN_GONE, "the Slack workspace is disabled"},
    {"no_active_hooks", TOCSIN_GONE, "this webhook is disabled in Slack; make a new one"},
    // Later.
    {"rate_limited", TOCSIN_RATE_LIMITED, "Slack asks for fewer messages"},
    {"ratelimited", TOCSIN_RATE_LIMITED, "Slack asks for fewer messages"},
    {"rollup_error", TOCSIN_RETRY, "Slack had trouble of its own"},
}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// The error's word: the whole body, or of {"ok":false,"error":"word"} the member.
std::string_view error_word(std::string_view body) {
  body = trim(body);
  return body.starts_with('{') ? tocsin::peek_json_text(body, "error") : body;
}

const Word* find_word(std::string_view body) {
  const std::string_view word = error_word(body);
  const auto* found =
      std::find_if(kWords.begin(), kWords.end(), [&](const Word& one) { return one.word == word; });
  return found == kWords.end() ? nullptr : found;
}

outcome by_status(int status) {
  const std::string number = std::to_string(status);
  outcome o{TOCSIN_REJECTED,
            "http_" + number,
            "Slack answered " + number + " without a reason that is known",
            0,
            {},
            {}};
  if (status == 429) {
    o.status = TOCSIN_RATE_LIMITED;
    o.detail = "Slack asks for fewer messages";
  } else if (status >= 500 || status == 408 || status == 425) {
    o.status = TOCSIN_RETRY;
    o.detail = "Slack answered " + number;
  } else if (status < 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
             status == 407) {
    o.status = TOCSIN_MISCONFIGURED;
    o.detail = "the answer " + number + " is not one of Slack's webhooks; check the channel's URL";
  } else if (status == 410) {
    o.status = TOCSIN_GONE;
    o.detail = "the webhook is gone; make a new one";
  }
  return o;
}

}  // namespace

outcome read_reply(const tocsin::http_response& reply) {
  if (reply.status() == 0) return tocsin::classify_io(reply);
  if (reply.ok()) {
    if (trim(reply.body()) == "ok") return outcome::delivered();
    if (find_word(reply.body()) == nullptr) {
      return outcome::misconfigured(
          "not_slack", "the answer is not Slack's \"ok\": something else stands at this URL; check it");
    }
  }
  outcome o;
  if (const Word* word = find_word(reply.body())) {
    o = {word->status, std::string(word->word), std::string(word->sentence), 0, {}, {}};
  } else {
    o = by_status(reply.status());
  }
  o.retry_after_ms = reply.retry_after_ms();
  return o;
}

bool refuses_blocks(const tocsin::http_response& reply) {
  const Word* word = reply.status() == 0 ? nullptr : find_word(reply.body());
  return word != nullptr && word->status == TOCSIN_REJECTED;
}

}  // namespace slack
