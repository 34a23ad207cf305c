/* tocsin ABI 1.0, whole and in one file: what every plugin built with the first SDK was compiled from.
 *
 * Why: the host promises to run such a plugin for as long as it serves major 1.  Tests build one from this
 * file, and hold today's headers against it.  What it does not do: change.  It is not installed; write new
 * plugins with <tocsin/plugin.h>, which says the same and more. */
#pragma once

/* tocsin/types.h - the values that cross the wall between host and plugin.
 *
 * Why: every other SDK header speaks in these types.  What it does not do: it declares no call; those are in
 * tocsin/plugin.h and tocsin/ext/.  C11 and C++20.
 *
 * THE TWO RULES OF GROWTH
 *   sized   A struct that starts with `uint32_t size` grows at its end only.  The writer sets size to its own
 *           sizeof; the reader takes every byte past size as zero (TOCSIN_HAS asks whether a field is there).
 *   frozen  A struct or function table marked frozen never changes.  A change is a new name.
 *
 * OWNERSHIP  Nothing changes owner.  A pointer the host hands in is valid until that call returns, except a
 * message and what it points to, which live until its delivery is completed.  A pointer the plugin hands out
 * is copied before the host function returns. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define TOCSIN_EXPORT __attribute__((visibility("default")))
#else
#define TOCSIN_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* UTF-8, not NUL-terminated; {NULL, 0} is an absent value.  The host never hands in invalid UTF-8 except in
 * an HTTP response body or header and an SMTP reply text; what a plugin hands out is repaired with U+FFFD. */
typedef struct tocsin_str {
  const char* ptr;
  size_t len;
} tocsin_str; /* frozen */

typedef struct tocsin_kv {
  tocsin_str key;
  tocsin_str value;
} tocsin_kv; /* frozen */

/* A JSON document, whole and flattened.  The flat view has one entry for each scalar, in document order
 * (array elements by index).  Its key is the scalar's JSON Pointer ("/headers/X-Key", "/to/0", with ~0 and ~1
 * escapes); its value is a string's characters unquoted and unescaped, or the JSON text of a number, true or
 * false.  A null, an empty array and an empty object have no entry. */
typedef struct tocsin_doc {
  tocsin_str json;
  const tocsin_kv* flat;
  size_t n_flat;
} tocsin_doc; /* frozen */

/* What a host function answers.  0 is success, negatives are errors; unknown negatives are errors too. */
typedef int32_t tocsin_status;
enum {
  TOCSIN_OK = 0,
  TOCSIN_E_INVALID =
      -1,              /* an argument is malformed: a NULL, a size of 0, a bad method, CR or LF in a header */
  TOCSIN_E_STALE = -2, /* the delivery or timer handle is not (or no longer) live */
  TOCSIN_E_DENIED = -3,    /* not declared in the descriptor, or not granted by the operator */
  TOCSIN_E_BUSY = -4,      /* too many of these in flight for this instance: complete with TOCSIN_RETRY */
  TOCSIN_E_TOO_LARGE = -5, /* over a limit named at the function */
  TOCSIN_E_UNKNOWN_SECRET = -6, /* not one of this instance's secret tokens */
  TOCSIN_E_BAD_SECRET = -7,     /* the token is known, but its value has not the form asked for */
  TOCSIN_E_CLOSING = -8, /* the instance is being destroyed or the host stops: complete with TOCSIN_RETRY */
  TOCSIN_E_NO_MEMORY = -9,
  TOCSIN_E_UNSUPPORTED = -10 /* this host knows the extension but cannot do this now */
};

/* Filled by create() when it returns NULL.  Both texts are NUL-terminated by the plugin; the host cuts them
 * at the end of the array.  `pointer` is the JSON Pointer of the setting at fault ("/url"), or empty. `text`
 * names the fault and the fix, in one sentence, without any setting's value.  `code` is the plugin's own, for
 * its log. */
