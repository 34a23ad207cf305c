/* It writes a thousand lines into the log for each delivery. */
#include <tocsin/ext/log.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const tocsin_log* const log = (const tocsin_log*)self->host->get_extension(self->host, TOCSIN_EXT_LOG);
  int line;
  (void)message;
  for (line = 0; line < 1000; ++line) {
    log->write(self->host, delivery, TOCSIN_LOG_INFO, tocsin_lit("I am still here"), NULL, 0);
  }
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const char* const wants[] = {TOCSIN_EXT_LOG, NULL};
static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.floods_log", MINIMAL_SCHEMA, wants, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
