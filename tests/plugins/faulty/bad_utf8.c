/* Nothing that it says is UTF-8. */
#include <tocsin/ext/log.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const tocsin_log* const log = (const tocsin_log*)self->host->get_extension(self->host, TOCSIN_EXT_LOG);
  tocsin_kv field;
  tocsin_outcome outcome;
  (void)message;
  field.key = tocsin_lit("\xC3\x28");
  field.value = tocsin_lit("\xED\xA0\x80");
  log->write(self->host, delivery, TOCSIN_LOG_INFO, tocsin_lit("caf\xE9"), &field, 1);
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = TOCSIN_DELIVERED;
  outcome.code = tocsin_lit("test.\xFF");
  outcome.detail = tocsin_lit("sent to the caf\xE9");
  outcome.provider_id = tocsin_lit("\xF0\x28\x8C\x28");
  self->host->complete(self->host, delivery, &outcome);
}

static const char* const wants[] = {TOCSIN_EXT_LOG, NULL};
static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.bad_utf8", MINIMAL_SCHEMA, wants, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
