/* It puts a function of its own into a table of the host's. */
#include <tocsin/ext/clock.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_clock volatile* const clock =
      (tocsin_clock volatile*)self->host->get_extension(self->host, TOCSIN_EXT_CLOCK);
  (void)message;
  clock->unix_ms = NULL;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const char* const wants[] = {TOCSIN_EXT_CLOCK, NULL};
static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.writes_host", MINIMAL_SCHEMA, wants, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
