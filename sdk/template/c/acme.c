/* The acme channel: posts each alert to an HTTPS endpoint as a JSON object, with a bearer token.
 *
 * Plain C on the ABI itself: deliver() gives the host a request, answered() says what the answer means. The
 * host does the rest: connections, time limits, retries, the record. */
#include <stdio.h>
#include <tocsin/helpers.h>

struct tocsin_instance {
  const tocsin_host* host;
  const tocsin_http* http;
  char* url;
  char* authorization; /* "Bearer " and the token's stand-in, or empty: never the value */
};

/* The form an admin fills in.  The host checks settings against it before create() is called.  What is
 * writeOnly is a secret: it reads as a token here, and the host puts the value in its place when it sends. */
static const char schema[] =
    "{\"type\": \"object\", \"required\": [\"url\"], \"additionalProperties\": false, \"properties\": {"
    "\"url\": {\"title\": \"URL\", \"type\": \"string\", \"format\": \"uri\", \"minLength\": 1,"
    " \"maxLength\": 2048, \"description\": \"Where alerts are posted.\","
    " \"examples\": [\"https://api.example.com/v1/alerts\"]},"
    "\"token\": {\"title\": \"Access token\", \"type\": \"string\", \"writeOnly\": true, \"minLength\": 1,"
    " \"maxLength\": 512, \"description\": \"Sent as a bearer token.\"}}}";

/* A NUL-terminated copy of both, one behind the other. */
static char* join(const char* before, tocsin_str text) {
  const size_t length = strlen(before);
  char* copy = (char*)malloc(length + text.len + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, before, length);
  if (text.len > 0) memcpy(copy + length, text.ptr, text.len);
  copy[length + text.len] = '\0';
  return copy;
}

static void destroy(tocsin_instance* self) {
  free(self->url);
  free(self->authorization);
  free(self);
}

/* What the schema cannot say is checked here: return tocsin_fail(error, "/url", "why, and the fix"). */
static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  const tocsin_str token = tocsin_find(settings, "/token");
  tocsin_instance* self = (tocsin_instance*)calloc(1, sizeof *self);
  if (self == NULL) return tocsin_fail(error, "", "out of memory");
  self->host = host;
  self->http = (const tocsin_http*)host->get_extension(host, TOCSIN_EXT_HTTP);
  self->url = join("", tocsin_find(settings, "/url"));
  self->authorization = token.len > 0 ? join("Bearer ", token) : join("", token);
  if (self->url == NULL || self->authorization == NULL) {
    destroy(self);
    return tocsin_fail(error, "", "out of memory");
  }
  return self;
}

/* tocsin_classify() knows what HTTP statuses mean; write down only where this provider differs. */
static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  char code[64] = "", detail[96] = "";
  int32_t status = tocsin_classify(response);
  (void)user;
  if (response->status == 409) status = TOCSIN_DELIVERED; /* it has this idempotency key already */
  if (status != TOCSIN_DELIVERED && response->status != 0) {
    snprintf(code, sizeof code, "com.example.acme.http_%d", (int)response->status);
    snprintf(detail, sizeof detail, "the receiver answered %d", (int)response->status);
  } else if (status != TOCSIN_DELIVERED) {
    snprintf(code, sizeof code, "com.example.acme.io_%u", (unsigned)response->io_error);
    snprintf(detail, sizeof detail, "no answer came");
  }
  tocsin_complete(self->host, delivery, status, code, detail, response->retry_after_ms);
}

static void render(tocsin_text* body, const tocsin_message* message) {
  static const char* const words[] = {"info", "low", "medium", "high", "critical"};
  const tocsin_event* event = message->events[0];
  tocsin_text_add(body, "{\"title\":");
  tocsin_text_add_json(body, event->title.len > 0 ? event->title : event->type);
  tocsin_text_add(body, ",\"severity\":");
  tocsin_text_add_json(body, tocsin_lit(words[event->severity <= TOCSIN_CRITICAL ? event->severity : 0]));
  tocsin_text_add(body, ",\"text\":");
  tocsin_text_add_json(body, event->summary);
  tocsin_text_add(body, message->flags & TOCSIN_TEST ? ",\"test\":true}" : ",\"test\":false}");
}

/* The same bytes for the same message, on every attempt. message->id is the idempotency key. */
static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_kv headers[3] = {{TOCSIN_LIT("Content-Type"), TOCSIN_LIT("application/json")},
                          {TOCSIN_LIT("Idempotency-Key"), {NULL, 0}},
                          {TOCSIN_LIT("Authorization"), {NULL, 0}}};
  tocsin_http_request request;
  tocsin_status status = TOCSIN_E_NO_MEMORY;
  tocsin_text body = {0};
  render(&body, message);
  headers[1].value = message->id;
  headers[2].value = tocsin_lit(self->authorization);
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.url = tocsin_lit(self->url);
  request.headers = headers;
  request.n_headers = self->authorization[0] != '\0' ? 3 : 2;
  request.body = tocsin_text_view(&body);
  if (!body.failed) status = self->http->submit(self->host, delivery, &request, answered, NULL);
  tocsin_text_free(&body); /* the host has its copy */
  if (status != TOCSIN_OK && status != TOCSIN_E_STALE) {
    tocsin_complete(self->host, delivery, tocsin_classify_refusal(status), "com.example.acme.not_sent",
                    "the host did not take the request", 0);
  }
}

static const tocsin_channel_api api = {create, destroy, deliver, NULL, NULL, NULL};
static const char* const required[] = {TOCSIN_EXT_HTTP, NULL};
static const char* const egress[] = {"settings:/url", NULL};
static const tocsin_channel_type type = {.size = sizeof(tocsin_channel_type),
                                         .threading = TOCSIN_SERIAL,
                                         .retries = TOCSIN_RETRIES_CHAT,
                                         .type = "com.example.acme",
                                         .name = "Acme",
                                         .summary = "Posts each alert to Acme",
                                         .version = "0.1.0",
                                         .vendor = "You",
                                         .settings_schema = schema,
                                         .requires_ext = required,
                                         .egress = egress,
                                         .api = &api};
static const tocsin_channel_type* const types[] = {&type};
static const tocsin_plugin plugin = {sizeof(tocsin_plugin), TOCSIN_ABI_MINOR, "tocsin-sdk C 1.0", types, 1};

TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {
  return &plugin;
}
