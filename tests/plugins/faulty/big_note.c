/* Its note to the next attempt is larger than one may be. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static const char note[5000] = "what I did";
  tocsin_outcome outcome;
  (void)message;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = TOCSIN_RETRY;
  outcome.carry.ptr = note;
  outcome.carry.len = sizeof note;
  self->host->complete(self->host, delivery, &outcome);
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.big_note", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
