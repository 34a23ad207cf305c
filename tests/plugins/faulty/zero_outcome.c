/* It completes with an outcome of nothing but zeroes. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_outcome outcome;
  (void)message;
  memset(&outcome, 0, sizeof outcome);
  self->host->complete(self->host, delivery, &outcome);
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.zero_outcome", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
