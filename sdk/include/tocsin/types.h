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
#pragma once

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