typedef struct tocsin_error {
  uint32_t size;
  int32_t code;
  char pointer[128];
  char text[504];
} tocsin_error;

/* Event severities and categories, in the words of the event catalogue. */
enum { TOCSIN_INFO = 0, TOCSIN_LOW = 1, TOCSIN_MEDIUM = 2, TOCSIN_HIGH = 3, TOCSIN_CRITICAL = 4 };
enum { TOCSIN_SECURITY_ALERT = 1, TOCSIN_SYSTEM_NOTIFICATION = 2, TOCSIN_SYSTEM_ERROR = 3 };

typedef struct tocsin_host tocsin_host;         /* per instance; defined in plugin.h */
typedef struct tocsin_instance tocsin_instance; /* the plugin's own; the host only carries the pointer */
typedef struct tocsin_delivery
    tocsin_delivery; /* a handle, never a pointer to memory: do not dereference.
                        NULL is never a live one; equal handles are the same delivery */

/* True where the sized struct `p` is large enough to hold `field`. */
#define TOCSIN_HAS(type, p, field) ((p)->size >= offsetof(type, field) + sizeof((p)->field))

/* An initialiser from a string literal: `static const tocsin_str k = TOCSIN_LIT("POST");` */
#define TOCSIN_LIT(literal) \
  { (literal), sizeof(literal) - 1 }

static inline tocsin_str tocsin_string(const char* text, size_t length) {
  tocsin_str s;
  s.ptr = text;
  s.len = length;
  return s;
}

/* From a NUL-terminated string; NULL is absent. */
static inline tocsin_str tocsin_lit(const char* text) {
  return tocsin_string(text, text ? strlen(text) : 0);
}

static inline int tocsin_equal(tocsin_str a, tocsin_str b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The scalar at a JSON Pointer of the flat view, or absent. */
static inline tocsin_str tocsin_find(const tocsin_doc* doc, const char* pointer) {
  const tocsin_str key = tocsin_lit(pointer);
  size_t i;
  for (i = 0; i < doc->n_flat; ++i) {
    if (tocsin_equal(doc->flat[i].key, key)) return doc->flat[i].value;
  }
  return tocsin_string(NULL, 0);
}

/* Fills an error and returns NULL, so that create() can end with `return tocsin_fail(error, "/url", "...")`.
 */
static inline tocsin_instance* tocsin_fail(tocsin_error* error, const char* pointer, const char* text) {
  if (error != NULL) {
    strncpy(error->pointer, pointer, sizeof error->pointer - 1);
    error->pointer[sizeof error->pointer - 1] = '\0';
    strncpy(error->text, text, sizeof error->text - 1);
    error->text[sizeof error->text - 1] = '\0';
  }
  return NULL;
}

#ifdef __cplusplus
}
#endif

/* tocsin/plugin.h - the channel plugin ABI, major 1.  C11 and C++20, no dependency.
 *
 * Why: a channel is a shared library that exports one function, tocsin_plugin_v1(), and includes nothing of
 * the host but sdk/.  What it does not do: it implements nothing.  tocsin/plugin.hpp wraps it for C++20.
 *
 * THREADS   [control] never concurrent with any other call on the same instance
 *           [strand]  the instance's strand: calls and callbacks are serialised, on no fixed OS thread
 *           [any]     any thread, concurrently, also inside a callback
 * RE-ENTRY  The host never calls the plugin from inside a host function that the plugin is calling.
 * SECRETS   A plugin never sees one: a setting marked writeOnly reads as an opaque token (tsec_...), which
 * the host swaps for the value when it sends.  See tocsin/ext/secret.h and tocsin/ext/http.h. LIFE      The
 * library is never unloaded.  Many instances of one type live at once, one per channel. */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_ABI_MAJOR 1
#define TOCSIN_ABI_MINOR 0
#define TOCSIN_ENTRY_SYMBOL "tocsin_plugin_v1"

