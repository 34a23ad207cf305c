// tocsin/cpp/classify.hpp - what an HTTP exchange means, by the rules that nearly every API shares.
//
// Why: a channel that has no rules of its own should be right by default, and one that has should write down
// only those. What it does not do: read bodies. All pure functions.
#pragma once

#include <tocsin/cpp/http.hpp>

namespace tocsin {

// A short word and a sentence for TOCSIN_IO_*.
struct io_words {
  std::string_view code, sentence;
};
inline io_words describe_io(std::uint32_t io_error) noexcept {
  switch (io_error) {
    case TOCSIN_IO_DNS:
      return {"dns", "the host name did not resolve"};
    case TOCSIN_IO_CONNECT:
      return {"connect", "no connection could be made"};
    case TOCSIN_IO_TLS:
      return {"tls", "the TLS handshake failed"};
    case TOCSIN_IO_CERTIFICATE:
      return {"certificate", "the certificate is not trusted or is for another name"};
    case TOCSIN_IO_TIMEOUT:
      return {"timeout", "no whole answer came in time"};
    case TOCSIN_IO_CLOSED:
      return {"closed", "the connection was closed before the answer"};
    case TOCSIN_IO_PROTOCOL:
      return {"protocol", "the answer was not understood"};
    case TOCSIN_IO_BLOCKED:
      return {"blocked", "the egress policy refuses this address or port"};
    case TOCSIN_IO_BAD_REQUEST:
      return {"bad_request", "the request cannot be sent with these settings"};
    case TOCSIN_IO_CANCELLED:
      return {"cancelled", "the exchange was cancelled"};
    default:
      return {"local", "the host is short of memory or sockets"};
  }
}

// An exchange without an answer: nothing sent is a plain retry, something sent may have been delivered.
inline outcome classify_io(const http_response& r) {
  const io_words words = describe_io(r.io_error());
  int status = r.request_sent() ? TOCSIN_UNCERTAIN : TOCSIN_RETRY;
  if (r.io_error() == TOCSIN_IO_BLOCKED || r.io_error() == TOCSIN_IO_BAD_REQUEST)
    status = TOCSIN_MISCONFIGURED;
  return {status, std::string(words.code), std::string(words.sentence), 0, {}, {}};
}

inline outcome classify(const http_response& r) {
  const int status = r.status();
  if (status == 0) return classify_io(r);
  if (r.ok()) return outcome::delivered();
  const std::string number = std::to_string(status);
  outcome o{TOCSIN_REJECTED, "http_" + number, "the receiver answered " + number, r.retry_after_ms(), {}, {}};
  if (status < 200 || status >= 500 || status == 408 || status == 425) {
    o.status = TOCSIN_RETRY;
  } else if (status == 429) {
    o.status = TOCSIN_RATE_LIMITED;
  } else if (status == 410) {
    o.status = TOCSIN_GONE;
  } else if (status < 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
             status == 407) {
    o.status = TOCSIN_MISCONFIGURED;
  }
  return o;
}

// What a refused submit means: TOCSIN_E_* as an outcome.
inline outcome classify_refusal(tocsin_status status) {
  switch (status) {
    case TOCSIN_E_DENIED:
      return outcome::misconfigured("egress_denied",
                                    "this destination is not declared by the plugin or not granted");
    case TOCSIN_E_UNKNOWN_SECRET:
    case TOCSIN_E_BAD_SECRET:
      return outcome::misconfigured("secret", "a secret of this channel cannot be used");
    case TOCSIN_E_TOO_LARGE:
      return outcome::rejected("too_large", "the request is over the host's size limit");
    case TOCSIN_E_INVALID:
      return outcome::rejected("invalid_request", "the plugin made a malformed request");
    default:
      return outcome::retry("busy", "the host cannot take the request now");
  }
}

}  // namespace tocsin
