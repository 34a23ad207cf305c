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
#pragma once

#include <tocsin/types.h>

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

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>