/* How an attempt ended.  0 is invalid on purpose: a zeroed outcome is a bug, and the host reports it. */
enum {
  TOCSIN_DELIVERED = 1,     /* the provider confirmed it (of verify(): the connection works) */
  TOCSIN_ACCEPTED = 2,      /* the provider took it; what happens next cannot be known */
  TOCSIN_RETRY = 3,         /* transient: the host backs off, at least retry_after_ms */
  TOCSIN_RATE_LIMITED = 4,  /* as RETRY, and the whole channel pauses */
  TOCSIN_REJECTED = 5,      /* permanent for this message */
  TOCSIN_UNREACHABLE = 6,   /* permanent for this recipient */
  TOCSIN_MISCONFIGURED = 7, /* permanent until the settings change: the channel pauses, its admin is told */
  TOCSIN_GONE = 8,          /* the target says never again: the channel is disabled now */
  TOCSIN_UNCERTAIN = 9      /* may have been delivered; tried again with the same id */
};

typedef struct tocsin_outcome {
  uint32_t size;
  int32_t status; /* one of the above */
  int64_t
      retry_after_ms; /* the target's own wish, 0 = none; the host uses max(own back-off, min(this, 6 h)) */
  tocsin_str provider_id; /* the provider's name for what it took, at most 256 bytes are kept */
  tocsin_str code;   /* stable and short, "slack.no_service": [a-z0-9_.], at most 64 bytes; for metrics */
  tocsin_str detail; /* for people; cut to 1 KiB and redacted by the host */
  /* What the next attempt of this delivery should know of this one (which recipients have it already), or
   * absent: at most 4 KiB, longer is dropped and logged.  Kept on disk with the attempt, given back in
   * tocsin_message.carry, shown to nobody.  Meaningless where the outcome is final. */
  tocsin_str carry;
} tocsin_outcome;

typedef struct tocsin_event {
  uint32_t size;
  uint32_t severity;                                       /* TOCSIN_INFO .. TOCSIN_CRITICAL, always set */
  uint32_t category;                                       /* TOCSIN_SECURITY_ALERT .. */
  uint32_t reserved;                                       /* 0 */
  int64_t time_unix_ms;                                    /* when it happened, milliseconds since 1970 UTC */
  tocsin_str id, team, type, source, title, summary, link; /* summary and link may be absent */
  const tocsin_kv* labels;
  size_t n_labels;
  tocsin_doc data; /* the producer's own object, absent where there was none; its flat view is filled only for
                      a type with TOCSIN_FLAT_DATA */
  tocsin_str json; /* the whole event as canonical JSON: the same bytes on every attempt */
} tocsin_event;

enum {
  TOCSIN_TEST = 1,  /* sent by an admin's "send test": say so in what people read */
  TOCSIN_DIGEST = 2 /* events collapsed into one message */
};

typedef struct tocsin_message {
  uint32_t size;
  uint32_t attempt;         /* counted from 1 */
  uint32_t flags;           /* TOCSIN_TEST | TOCSIN_DIGEST */
  uint32_t reserved;        /* 0 */
  int64_t deadline_unix_ms; /* pointless after this instant, 0 = none */
  tocsin_str id;            /* [A-Za-z0-9_-], the same on every attempt: the idempotency key */
  tocsin_str console_url;   /* link for people to this delivery, or absent */
  const tocsin_event* const* events;
  size_t n_events;  /* 1; more only in a digest, for a type with TOCSIN_TAKES_DIGESTS */
  tocsin_str carry; /* what the last attempt of this delivery left in its outcome, or absent; of a digest: the
                       attempt of all its events together */
} tocsin_message;

