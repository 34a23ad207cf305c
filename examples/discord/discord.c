/* The Discord channel: one embed for each alert through a channel's webhook.  Plain C on the ABI itself.
 *
 * The webhook's URL is the secret: whoever has it can post.  So it is writeOnly, reads as a token here, and
 * the host puts the real one in its place when it sends.  What it does not do: edit or thread messages. */
#include <stdio.h>
#include <tocsin/helpers.h>

struct tocsin_instance {
  const tocsin_host* host;
  const tocsin_http* http;
  char url[64]; /* the token of the URL: "tsec_" and 32 characters */
  char name[81];
};

static const char schema[] =
    "{\"type\": \"object\", \"required\": [\"url\"], \"additionalProperties\": false, \"properties\": {"
    "\"url\": {\"title\": \"Webhook URL\", \"type\": \"string\", \"format\": \"uri\", \"writeOnly\": true,"
    " \"minLength\": 1, \"maxLength\": 512, \"description\": \"Channel settings, Integrations, Webhooks,"
    " Copy URL. It is a secret: whoever has it can post.\","
    " \"examples\": [\"https://discord.com/api/webhooks/123456789012345678/abcdef\"],"
    " \"x-hosts\": [\"discord.com\", \"discordapp.com\"],"
    " \"x-refuse\": [{\"unless\": \"/api/(v[0-9]+/)?webhooks/[0-9]+/[^/?#]+\", \"message\":"
    " \"is no webhook's address; copy it whole from the webhook's page in Discord\"}]},"
    "\"name\": {\"title\": \"Sender's name\", \"type\": \"string\", \"minLength\": 1, \"maxLength\": 80,"
    " \"description\": \"Shown in place of the webhook's own name.\"}}}";

static void copy(char* into, size_t size, tocsin_str text) {
  const tocsin_str cut = tocsin_cut(text, size - 1);
  if (cut.len > 0) memcpy(into, cut.ptr, cut.len);
  into[cut.len] = '\0';
}

static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  tocsin_instance* self = (tocsin_instance*)calloc(1, sizeof *self);
  if (self == NULL) return tocsin_fail(error, "", "out of memory");
  self->host = host;
  self->http = (const tocsin_http*)host->get_extension(host, TOCSIN_EXT_HTTP);
  copy(self->url, sizeof self->url, tocsin_find(settings, "/url"));
  copy(self->name, sizeof self->name, tocsin_find(settings, "/name"));
  return self;
}

static void destroy(tocsin_instance* self) {
  free(self);
}

static void add_member(tocsin_text* body, const char* before, tocsin_str value, size_t most) {
  if (value.len == 0) return; /* Discord refuses an empty field */
  tocsin_text_add(body, before);
  tocsin_text_add_json(body, tocsin_cut(value, most));
}

/* Limits are Discord's, in characters; bytes are never more generous. */
static void render(const tocsin_instance* self, tocsin_text* body, const tocsin_message* message) {
  static const char* const colors[] = {"9807270", "3447003", "15844367", "15105570", "15158332"};
  const tocsin_event* event = message->events[0];
  /* No text of an event may ring anybody. */
  tocsin_text_add(body, "{\"allowed_mentions\":{\"parse\":[]}");
  add_member(body, ",\"username\":", tocsin_lit(self->name), 80);
  if (message->flags & TOCSIN_TEST) tocsin_text_add(body, ",\"content\":\"This is a test.\"");
  tocsin_text_add(body, ",\"embeds\":[{\"color\":");
  tocsin_text_add(body, colors[event->severity <= TOCSIN_CRITICAL ? event->severity : 0]);
  add_member(body, ",\"title\":", event->title.len > 0 ? event->title : event->type, 256);
  add_member(body, ",\"description\":", event->summary, 2048);
  add_member(body, ",\"url\":", event->link, 2048);
  /* A repetition cannot be told from a second message there, so people get the id to tell it by. */
  tocsin_text_add(body, ",\"footer\":{\"text\":");
  tocsin_text_add_json(body, message->id);
  tocsin_text_add(body, "}}]}");
}

/* Discord names its reason in "code": 10015 is an unknown webhook, which was deleted. */
static int says_deleted(tocsin_str body) {
  static const char words[] = "\"code\": 10015";
  size_t at, i, j;
  for (at = 0; at < body.len; ++at) {
    for (i = at, j = 0; i < body.len && words[j] != '\0'; ++i) {
      if (body.ptr[i] == words[j]) {
        ++j;
      } else if (words[j] == ' ') { /* the blank may be missing */
        ++j;
        --i;
      } else {
        break;
      }
    }
    if (words[j] == '\0') return 1;
  }
  return 0;
}

static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  char code[64] = "", detail[96] = "";
  int32_t status = tocsin_classify(response);
  (void)user;
  if (response->status == 404 && says_deleted(response->body)) {
    status = TOCSIN_GONE;
    snprintf(code, sizeof code, "com.discord.unknown_webhook");
    snprintf(detail, sizeof detail, "the webhook was deleted in Discord");
  } else if (response->status == 0) {
    snprintf(code, sizeof code, "com.discord.io_%u", (unsigned)response->io_error);
    snprintf(detail, sizeof detail, "no answer came from Discord");
  } else if (status != TOCSIN_DELIVERED) {
    snprintf(code, sizeof code, "com.discord.http_%d", (int)response->status);
    snprintf(detail, sizeof detail, "Discord answered %d", (int)response->status);
  }
  tocsin_complete(self->host, delivery, status, code, detail, response->retry_after_ms);
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static const tocsin_kv headers[] = {{TOCSIN_LIT("Content-Type"), TOCSIN_LIT("application/json")}};
  tocsin_http_request request;
  tocsin_status status = TOCSIN_E_NO_MEMORY;
  tocsin_text body = {0};
  render(self, &body, message);
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.url = tocsin_lit(self->url);
  request.headers = headers;
  request.n_headers = 1;
  request.body = tocsin_text_view(&body);
  if (!body.failed) status = self->http->submit(self->host, delivery, &request, answered, NULL);
  tocsin_text_free(&body); /* the host has its copy */
  if (status != TOCSIN_OK && status != TOCSIN_E_STALE) {
    tocsin_complete(self->host, delivery, tocsin_classify_refusal(status), "com.discord.not_sent",
                    "the host did not take the request", 0);
  }
}

static const tocsin_channel_api api = {create, destroy, deliver, NULL, NULL, NULL};
static const char* const required[] = {TOCSIN_EXT_HTTP, NULL};
static const char* const egress[] = {"settings:/url", NULL};
static const tocsin_channel_type type = {.size = sizeof(tocsin_channel_type),
                                         .threading = TOCSIN_SERIAL,
                                         .retries = TOCSIN_RETRIES_CHAT,
                                         .rate_per_minute = 30,
                                         .burst = 5,
                                         .type = "com.discord",
                                         .name = "Discord",
                                         .summary = "Posts to a Discord channel through a webhook",
                                         .version = "1.0.0",
                                         .vendor = "tocsin examples",
                                         .license = "Apache-2.0",
                                         .settings_schema = schema,
                                         .requires_ext = required,
                                         .egress = egress,
                                         .api = &api};
static const tocsin_channel_type* const types[] = {&type};
static const tocsin_plugin plugin = {sizeof(tocsin_plugin), TOCSIN_ABI_MINOR, "tocsin-sdk C 1.0", types, 1};

TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {
  return &plugin;
}
