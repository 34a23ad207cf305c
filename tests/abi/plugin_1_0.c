/* A channel as somebody wrote it for ABI 1.0, and never built again: it includes the kept header alone.
 *
 * Why: today's host must run it, and today's validator must pass it.  What it does not do: use anything that
 * came later.  It goes through the log, the clock, a timer, a secret and HTTP, and looks the others up. */
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

struct tocsin_instance {
  const tocsin_host* host;
  const tocsin_log* log;
  const tocsin_clock* clock;
  const tocsin_secret* secret;
  const tocsin_http* http;
  char url[512], key[64];
};

/* One attempt under way: the message lives until it is completed, so it can be kept. */
typedef struct attempt {
  const tocsin_message* message;
  tocsin_delivery* delivery;
} attempt;

static void copy(char* into, size_t size, tocsin_str text) {
  const size_t length = text.len < size ? text.len : size - 1;
  if (length > 0) memcpy(into, text.ptr, length);
  into[length] = '\0';
}

static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  tocsin_instance* self = (tocsin_instance*)calloc(1, sizeof *self);
  if (self == NULL) return tocsin_fail(error, "", "out of memory");
  self->host = host;
  self->log = (const tocsin_log*)host->get_extension(host, TOCSIN_EXT_LOG);
  self->clock = (const tocsin_clock*)host->get_extension(host, TOCSIN_EXT_CLOCK);
  self->secret = (const tocsin_secret*)host->get_extension(host, TOCSIN_EXT_SECRET);
  self->http = (const tocsin_http*)host->get_extension(host, TOCSIN_EXT_HTTP);
  if (host->get_extension(host, TOCSIN_EXT_SMTP) == NULL ||
      host->get_extension(host, TOCSIN_EXT_INBOX) == NULL) {
    free(self);
    return tocsin_fail(error, "", "a host of major 1 serves mail and inbox for ever");
  }
  copy(self->url, sizeof self->url, tocsin_find(settings, "/url"));
  copy(self->key, sizeof self->key, tocsin_find(settings, "/key"));
  return self;
}

static void destroy(tocsin_instance* self) {
  free(self);
}

static void end(tocsin_instance* self, tocsin_delivery* delivery, int32_t status, const char* code) {
  tocsin_outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = status;
  outcome.code = tocsin_lit(code);
  self->host->complete(self->host, delivery, &outcome);
}

static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  (void)user;
  if (response->size < sizeof *response) {
    end(self, delivery, TOCSIN_REJECTED, "org.example.first.small_response");
  } else if (response->status == 0) {
    end(self, delivery, response->request_sent ? TOCSIN_UNCERTAIN : TOCSIN_RETRY,
        "org.example.first.no_answer");
  } else if (response->status >= 200 && response->status < 300) {
    end(self, delivery, TOCSIN_DELIVERED, "");
  } else if (response->status == 429) {
    end(self, delivery, TOCSIN_RATE_LIMITED, "org.example.first.slow_down");
  } else {
    end(self, delivery, TOCSIN_RETRY, "org.example.first.refused");
  }
}

static void send_now(tocsin_instance* self, void* user) {
  static const char hex[] = "0123456789abcdef";
  attempt* one = (attempt*)user;
  const tocsin_event* event = one->message->events[0];
  char signature[65] = "unsigned";
  uint8_t mac[32];
  tocsin_kv headers[2];
  tocsin_http_request request;
  tocsin_status status = TOCSIN_OK;
  size_t i;
  if (self->key[0] != '\0')
    status =
        self->secret->hmac_sha256(self->host, tocsin_lit(self->key), TOCSIN_KEY_RAW, &event->json, 1, mac);
  for (i = 0; self->key[0] != '\0' && status == TOCSIN_OK && i < sizeof mac; ++i) {
    signature[2 * i] = hex[mac[i] >> 4];
    signature[2 * i + 1] = hex[mac[i] & 15];
    signature[2 * i + 2] = '\0';
  }
  headers[0].key = tocsin_lit("X-Signature");
  headers[0].value = tocsin_lit(signature);
  headers[1].key = tocsin_lit("X-Message");
  headers[1].value = one->message->id;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.url = tocsin_lit(self->url);
  request.headers = headers;
  request.n_headers = 2;
  request.body = event->json;
  if (status == TOCSIN_OK) status = self->http->submit(self->host, one->delivery, &request, answered, NULL);
  if (status != TOCSIN_OK && status != TOCSIN_E_STALE)
    end(self, one->delivery, TOCSIN_RETRY, "org.example.first.not_sent");
  free(one);
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  attempt* one = (attempt*)malloc(sizeof *one);
  uint64_t timer = 0;
  if (one == NULL || message->size < sizeof *message || message->events[0]->size < sizeof(tocsin_event)) {
    free(one);
    end(self, delivery, TOCSIN_REJECTED, "org.example.first.small_message");
    return;
  }
  one->message = message;
  one->delivery = delivery;
  self->log->write(self->host, delivery, TOCSIN_LOG_DEBUG, tocsin_lit("one moment"), NULL, 0);
  /* A timer of nothing: the exchange begins in its callback. */
  if (self->clock->unix_ms(self->host) <= 0 ||
      self->clock->start_timer(self->host, 0, send_now, one, &timer) != TOCSIN_OK)
    send_now(self, one);
}

static const char schema[] =
    "{\"type\":\"object\",\"required\":[\"url\"],\"additionalProperties\":false,\"properties\":{"
    "\"url\":{\"type\":\"string\",\"format\":\"uri\",\"maxLength\":511,\"title\":\"URL\",\"description\":"
    "\"Where to.\"},"
    "\"key\":{\"type\":\"string\",\"writeOnly\":true,\"minLength\":1,\"title\":\"Key\",\"description\":"
    "\"Signs.\"}}}";
static const tocsin_channel_api api = {create, destroy, deliver, NULL, NULL, NULL};
static const char* const required[] = {TOCSIN_EXT_HTTP,
                                       TOCSIN_EXT_LOG,
                                       TOCSIN_EXT_CLOCK,
                                       TOCSIN_EXT_SECRET,
                                       TOCSIN_EXT_SMTP,
                                       TOCSIN_EXT_INBOX,
                                       NULL};
static const char* const egress[] = {"settings:/url", NULL};
static const tocsin_channel_type type = {.size = sizeof(tocsin_channel_type),
                                         .type = "org.example.first",
                                         .name = "First",
                                         .version = "1.0.0",
                                         .settings_schema = schema,
                                         .requires_ext = required,
                                         .egress = egress,
                                         .api = &api};
static const tocsin_channel_type* const types[] = {&type};
static const tocsin_plugin plugin = {sizeof(tocsin_plugin), TOCSIN_ABI_MINOR, "ABI 1.0", types, 1};

TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {
  return &plugin;
}