/* What an instance gets from the host.  Valid from create() until destroy() has returned. */
struct tocsin_host {
  uint32_t size;
  uint32_t abi_minor;
  void* ctx;                         /* the host's own */
  tocsin_str version, team, channel; /* the host's version; whose channel this is and its name */
  /* [any] The table of an extension ("tocsin.http/1"), valid as long as this struct.  NULL where the
   * descriptor does not declare it, the operator did not grant it, or this host does not know it.  Never NULL
   * for one in requires_ext: without it the host would not have called create(). */
  const void* (*get_extension)(const tocsin_host* host, const char* id);
  /* [any] Ends a delivery or a verification, exactly once for each; may be called inside deliver() or
   * verify() or at any time after.  The outcome is copied.  A second or late call changes nothing, is logged
   * and blamed on the plugin.  The message is dead to the plugin when this returns. */
  void (*complete)(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_outcome* outcome);
};

/* What the plugin implements.  Frozen table; cancel, verify and get_extension may be NULL. */
typedef struct tocsin_channel_api {
  /* [control] Makes the instance of one channel.  Settings have passed the schema and hold its defaults.  The
   * host is fully usable.  It must not block.  NULL with a filled error refuses the settings: the text goes
   * to the admin who saved them. */
  tocsin_instance* (*create)(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error);
  /* [control] Frees it.  No delivery, exchange or timer is pending, and none of its callbacks will come. */
  void (*destroy)(tocsin_instance* instance);
  /* [strand] Starts one attempt and returns promptly (5 ms is long; a BLOCKING type may take its time).  It
   * ends when complete() is called for `delivery`; an attempt not completed within 120 s ends as
   * TOCSIN_UNCERTAIN. */
  void (*deliver)(tocsin_instance* instance, const tocsin_message* message, tocsin_delivery* delivery);
  /* [strand] Asks to give up.  The delivery's exchanges end with TOCSIN_IO_CANCELLED; complete() is still
   * due. */
  void (*cancel)(tocsin_instance* instance, tocsin_delivery* delivery);
  /* [strand] Tests the connection and sends nothing that a person would read.  Ends with complete(). */
  void (*verify)(tocsin_instance* instance, tocsin_delivery* delivery);
  /* [any] Tables the plugin offers to the host, by id, valid until destroy(); NULL for an unknown id. */
  const void* (*get_extension)(tocsin_instance* instance, const char* id);
} tocsin_channel_api; /* frozen */

enum {
  TOCSIN_SERIAL = 0,    /* the default: calls on one strand, several deliveries may be in flight */
  TOCSIN_BLOCKING = 1,  /* an own thread for each instance, one delivery in flight: may block in deliver() */
  TOCSIN_CONCURRENT = 2 /* deliver() and callbacks may run at once on several threads */
};
/* Channel type flags. */
enum {
  TOCSIN_FLAT_DATA = 1,    /* fill the flat view of every event's data (it costs a parse) */
  TOCSIN_TAKES_DIGESTS = 2 /* may be given messages of many events; without it n_events is always 1 */
};
enum { TOCSIN_RETRIES_STANDARD = 0, TOCSIN_RETRIES_CHAT = 1, TOCSIN_RETRIES_MAIL = 2 }; /* default schedule */

/* The descriptor of one channel type: static, constant, NUL-terminated UTF-8.  Lists end with NULL and may be
 * NULL themselves. */
typedef struct tocsin_channel_type {
  uint32_t size;
  uint32_t threading;       /* TOCSIN_SERIAL .. */
  uint32_t flags;           /* TOCSIN_FLAT_DATA | TOCSIN_TAKES_DIGESTS */
  uint32_t retries;         /* TOCSIN_RETRIES_*: hours for machines, an hour for chat, a day for mail */
  uint32_t rate_per_minute; /* the platform's limit for one channel, 0 = none */
  uint32_t burst;           /* how many may go at once within that rate, 0 = 1 */
  const char* type;         /* [a-z][a-z0-9_]*, third parties in reverse DNS: "sh.ntfy"; at most 64 bytes */
  const char *name, *summary, *version, *vendor; /* for people; name and version are required */
  const char *license, *url;
  const char* settings_schema;     /* JSON Schema draft-07 of an object; secrets are {"writeOnly": true} */
  const char* const* requires_ext; /* not loaded without: "tocsin.http/1" */
  const char* const* uses_ext;     /* used where there */
  const char* const* egress; /* "api.example.com:443", "*.example.com:443", "settings:/url" for a setting
                                with a URL, "settings:/server,/port" for two with a mail server */
  const tocsin_channel_api* api;
} tocsin_channel_type;

