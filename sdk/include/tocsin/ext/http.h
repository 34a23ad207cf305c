/* tocsin/ext/http.h - "tocsin.http/1": one HTTP exchange, made by the host.
 *
 * Why: the host owns sockets, so that the egress policy, TLS, pooling, limits and redaction hold for every
 * plugin, and it knows whether a byte of the request left.  What it does not do: it follows no redirect,
 * keeps no cookie, asks no proxy, decodes no content encoding and never tries twice. */
#pragma once

#include <tocsin/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_HTTP "tocsin.http/1"

/* Why an exchange has no answer; shared with tocsin.smtp/1. */
enum {
  TOCSIN_IO_OK = 0,          /* there is an answer: see status */
  TOCSIN_IO_DNS = 1,         /* the name does not resolve now */
  TOCSIN_IO_CONNECT = 2,     /* no connection: refused, unroutable, timed out while connecting */
  TOCSIN_IO_TLS = 3,         /* the handshake failed */
  TOCSIN_IO_CERTIFICATE = 4, /* the peer's certificate is not trusted or is for another name */
  TOCSIN_IO_TIMEOUT = 5,     /* connected, but no whole answer within the time */
  TOCSIN_IO_CLOSED = 6,      /* the peer closed or reset before the answer was whole */
  TOCSIN_IO_PROTOCOL = 7,    /* the answer is not HTTP (SMTP) */
  TOCSIN_IO_BLOCKED = 8,     /* refused by the egress policy: an address or port that is not allowed */
  TOCSIN_IO_BAD_REQUEST =
      9, /* not sendable once the secrets are in: not an https URL, a value no header can hold */
  TOCSIN_IO_CANCELLED = 10, /* the delivery was cancelled or completed, or the host stops */
  TOCSIN_IO_LOCAL = 11      /* the host lacks memory or sockets */
};

/* How a secret token found in the body is written there.  NONE: the body is not searched. */
enum { TOCSIN_BODY_NONE = 0, TOCSIN_BODY_RAW = 1, TOCSIN_BODY_JSON = 2, TOCSIN_BODY_FORM = 3 };

typedef struct tocsin_http_request {
  uint32_t size;
  uint32_t timeout_ms;   /* whole exchange; 0 = 15000, kept within 1000 .. 60000 (connecting: at most 5000) */
  uint32_t flags;        /* 0 */
  uint32_t body_secrets; /* TOCSIN_BODY_*: JSON escapes the value, FORM percent-encodes it */
  tocsin_str method;     /* absent = "POST"; a token of upper-case letters */
  /* Absolute https, no userinfo, no fragment.  A token that is the whole URL is replaced verbatim, a token
   * inside one percent-encoded. */
  tocsin_str url;
  /* Sent in this order.  Names pass tocsin_header_name_ok(), values tocsin_header_value_ok(); an empty value
   * is sent empty.  At most 64, and together at most 9 KiB once the secrets are in.  The host adds Host,
   * Content-Length and, where missing, Accept and User-Agent. */
  const tocsin_kv* headers;
  size_t n_headers;
  tocsin_str body; /* at most 8 MiB */
  /* Both absent, or sent as "Authorization: Basic"; either may be a token. */
  tocsin_str basic_user, basic_password;
} tocsin_http_request;

typedef struct tocsin_http_response {
  uint32_t size;
  uint32_t io_error; /* TOCSIN_IO_*; all below but request_sent is empty where it is not OK and there was no
                        status line */
  int32_t status;    /* 200 .. 599 (1xx never arrives here), 0 = no answer */
  uint32_t request_sent;  /* 0: no byte of the request left, so trying again cannot make a duplicate */
  int64_t retry_after_ms; /* Retry-After (seconds or HTTP date, strictly parsed), -1 = absent or unusable */
  uint32_t elapsed_ms;
  uint32_t body_truncated; /* 1: the body was longer than the 20,000 bytes that are kept */
  /* Names in lower case, values trimmed, repeated names as they came; at most 64 KiB. */
  const tocsin_kv* headers;
  size_t n_headers;
  tocsin_str body;
} tocsin_http_response;

/* [strand] Exactly once for each accepted submit, never inside it.  The response dies when this returns. */
typedef void (*tocsin_http_fn)(tocsin_instance* instance, tocsin_delivery* delivery,
                               const tocsin_http_response* response, void* user);

typedef struct tocsin_http {
  /* [any] Starts an exchange for a live delivery (or verification); the request is copied.  `user` stays the
   * plugin's.  TOCSIN_OK: the callback will come.  On every other answer it will not:
   *   E_INVALID    a malformed request (see the fields) or a NULL callback
   *   E_STALE      the delivery is not live
   *   E_DENIED     the URL's host and port are not in (declared and granted) egress
   *   E_BUSY       16 exchanges of this delivery, or 256 of this instance, are in flight
   *   E_TOO_LARGE  body, headers or URL (8 KiB) over the limit
   *   E_UNKNOWN_SECRET  something shaped like a token that is none of this instance's
   *   E_CLOSING    the host stops
   *   E_NO_MEMORY */
  tocsin_status (*submit)(const tocsin_host* host, tocsin_delivery* delivery,
                          const tocsin_http_request* request, tocsin_http_fn callback, void* user);
} tocsin_http; /* frozen */

/* What a header may hold: visible ASCII, SP and HTAB, no blank at either end, at most 4096 bytes.  The host
 * asks this of every value it sends, after the secrets are in, and of settings with "format":
 * "http-header-value". */
static inline int tocsin_header_value_ok(tocsin_str value) {
  size_t i;
  if (value.len > 4096) return 0;
  for (i = 0; i < value.len; ++i) {
    const unsigned char c = (unsigned char)value.ptr[i];
    const int blank = c == ' ' || c == '\t';
    if (blank ? (i == 0 || i + 1 == value.len) : (c < 0x21 || c > 0x7E)) return 0;
  }
  return 1;
}

/* An RFC 9110 token of 1 .. 64 bytes: what a header may be called. */
static inline int tocsin_header_name_ok(tocsin_str name) {
  size_t i;
  if (name.len == 0 || name.len > 64) return 0;
  for (i = 0; i < name.len; ++i) {
    const unsigned char c = (unsigned char)name.ptr[i];
    const int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", (int)c) == NULL)) return 0;
  }
  return 1;
}

#ifdef __cplusplus
}
#endif
