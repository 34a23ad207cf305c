/* It reads through a NULL pointer in its first delivery. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static const char* volatile nothing;
  (void)message;
  minimal_complete(self, delivery, *nothing, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.reads_null", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
