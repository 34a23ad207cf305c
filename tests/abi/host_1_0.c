/* See host_1_0.h. */
#include "host_1_0.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugin.h"

/* What the plugin waits for: played back after deliver() has returned. */
typedef struct waiting {
  tocsin_delivery* delivery;
  void* user;
  tocsin_http_fn http;
  tocsin_smtp_fn smtp;
  tocsin_inbox_fn inbox;
  tocsin_timer_fn timer;
  size_t recipients;
} waiting;

enum { kMost = 64 };

typedef struct old_host {
  old_run* run;
  waiting queue[kMost];
  size_t queued, played;
} old_host;

/* A copy of `size` bytes that ends where a page begins which nobody may read.  Never freed: a test is short.
 */
static void* at_fence(const void* from, size_t size) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t pages = (size + page - 1) / page;
  char* memory =
      (char*)mmap(NULL, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + pages * page, page, PROT_NONE) != 0) abort();
  return memcpy(memory + pages * page - size, from, size);
}

static old_host* of(const tocsin_host* host) {
  return (old_host*)host->ctx;
}

static tocsin_status enqueue(const tocsin_host* host, waiting one) {
  old_host* self = of(host);
  if (self->queued == kMost) return TOCSIN_E_BUSY;
  self->queue[self->queued++] = one;
  return TOCSIN_OK;
}

static void write_log(const tocsin_host* host, tocsin_delivery* delivery, uint32_t level, tocsin_str text,
                      const tocsin_kv* fields, size_t n_fields) {
  (void)host, (void)delivery, (void)level, (void)text, (void)fields, (void)n_fields;
}

static int64_t now(const tocsin_host* host) {
  (void)host;
  return 1795420800000; /* 2026-11-23T08:00:00Z */
}

static tocsin_status start_timer(const tocsin_host* host, int64_t delay_ms, tocsin_timer_fn callback,
                                 void* user, uint64_t* timer) {
  const waiting one = {.timer = callback, .user = user};
  (void)delay_ms;
  *timer = 1;
  return enqueue(host, one);
}

static tocsin_status cancel_timer(const tocsin_host* host, uint64_t timer) {
  (void)host, (void)timer;
  return TOCSIN_E_STALE;
}

static tocsin_status hmac(const tocsin_host* host, tocsin_str key, uint32_t form, const tocsin_str* parts,
                          size_t n_parts, uint8_t mac[32]) {
  (void)host, (void)key, (void)form, (void)parts, (void)n_parts;
  memset(mac, 0xAB, 32);
  return TOCSIN_OK;
}

static tocsin_status ed25519(const tocsin_host* host, tocsin_str key, uint32_t form, const tocsin_str* parts,
                             size_t n_parts, uint8_t signature[64]) {
  (void)host, (void)key, (void)form, (void)parts, (void)n_parts;
  memset(signature, 0xCD, 64);
  return TOCSIN_OK;
}

static tocsin_status submit_http(const tocsin_host* host, tocsin_delivery* delivery,
                                 const tocsin_http_request* request, tocsin_http_fn callback, void* user) {
  const waiting one = {.delivery = delivery, .http = callback, .user = user};
  if (request->size < sizeof *request || request->url.len == 0) return TOCSIN_E_INVALID;
  return enqueue(host, one);
}

static tocsin_status submit_smtp(const tocsin_host* host, tocsin_delivery* delivery,
                                 const tocsin_smtp_mail* mail, tocsin_smtp_fn callback, void* user) {
  const waiting one = {
      .delivery = delivery, .smtp = callback, .user = user, .recipients = mail->n_recipients};
  if (mail->size < sizeof *mail || mail->bytes.len == 0) return TOCSIN_E_INVALID;
  return enqueue(host, one);
}

static tocsin_status check_smtp(const tocsin_host* host, const tocsin_smtp_mail* mail, tocsin_error* error) {
  (void)host, (void)error;
  return mail->size < sizeof *mail ? TOCSIN_E_INVALID : TOCSIN_OK;
}

static tocsin_status put_item(const tocsin_host* host, tocsin_delivery* delivery,
                              const tocsin_inbox_item* item, tocsin_inbox_fn callback, void* user) {
  const waiting one = {.delivery = delivery, .inbox = callback, .user = user};
  if (item->size < sizeof *item || item->title.len == 0) return TOCSIN_E_INVALID;
  return enqueue(host, one);
}

static const tocsin_log log_table = {write_log};
static const tocsin_clock clock_table = {now, now, start_timer, cancel_timer};
static const tocsin_secret secret_table = {hmac, ed25519};
static const tocsin_http http_table = {submit_http};
static const tocsin_smtp smtp_table = {submit_smtp, check_smtp};
static const tocsin_inbox inbox_table = {put_item};

/* Tables end at a fence too: a frozen one has no second function to find. */
static const void* get_extension(const tocsin_host* host, const char* id) {
  static const struct {
    const char* id;
    const void* table;
    size_t size;
  } known[] = {{TOCSIN_EXT_LOG, &log_table, sizeof log_table},
               {TOCSIN_EXT_CLOCK, &clock_table, sizeof clock_table},
               {TOCSIN_EXT_SECRET, &secret_table, sizeof secret_table},
               {TOCSIN_EXT_HTTP, &http_table, sizeof http_table},
               {TOCSIN_EXT_SMTP, &smtp_table, sizeof smtp_table},
               {TOCSIN_EXT_INBOX, &inbox_table, sizeof inbox_table}};
  size_t i;
  (void)host;
  for (i = 0; i < sizeof known / sizeof *known; ++i) {
    if (strcmp(known[i].id, id) == 0) return at_fence(known[i].table, known[i].size);
  }
  return NULL;
}