typedef struct tocsin_plugin {
  uint32_t size;
  uint32_t abi_minor; /* TOCSIN_ABI_MINOR it was built with; for display, never compared */
  const char* sdk;    /* the SDK's name and version, for display */
  const tocsin_channel_type* const* types;
  size_t n_types;
} tocsin_plugin;

/* [control] The one exported function.  Returns constant tables that live as long as the process; no side
 * effect, no allocation.  Called once after loading. */
TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void);
typedef const tocsin_plugin* (*tocsin_plugin_v1_fn)(void);

#ifdef __cplusplus
}
#endif

/* tocsin/ext/log.h - "tocsin.log/1": lines into the host's log.
 *
 * Why: a plugin has no log of its own; stdout and stderr belong to the host.  What it does not do: it is no
 * record of deliveries (that is the outcome).  Lines over 4 KiB are cut, more than 100 lines a second from
 * one instance are counted instead of written, and secrets the host knows are redacted. */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_LOG "tocsin.log/1"

enum { TOCSIN_LOG_DEBUG = 0, TOCSIN_LOG_INFO = 1, TOCSIN_LOG_WARNING = 2, TOCSIN_LOG_ERROR = 3 };

typedef struct tocsin_log {
  /* [any] Writes one line, with the team, the channel and (where `delivery` is live) the delivery's id added
   * by the host.  `delivery` and `fields` may be NULL.  Never fails, never blocks on a disk. */
  void (*write)(const tocsin_host* host, tocsin_delivery* delivery, uint32_t level, tocsin_str text,
                const tocsin_kv* fields, size_t n_fields);
} tocsin_log; /* frozen */

#ifdef __cplusplus
}
#endif

/* tocsin/ext/clock.h - "tocsin.clock/1": the time, and one-shot timers on the instance's strand.
 *
 * Why: a plugin that asks the host for the time can be tested with a virtual clock and run in a sandbox. What
 * it does not do: retries.  The host schedules those; a timer is for a protocol's own needs (a poll, an
 * expiry). */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_CLOCK "tocsin.clock/1"

/* [strand] Called once when the timer is due, never inside start_timer() and never after destroy(). */
typedef void (*tocsin_timer_fn)(tocsin_instance* instance, void* user);

typedef struct tocsin_clock {
  /* [any] Milliseconds since 1970-01-01 UTC; may jump. */
  int64_t (*unix_ms)(const tocsin_host* host);
  /* [any] Milliseconds of a clock that never goes back; its zero means nothing. */
  int64_t (*steady_ms)(const tocsin_host* host);
  /* [strand] or in create().  Starts a timer of delay_ms (0 .. 7 days) and writes its id (never 0) to
   * `timer`. E_INVALID: NULL callback or delay out of range.  E_BUSY: 64 timers of this instance are pending.
   * E_CLOSING: the instance is going away.  `user` stays the plugin's. */
  tocsin_status (*start_timer)(const tocsin_host* host, int64_t delay_ms, tocsin_timer_fn callback,
                               void* user, uint64_t* timer);
  /* [strand] OK: it will not fire.  E_STALE: it has fired, was cancelled before, or never was. */
  tocsin_status (*cancel_timer)(const tocsin_host* host, uint64_t timer);
} tocsin_clock; /* frozen */

#ifdef __cplusplus
}
#endif

