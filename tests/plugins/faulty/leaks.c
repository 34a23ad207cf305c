/* It forgets a kilobyte with each delivery. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static void* volatile forgotten;
  (void)message;
  forgotten = malloc(1024);
  minimal_complete(self, delivery, forgotten == NULL ? TOCSIN_RETRY : TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.leaks", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
