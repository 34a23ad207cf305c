/* tocsin/ext/log.h - "tocsin.log/1": lines into the host's log.
 *
 * Why: a plugin has no log of its own; stdout and stderr belong to the host.  What it does not do: it is no
 * record of deliveries (that is the outcome).  Lines over 4 KiB are cut, more than 100 lines a second from
 * one instance are counted instead of written, and secrets the host knows are redacted. */
#pragma once

#include <tocsin/types.h>

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