/* tocsin/ext/secret.h - "tocsin.secret/1": signing with a secret that the plugin never sees.
 *
 * Why: a writeOnly setting reads as a token "tsec_" + 32 characters of [A-Za-z0-9], random for each instance
 * and start.  The host keeps the value and does the arithmetic.  What it does not do: it gives no secret
 * away, and a token of another instance is unknown here.  To send a secret, put its token where the value
 * belongs in an HTTP request or in SMTP credentials; the host swaps it there. */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_SECRET "tocsin.secret/1"
#define TOCSIN_SECRET_PREFIX "tsec_"

/* How the stored text becomes key bytes. */
enum {
  TOCSIN_KEY_RAW = 0,   /* the UTF-8 bytes as they are */
  TOCSIN_KEY_WHSEC = 1, /* "whsec_" + base64: the decoded bytes.  Without that prefix: as RAW */
  TOCSIN_KEY_WHSK = 2,  /* "whsk_" + base64 of 64 bytes (seed, public key) or of the 32-byte seed */
  TOCSIN_KEY_HEX = 3,
  TOCSIN_KEY_BASE64 = 4 /* standard alphabet, padding optional */
};

/* All calls: the signed text is the concatenation of `parts` (at most 64, together at most 16 MiB;
 * E_TOO_LARGE). `key` is one whole token: E_UNKNOWN_SECRET where it is none of this instance's, E_BAD_SECRET
 * where its value has not the form.  Synchronous and cheap (a microsecond for a kilobyte).  On error nothing
 * is written. */
typedef struct tocsin_secret {
  /* [any] HMAC-SHA256, 32 bytes.  E_INVALID: WHSK asked for, or a NULL. */
  tocsin_status (*hmac_sha256)(const tocsin_host* host, tocsin_str key, uint32_t key_form,
                               const tocsin_str* parts, size_t n_parts, uint8_t mac[32]);
  /* [any] Ed25519 (RFC 8032, pure), 64 bytes.  The key is a 32-byte seed: WHSK, HEX or BASE64. */
  tocsin_status (*sign_ed25519)(const tocsin_host* host, tocsin_str key, uint32_t key_form,
                                const tocsin_str* parts, size_t n_parts, uint8_t signature[64]);
} tocsin_secret; /* frozen */

#ifdef __cplusplus
}
#endif

/* tocsin/ext/http.h - "tocsin.http/1": one HTTP exchange, made by the host.
 *
 * Why: the host owns sockets, so that the egress policy, TLS, pooling, limits and redaction hold for every
 * plugin, and it knows whether a byte of the request left.  What it does not do: it follows no redirect,
 * keeps no cookie, asks no proxy, decodes no content encoding and never tries twice. */

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

/* tocsin/ext/smtp.h - "tocsin.smtp/1": one mail transaction, made by the host.
 *
 * Why: as for HTTP the host owns the socket, the TLS rules and the password.  What it does not do: it builds
 * no message (the bytes are the plugin's, with CRLF line ends; the host dot-stuffs), and never falls back
 * from TLS to clear text or from asked-for authentication to none.
 *
 * Each recipient has a transaction of its own on one connection, so a refusal of one says nothing of the
 * others.  A descriptor declares its server as "settings:/server,/port" in egress. */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_SMTP "tocsin.smtp/1"

enum {
  TOCSIN_SMTP_STARTTLS = 0 /* required */,
  TOCSIN_SMTP_IMPLICIT_TLS = 1,
  TOCSIN_SMTP_CLEAR = 2 /* operator's grant */
};
enum { TOCSIN_SMTP_NO_AUTH = 0, TOCSIN_SMTP_PASSWORD = 1 /* PLAIN, else LOGIN */, TOCSIN_SMTP_XOAUTH2 = 2 };
enum { TOCSIN_SMTP_VERIFY = 1 }; /* flag: connect, TLS, authenticate, quit; no mail, recipients ignored */

