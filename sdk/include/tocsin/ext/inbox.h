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

typedef struct tocsin_inbox_item {
  uint32_t size;
  uint32_t severity; /* TOCSIN_INFO .. TOCSIN_CRITICAL */
  uint32_t category; /* TOCSIN_SECURITY_ALERT .. */
  uint32_t flags;    /* 0 */
  int64_t time_unix_ms;
  tocsin_str id; /* the plugin's key, 1 .. 128 bytes: a second put of the same id in a team is no new item */
  tocsin_str user; /* whose inbox, absent = everyone of the team */
  tocsin_str type, source;
  tocsin_str title; /* required, at most 1 KiB */
  tocsin_str summary, link;
  tocsin_str json; /* kept with the item and given to clients, a JSON object of at most 64 KiB, or absent */
} tocsin_inbox_item;

typedef struct tocsin_inbox_result {
  uint32_t size;
  tocsin_status status; /* TOCSIN_OK: on disk.  E_BUSY: the store cannot take it now, complete with RETRY */
  uint32_t duplicate;   /* 1: the id was there already */
  uint32_t reserved;    /* 0 */
  tocsin_str item;      /* the host's id of the item */
} tocsin_inbox_result;

/* [strand] Exactly once for each accepted put, never inside it. */
typedef void (*tocsin_inbox_fn)(tocsin_instance* instance, tocsin_delivery* delivery,
                                const tocsin_inbox_result* result, void* user);

typedef struct tocsin_inbox {
  /* [any] Stores an item for the team of this channel; the item is copied.  E_INVALID: no title or no id,
   * E_STALE, E_DENIED, E_BUSY, E_TOO_LARGE, E_CLOSING: as for tocsin.http/1, and then no callback comes. */
  tocsin_status (*put)(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_inbox_item* item,
                       tocsin_inbox_fn callback, void* user);
} tocsin_inbox; /* frozen */

#ifdef __cplusplus
}
#endif
