/* tocsin/ext/secret.h - "tocsin.secret/1": signing with a secret that the plugin never sees.
 *
 * Why: a writeOnly setting reads as a token "tsec_" + 32 characters of [A-Za-z0-9], random for each instance
 * and start.  The host keeps the value and does the arithmetic.  What it does not do: it gives no secret
 * away, and a token of another instance is unknown here.  To send a secret, put its token where the value
 * belongs in an HTTP request or in SMTP credentials; the host swaps it there. */
#pragma once

#include <tocsin/types.h>

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