/* How far the dialogue came. */
enum {
  TOCSIN_SMTP_AT_CONNECT = 0, /* before or in the greeting */
  TOCSIN_SMTP_AT_EHLO = 1,
  TOCSIN_SMTP_AT_TLS = 2,  /* STARTTLS not offered or refused: code is that reply, 0 = not offered */
  TOCSIN_SMTP_AT_AUTH = 3, /* refused; or code 0: the server offers no mechanism that could be used */
  TOCSIN_SMTP_AT_MAIL = 4, /* of a recipient: its turn did not come, nothing was said of it */
  TOCSIN_SMTP_AT_RCPT = 5, /* of the whole: every recipient was refused */
  TOCSIN_SMTP_AT_DATA = 6,
  TOCSIN_SMTP_AT_DOT = 7, /* the message was sent: without a reply it may have been taken */
  TOCSIN_SMTP_DONE = 8    /* of the whole: at least one recipient's message was taken, and nothing broke */
};

typedef struct tocsin_smtp_mail {
  uint32_t size;
  uint32_t flags;            /* TOCSIN_SMTP_VERIFY */
  uint32_t security;         /* TOCSIN_SMTP_STARTTLS .. */
  uint32_t auth;             /* TOCSIN_SMTP_NO_AUTH .. */
  uint32_t port;             /* 0 = 587, or 465 for IMPLICIT_TLS */
  uint32_t timeout_ms;       /* whole transaction, 0 = 60000, kept within 10000 .. 600000 */
  tocsin_str server;         /* name in A-label form (also in the setting), or an address */
  tocsin_str ehlo;           /* the name to greet with, absent = the host's */
  tocsin_str user, password; /* password: a secret token (for XOAUTH2: of the bearer token) */
  tocsin_str envelope_from;  /* addresses: no octet below 0x21, no 0x7F, '<', '>', ','; at most 254 bytes */
  const tocsin_str* recipients;
  size_t n_recipients; /* 1 .. 100 */
  /* RFC 5322, CRLF only, lines of at most 998 octets, at most 25 MiB.  Never searched for tokens. */
  tocsin_str bytes;
} tocsin_smtp_mail;

/* One recipient's own answer, in the order of `recipients`.
 *   DONE                  taken: code and text are of the final dot (the text often names the queue id)
 *   AT_DOT, code 0        the connection or the time ended before the answer: it may have been taken
 *   AT_DOT, AT_DATA, AT_RCPT, AT_MAIL with a code   refused there
 *   AT_MAIL, code 0       nothing was sent for it: the connection broke before its turn
 *   less than AT_MAIL     as the whole: no recipient was named at all
 * A 421 or a refused MAIL ends the whole, so recipients after it have that code at AT_MAIL. */
typedef struct tocsin_smtp_recipient {
  tocsin_str address;
  int32_t code;          /* of the reply that decided; 0 = none came */
  uint32_t stage;        /* TOCSIN_SMTP_AT_CONNECT .. DONE */
  tocsin_str enhanced;   /* "5.1.1", or absent */
  tocsin_str text;       /* the reply without its codes, lines joined with LF, at most 1 KiB */
} tocsin_smtp_recipient; /* frozen */

typedef struct tocsin_smtp_reply {
  uint32_t size;
  uint32_t io_error;     /* TOCSIN_IO_*: OK where the server answered, be it with a refusal; with another some
                            recipients may be DONE all the same */
  uint32_t stage;        /* how far it came */
  int32_t code;          /* last reply that mattered, 0 = none */
  tocsin_str enhanced;   /* of that reply */
  tocsin_str text;       /* of that reply */
  uint32_t request_sent; /* 0: no byte of the message content left */
  uint32_t elapsed_ms;
  const tocsin_smtp_recipient* recipients;
  size_t n_recipients;
} tocsin_smtp_reply;

/* [strand] Exactly once for each accepted submit, never inside it.  The reply dies when this returns. */
typedef void (*tocsin_smtp_fn)(tocsin_instance* instance, tocsin_delivery* delivery,
                               const tocsin_smtp_reply* reply, void* user);

