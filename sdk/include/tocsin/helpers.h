/* tocsin/helpers.h - what a channel in plain C lacks: a text that grows, JSON strings, and what an answer
 * means.  C11 and C++20, all static inline; only malloc behind it.
 *
 * Why: without them each author writes them again, and injection and leaks follow.  What it does not do:
 * parse anything, or know a platform.  In C++ the same things are in tocsin/plugin.hpp.
 *
 * THREADS  [any], each text from one thread at a time.   OWNERSHIP  A text owns its bytes until
 * tocsin_text_free().  ERRORS  Out of memory is remembered in the text (`failed`) and asked once, at the
 * end. */
#pragma once

#include <stdlib.h>
#include <tocsin/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Begins as all zeroes: `tocsin_text body = {0};`  Not NUL-terminated. */
typedef struct tocsin_text {
  char* ptr;
  size_t len, capacity;
  int failed; /* 1: memory ran out, and what was added since is missing */
} tocsin_text;

static inline void tocsin_text_free(tocsin_text* text) {
  free(text->ptr);
  text->ptr = NULL;
  text->len = text->capacity = 0;
  text->failed = 0;
}

static inline tocsin_str tocsin_text_view(const tocsin_text* text) {
  return tocsin_string(text->ptr, text->len);
}

static inline void tocsin_text_add_bytes(tocsin_text* text, const char* bytes, size_t length) {
  if (text->failed || length == 0) return;
  if (text->capacity - text->len < length) {
    const size_t wanted = (text->len + length) * 2;
    char* grown = (char*)realloc(text->ptr, wanted);
    if (grown == NULL) {
      text->failed = 1;
      return;
    }
    text->ptr = grown;
    text->capacity = wanted;
  }
  memcpy(text->ptr + text->len, bytes, length);
  text->len += length;
}

static inline void tocsin_text_add(tocsin_text* text, const char* literal) {
  tocsin_text_add_bytes(text, literal, strlen(literal));
}

static inline void tocsin_text_add_str(tocsin_text* text, tocsin_str value) {
  tocsin_text_add_bytes(text, value.ptr, value.len);
}

/* The value as a JSON string with its quotes.  It must be UTF-8, as everything in a message is. */
static inline void tocsin_text_add_json(tocsin_text* text, tocsin_str value) {
  static const char hex[] = "0123456789abcdef";
  size_t i, kept = 0;
  tocsin_text_add_bytes(text, "\"", 1);
  for (i = 0; i < value.len; ++i) {
    const unsigned char c = (unsigned char)value.ptr[i];
    char escape[6] = {'\\', 'u', '0', '0', '0', '0'};
    size_t length = 0;
    if (c == '"' || c == '\\') {
      escape[1] = (char)c;
      length = 2;
    } else if (c < 0x20 || c == 0x7F) {
      escape[4] = hex[c >> 4];
      escape[5] = hex[c & 15];
      length = 6;
    }
    if (length == 0) continue;
    tocsin_text_add_bytes(text, value.ptr + kept, i - kept);
    tocsin_text_add_bytes(text, escape, length);
    kept = i + 1;
  }
  if (value.len > kept) tocsin_text_add_bytes(text, value.ptr + kept, value.len - kept);
  tocsin_text_add_bytes(text, "\"", 1);
}

/* At most `most` bytes of it, cut between characters (not inside one; a cut may fall inside an emoji that is
 * made of several). */
static inline tocsin_str tocsin_cut(tocsin_str value, size_t most) {
  if (value.len <= most) return value;
  while (most > 0 && ((unsigned char)value.ptr[most] & 0xC0) == 0x80) --most;
  return tocsin_string(value.ptr, most);
}

/* What an exchange means by the rules that nearly every HTTP API shares: TOCSIN_DELIVERED for 2xx, else one
 * of the other outcomes.  The same table as tocsin::classify() in C++. */
static inline int32_t tocsin_classify(const tocsin_http_response* response) {
  const int32_t status = response->status;
  if (status == 0) {
    if (response->io_error == TOCSIN_IO_BLOCKED || response->io_error == TOCSIN_IO_BAD_REQUEST)
      return TOCSIN_MISCONFIGURED;
    return response->request_sent ? TOCSIN_UNCERTAIN : TOCSIN_RETRY;
  }
  if (status >= 200 && status < 300) return TOCSIN_DELIVERED;
  if (status >= 500 || status < 200 || status == 408 || status == 425) return TOCSIN_RETRY;
  if (status == 429) return TOCSIN_RATE_LIMITED;
  if (status == 410) return TOCSIN_GONE;
  if (status < 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 407)
    return TOCSIN_MISCONFIGURED;
  return TOCSIN_REJECTED;
}

/* What a refused submit means: for every status but TOCSIN_OK and TOCSIN_E_STALE (after which nothing is to
 * be completed). */
static inline int32_t tocsin_classify_refusal(tocsin_status status) {
  if (status == TOCSIN_E_DENIED || status == TOCSIN_E_UNKNOWN_SECRET || status == TOCSIN_E_BAD_SECRET)
    return TOCSIN_MISCONFIGURED;
  if (status == TOCSIN_E_TOO_LARGE || status == TOCSIN_E_INVALID) return TOCSIN_REJECTED;
  return TOCSIN_RETRY;
}

/* Completes a delivery with this status, a code of the form "acme.http_503" and one sentence for people. */
static inline void tocsin_complete(const tocsin_host* host, tocsin_delivery* delivery, int32_t status,
                                   const char* code, const char* detail, int64_t retry_after_ms) {
  tocsin_outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = status;
  outcome.retry_after_ms = retry_after_ms > 0 ? retry_after_ms : 0;
  outcome.code = tocsin_lit(code);
  outcome.detail = tocsin_lit(detail);
  host->complete(host, delivery, &outcome);
}

#ifdef __cplusplus
}
#endif
