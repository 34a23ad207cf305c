// Workflows (Power Automate) first; then the old connectors, which answer 200 to everything and put the truth
// in the text: they are switched off, but proxies and copies of them live on.
#include "reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tocsin/cpp/wording.hpp>

namespace teams {
namespace {

using tocsin::outcome;

constexpr std::string_view kConnectorFailed = "Microsoft Teams endpoint returned HTTP error ";

struct Word {
  std::string_view word;  // of error.code
  std::string_view code;
  int status;
  std::string_view sentence;
};
constexpr std::array<Word, 9> kWords{{
    {"TriggerInputSchemaMismatch", "schema_mismatch", TOCSIN_REJECTED,
     "the workflow expects another form of message"},
    {"WorkflowTriggerIsNotEnabled", "trigger_disabled", TOCSIN_MISCONFIGURED,
     "the workflow is turned off; turn it on in Power Automate"},
    {"MissingApiVersionParameter", "url_incomplete", TOCSIN_MISCONFIGURED,
     "the URL is incomplete; copy it whole"},
    {"DirectApiAuthorizationRequired", "not_for_anyone", TOCSIN_MISCONFIGURED,
     "the workflow does not let anyone trigger it: set \"Who can trigger the flow\" to Anyone and copy the "
     "new URL"},
    {"MisMatchingOAuthClaims", "not_for_anyone", TOCSIN_MISCONFIGURED,
     "the workflow does not let anyone trigger it: set \"Who can trigger the flow\" to Anyone and copy the "
     "new URL"},
    {"AuthorizationFailed", "signature_refused", TOCSIN_MISCONFIGURED,
     "the URL's signature is not valid any more; copy the URL again from the workflow"},
    {"WorkflowNotFound", "workflow_gone", TOCSIN_GONE, "the workflow was deleted; make a new one"},
    {"TooManyRequests", "too_many", TOCSIN_RATE_LIMITED, "Power Automate asks for fewer messages"},
    {"RequestEntityTooLarge", "too_large", TOCSIN_REJECTED, "the message is too large"},
}};

outcome accepted() {
  outcome o = outcome::accepted();
  o.detail = "the workflow took the message; whether it appears is decided there: look at the Teams channel";
  return o;
}

outcome by_status(int status) {
  const std::string number = std::to_string(status);
  outcome o{TOCSIN_REJECTED, "http_" + number, "the workflow answered " + number, 0, {}, {}};
  switch (status) {
    case 401:
    case 403:
      o.status = TOCSIN_MISCONFIGURED;
      o.detail += ": it refuses the URL; copy it again, with \"Who can trigger the flow\" set to Anyone";
      break;
    case 404:
    case 410:
      o.status = TOCSIN_GONE;
      o.detail += ": there is no workflow at this URL any more; make a new one";
      break;
    case 429:
      o.status = TOCSIN_RATE_LIMITED;
      break;
    case 408:
    case 412:  // a connector's mailbox that is not ready
    case 425:
      o.status = TOCSIN_RETRY;
      break;
    default:
      if (status >= 500) {
        o.status = TOCSIN_RETRY;
      } else if (status < 400 || status == 405 || status == 407) {
        o.status = TOCSIN_MISCONFIGURED;
        o.detail += ", which is no answer of a workflow; check the channel's URL";
      }
  }
  return o;
}

outcome by_word(const Word& word, std::string_view body) {
  outcome o{word.status, std::string(word.code), std::string(word.sentence), 0, {}, {}};
  if (word.code == "trigger_disabled" && body.find("'Deleted'") != body.npos) {
    o = {TOCSIN_GONE, "workflow_gone", "the workflow was deleted; make a new one", 0, {}, {}};
  }
  return o;
}

// A connector's 200: "1", or a sentence with the status that counts.
outcome by_success(std::string_view body) {
  const auto at = body.find(kConnectorFailed);
  if (at != body.npos) {
    int status = 0;
    const char* digits = body.data() + at + kConnectorFailed.size();
    std::from_chars(digits, body.data() + body.size(), status);
    return status < 400 ? outcome::rejected("connector_failed", "the connector could not post the message")
                        : by_status(status);
  }
  return body == "1" ? outcome::delivered() : accepted();
}

}  // namespace

outcome read_reply(const tocsin::http_response& reply) {
  if (reply.status() == 0) return tocsin::classify_io(reply);
  outcome o;
  const std::string_view word =
      reply.ok() ? std::string_view{} : tocsin::peek_json_text(reply.body(), "code");
  const auto* known =
      std::find_if(kWords.begin(), kWords.end(), [&](const Word& one) { return one.word == word; });
  if (reply.ok()) {
    o = by_success(reply.body());
  } else if (known != kWords.end()) {
    o = by_word(*known, reply.body());
  } else {
    o = by_status(reply.status());
  }
  if (o.status != TOCSIN_DELIVERED && o.status != TOCSIN_ACCEPTED) o.retry_after_ms = reply.retry_after_ms();
  return o;
}

}  // namespace teams