static void complete(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_outcome* outcome) {
  old_run* run = of(host)->run;
  (void)delivery;
  ++run->completed;
  run->status = outcome->status;
  snprintf(run->said, sizeof run->said, "%.*s: %.*s", (int)outcome->code.len,
           outcome->code.len ? outcome->code.ptr : "", (int)outcome->detail.len,
           outcome->detail.len ? outcome->detail.ptr : "");
}

static void answer_mail(tocsin_instance* instance, const waiting* one) {
  tocsin_smtp_recipient each[kMost];
  tocsin_smtp_reply reply;
  size_t i;
  memset(each, 0, sizeof each);
  memset(&reply, 0, sizeof reply);
  for (i = 0; i < one->recipients && i < kMost; ++i) {
    each[i].code = 250;
    each[i].stage = TOCSIN_SMTP_DONE;
  }
  reply.size = sizeof reply;
  reply.stage = TOCSIN_SMTP_DONE;
  reply.code = 250;
  reply.request_sent = 1;
  reply.recipients = each;
  reply.n_recipients = i;
  one->smtp(instance, one->delivery, (const tocsin_smtp_reply*)at_fence(&reply, sizeof reply), one->user);
}

static void play(old_host* self, tocsin_instance* instance) {
  while (self->played < self->queued) {
    const waiting one = self->queue[self->played++];
    if (one.timer != NULL) {
      one.timer(instance, one.user);
      continue;
    }
    ++self->run->exchanges;
    if (one.http != NULL) {
      const tocsin_http_response response = {.size = sizeof response,
                                             .status = 200,
                                             .request_sent = 1,
                                             .retry_after_ms = -1,
                                             .body = tocsin_lit(self->run->answer)};
      one.http(instance, one.delivery, (const tocsin_http_response*)at_fence(&response, sizeof response),
               one.user);
    } else if (one.smtp != NULL) {
      answer_mail(instance, &one);
    } else {
      const tocsin_inbox_result result = {
          .size = sizeof result, .status = TOCSIN_OK, .item = TOCSIN_LIT("itm_1")};
      one.inbox(instance, one.delivery, (const tocsin_inbox_result*)at_fence(&result, sizeof result),
                one.user);
    }
  }
}

static const tocsin_message* make_message(void) {
  static const tocsin_kv labels[] = {{TOCSIN_LIT("env"), TOCSIN_LIT("prod")}};
  static const tocsin_event* events[1];
  const tocsin_event event = {.size = sizeof event,
                              .severity = TOCSIN_HIGH,
                              .category = TOCSIN_SECURITY_ALERT,
                              .time_unix_ms = 1795420800000,
                              .id = TOCSIN_LIT("evt_1"),
                              .team = TOCSIN_LIT("demo"),
                              .type = TOCSIN_LIT("finding.created"),
                              .source = TOCSIN_LIT("cspm"),
                              .title = TOCSIN_LIT("Public bucket"),
                              .summary = TOCSIN_LIT("A storage bucket is public"),
                              .link = TOCSIN_LIT("https://example.com/f/1"),
                              .labels = labels,
                              .n_labels = 1,
                              .json = TOCSIN_LIT("{\"id\":\"evt_1\"}")};
  const tocsin_message message = {
      .size = sizeof message, .attempt = 1, .id = TOCSIN_LIT("dlv_1"), .events = events, .n_events = 1};
  events[0] = (const tocsin_event*)at_fence(&event, sizeof event);
  return (const tocsin_message*)at_fence(&message, sizeof message);
}

static const tocsin_channel_type* find_type(void* entry, const char* name) {
  tocsin_plugin_v1_fn enter;
  const tocsin_plugin* plugin;
  size_t i;
  memcpy(&enter, &entry, sizeof enter); /* a data pointer to a function's: what dlsym() gives */
  plugin = enter();
  for (i = 0; plugin->size >= sizeof *plugin && i < plugin->n_types; ++i) {
    if (plugin->types[i]->size >= sizeof(tocsin_channel_type) && strcmp(plugin->types[i]->type, name) == 0)
      return plugin->types[i];
  }
  return NULL;
}

void old_host_run(void* entry, old_run* run) {
  old_host self = {.run = run};
  const tocsin_host host = {
      sizeof host,   0,       &self, TOCSIN_LIT("1.0"), TOCSIN_LIT("demo"), TOCSIN_LIT("ops"),
      get_extension, complete};
  const tocsin_host* fenced = (const tocsin_host*)at_fence(&host, sizeof host);
  tocsin_kv flat[kMost];
  tocsin_doc settings = {tocsin_lit(run->settings), flat, 0};
  tocsin_error error = {.size = sizeof error};
  const tocsin_channel_type* type = find_type(entry, run->type);
  tocsin_instance* instance;
  if (type == NULL) {
    snprintf(run->said, sizeof run->said, "has no type %s in tables that a host of 1.0 can read", run->type);
    return;
  }
  for (; run->scalars[2 * settings.n_flat] != NULL; ++settings.n_flat) {
    flat[settings.n_flat].key = tocsin_lit(run->scalars[2 * settings.n_flat]);
    flat[settings.n_flat].value = tocsin_lit(run->scalars[2 * settings.n_flat + 1]);
  }
  instance = type->api->create(fenced, &settings, &error);
  if (instance == NULL) {
    snprintf(run->said, sizeof run->said, "%.100s %.120s", error.pointer, error.text);
    return;
  }
  run->created = 1;
  type->api->deliver(instance, make_message(), (tocsin_delivery*)1);
  play(&self, instance);
  type->api->destroy(instance);
}
