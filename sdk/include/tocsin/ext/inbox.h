/* tocsin/ext/inbox.h - "tocsin.inbox/1": an item in the notification centre of a team.
 *
 * Why: the in-app channel is a plugin like every other; storing and streaming items is the host's.  What it
 * does not do: read, mark or remove items; people do that through the host's API. */
#pragma once

#include <tocsin/types.h>

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
