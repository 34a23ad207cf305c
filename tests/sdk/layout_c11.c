/* The layout of the ABI as C sees it, against the table of 1.0. Why: a plugin built years ago relies on it.
 * What it does not do: run; a moved field fails the build.  tests/abi compiles this again over the kept
 * header, which ABI_HEADER names. */
#include <assert.h>
#ifdef ABI_HEADER
#include ABI_HEADER
#else
#include <tocsin/plugin.h>
#endif

#define LAYOUT_FROZEN(type, bytes) \
  _Static_assert(sizeof(struct type) == (bytes), #type " is frozen and changed its size");
#if TOCSIN_ABI_MINOR == 0
#define LAYOUT_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type " changed its size");
#else
#define LAYOUT_SIZE(type, bytes) _Static_assert(sizeof(struct type) >= (bytes), #type " became smaller");
#endif
#define LAYOUT_FIELD(type, field, offset) \
  _Static_assert(offsetof(struct type, field) == (offset), #type "." #field " moved");
#include "layout.inc"

/* Values that are on the wire of the ABI, too. */
_Static_assert(TOCSIN_DELIVERED == 1 && TOCSIN_ACCEPTED == 2 && TOCSIN_RETRY == 3 &&
                   TOCSIN_RATE_LIMITED == 4 && TOCSIN_REJECTED == 5 && TOCSIN_UNREACHABLE == 6 &&
                   TOCSIN_MISCONFIGURED == 7 && TOCSIN_GONE == 8 && TOCSIN_UNCERTAIN == 9,
               "an outcome changed its number");
_Static_assert(TOCSIN_IO_OK == 0 && TOCSIN_IO_DNS == 1 && TOCSIN_IO_CONNECT == 2 && TOCSIN_IO_TLS == 3 &&
                   TOCSIN_IO_CERTIFICATE == 4 && TOCSIN_IO_TIMEOUT == 5 && TOCSIN_IO_CLOSED == 6 &&
                   TOCSIN_IO_PROTOCOL == 7 && TOCSIN_IO_BLOCKED == 8 && TOCSIN_IO_BAD_REQUEST == 9 &&
                   TOCSIN_IO_CANCELLED == 10 && TOCSIN_IO_LOCAL == 11,
               "a transport error changed its number");
_Static_assert(TOCSIN_OK == 0 && TOCSIN_E_INVALID == -1 && TOCSIN_E_STALE == -2 && TOCSIN_E_DENIED == -3 &&
                   TOCSIN_E_BUSY == -4 && TOCSIN_E_TOO_LARGE == -5 && TOCSIN_E_UNKNOWN_SECRET == -6 &&
                   TOCSIN_E_BAD_SECRET == -7 && TOCSIN_E_CLOSING == -8 && TOCSIN_E_NO_MEMORY == -9 &&
                   TOCSIN_E_UNSUPPORTED == -10,
               "a status changed its number");
_Static_assert(TOCSIN_SERIAL == 0 && TOCSIN_BLOCKING == 1 && TOCSIN_CONCURRENT == 2,
               "a threading mode moved");
_Static_assert(TOCSIN_FLAT_DATA == 1 && TOCSIN_TAKES_DIGESTS == 2 && TOCSIN_TEST == 1 && TOCSIN_DIGEST == 2,
               "a flag moved");
_Static_assert(TOCSIN_INFO == 0 && TOCSIN_CRITICAL == 4 && TOCSIN_SECURITY_ALERT == 1 &&
                   TOCSIN_SYSTEM_ERROR == 3,
               "a severity or category moved");
_Static_assert(TOCSIN_KEY_RAW == 0 && TOCSIN_KEY_WHSEC == 1 && TOCSIN_KEY_WHSK == 2 && TOCSIN_KEY_HEX == 3 &&
                   TOCSIN_KEY_BASE64 == 4 && TOCSIN_BODY_NONE == 0 && TOCSIN_BODY_FORM == 3,
               "a key or body form moved");
