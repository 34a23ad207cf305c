/* It keeps a counter in its own constant table. */
#include "minimal.h"

static const tocsin_channel_api api;

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  void (*volatile* const slot)(tocsin_instance*, tocsin_delivery*) =
      (void (*volatile*)(tocsin_instance*, tocsin_delivery*)) & api.cancel;
  (void)message;
  *slot = NULL;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.writes_const", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
