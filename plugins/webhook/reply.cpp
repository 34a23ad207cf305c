// The table of answers, in the order in which they count: the status line first (even where the body then
// broke off), the receiver's own wish to abort, then the transport.
#include "reply.hpp"

namespace webhook {
namespace {

using tocsin::outcome;

outcome from_transport(const tocsin::http_response& reply) {
  outcome o = tocsin::classify_io(reply);
  if (o.status == TOCSIN_UNCERTAIN) o.detail += "; the request was sent, so it may have been taken";
  o.code = "webhook." + o.code;
  return o;
}

// Outcome by status, for everything but 2xx.
int status_class(int status) {
  switch (status) {
    case 410:
      return TOCSIN_GONE;
    case 413:
      return TOCSIN_REJECTED;  // the same body will not shrink
    case 451:
      return TOCSIN_MISCONFIGURED;  // a legal block does not pass by waiting
    case 429:
    case 502:
    case 503:
    case 504:
      return TOCSIN_RATE_LIMITED;  // the whole endpoint is in trouble, not this message
    default:
      break;
  }
  if (status >= 300 && status < 400) return TOCSIN_MISCONFIGURED;
  return TOCSIN_RETRY;  // 401, 404, 422, 5xx, ...: receivers are mended while we wait, nothing is lost
                        // meanwhile
}

std::string sentence(int status) {
  const std::string answered = "the endpoint answered " + std::to_string(status);
  if (status >= 300 && status < 400) {
    return answered + "; redirects are never followed: put the final address into the channel's URL";
  }
  switch (status) {
    case 401:
    case 403:
      return answered + ": it refuses our credentials; check the channel's custom headers";
    case 404:
      return answered + ": check the path in the channel's URL";
    case 410:
      return answered + ": it wants no more webhooks";
    case 413:
      return answered + ": this event is too large for it";
    case 429:
      return answered + ": too many requests";
    default:
      return answered;
  }
}

}  // namespace

outcome read_reply(const tocsin::http_response& reply) {
  if (reply.status() == 0) return from_transport(reply);
  if (reply.ok()) return outcome::delivered();
  outcome o;
  o.status = status_class(reply.status());
  o.code = "webhook.http_" + std::to_string(reply.status());
  o.detail = sentence(reply.status());
  o.retry_after_ms = reply.retry_after_ms();
  if (o.status != TOCSIN_GONE && reply.header("webhook-delivery") == "abort-message") {
    o.status = TOCSIN_REJECTED;
    o.code = "webhook.aborted";
    o.detail += "; it asked not to be sent this message again";
    o.retry_after_ms = 0;
  }
  return o;
}

}  // namespace webhook
