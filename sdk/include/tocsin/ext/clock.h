/* tocsin/ext/clock.h - "tocsin.clock/1": the time, and one-shot timers on the instance's strand.
 *
 * Why: a plugin that asks the host for the time can be tested with a virtual clock and run in a sandbox. What
 * it does not do: retries.  The host schedules those; a timer is for a protocol's own needs (a poll, an
 * expiry). */
#pragma once

#include <tocsin/types.h>

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