typedef struct tocsin_smtp {
  /* [any] Starts a transaction; the mail is copied.  Errors and limits as for tocsin.http/1, with which it
   * shares its places; E_INVALID also for an address that could break the dialogue and for bytes that are no
   * mail, E_DENIED also for CLEAR without the operator's grant, E_UNKNOWN_SECRET for a password that is no
   * token of this instance. */
  tocsin_status (*submit)(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_smtp_mail* mail,
                          tocsin_smtp_fn callback, void* user);
  /* [control] For create(): whether such a mail could be submitted at all, as far as that is known without a
   * connection.  Looks at server, port, security, auth and password only.  OK; else E_DENIED (the server's
   * address is one the egress policy refuses, CLEAR without the operator's grant, not declared), E_INVALID or
   * E_UNKNOWN_SECRET, and `error->text` holds one sentence for the admin with the reason and the fix
   * (`pointer` is left alone: the plugin knows which setting it was). */
  tocsin_status (*check)(const tocsin_host* host, const tocsin_smtp_mail* mail, tocsin_error* error);
} tocsin_smtp; /* frozen */

#ifdef __cplusplus
}
#endif

/* tocsin/ext/inbox.h - "tocsin.inbox/1": an item in the notification centre of a team.
 *
 * Why: the in-app channel is a plugin like every other; storing and streaming items is the host's.  What it
 * does not do: read, mark or remove items; people do that through the host's API. */

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_EXT_INBOX "tocsin.inbox/1"

/* Limits, in bytes of UTF-8. */
#define TOCSIN_INBOX_ID_BYTES 256
#define TOCSIN_INBOX_NAME_BYTES 128 /* user, type and source, each */
#define TOCSIN_INBOX_TITLE_BYTES 1024
#define TOCSIN_INBOX_SUMMARY_BYTES 8192
#define TOCSIN_INBOX_LINK_BYTES 2048
#define TOCSIN_INBOX_JSON_BYTES 65536

typedef struct tocsin_inbox_item {
  uint32_t size;
  uint32_t severity; /* TOCSIN_INFO .. TOCSIN_CRITICAL */
  uint32_t category; /* TOCSIN_SECURITY_ALERT .. */
  uint32_t flags;    /* 0 */
  int64_t time_unix_ms;
  tocsin_str id;   /* the plugin's key, required: a second put of it for the same user is no new item */
  tocsin_str user; /* whose inbox, absent = everyone of the team */
  tocsin_str type, source;
  tocsin_str title; /* required */
  tocsin_str summary;
  tocsin_str link; /* an http or https URL, or absent */
  tocsin_str json; /* kept with the item and given to clients as its "data": a JSON object, or absent */
} tocsin_inbox_item;

typedef struct tocsin_inbox_result {
  uint32_t size;
  tocsin_status status; /* TOCSIN_OK: on disk.  E_BUSY: the store cannot take it now, complete with RETRY.
                         * E_STALE: the attempt was ended meanwhile; the item may be stored or not */
  uint32_t duplicate;   /* 1: the id was there already */
  uint32_t reserved;    /* 0 */
  tocsin_str item;      /* the host's id of the item */
} tocsin_inbox_result;

/* [strand] Exactly once for each accepted put, never inside it. */
typedef void (*tocsin_inbox_fn)(tocsin_instance* instance, tocsin_delivery* delivery,
                                const tocsin_inbox_result* result, void* user);

typedef struct tocsin_inbox {
  /* [any] Stores an item for the team of this channel; the item is copied.  E_INVALID: no title or no id, an
   * unknown severity or category, a link or a json that is none, flags other than 0, a user with blanks or
   * control characters.  E_TOO_LARGE: over a limit above.  E_STALE, E_BUSY (more than 256 wait), E_CLOSING:
   * as for tocsin.http/1.  After any of these no callback comes. */
  tocsin_status (*put)(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_inbox_item* item,
                       tocsin_inbox_fn callback, void* user);
} tocsin_inbox; /* frozen */

#ifdef __cplusplus
}
#endif
