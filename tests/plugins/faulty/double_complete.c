/* It completes every delivery twice: first as delivered, then as rejected. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
  minimal_complete(self, delivery, TOCSIN_REJECTED, "test.second");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.double_complete", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
