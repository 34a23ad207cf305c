/* tocsin/ext/smtp.h - "tocsin.smtp/1": one mail transaction, made by the host.
 *
 * Why: as for HTTP the host owns the socket, the TLS rules and the password.  What it does not do: it builds
 * no message (the bytes are the plugin's, with CRLF line ends; the host dot-stuffs), and never falls back
 * from TLS to clear text or from asked-for authentication to none.
 *
 * Each recipient has a transaction of its own on one connection, so a refusal of one says nothing of the
 * others.  A descriptor declares its server as "settings:/server,/port" in egress. */
#pragma once

#include <tocsin/ext/http.h>

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
