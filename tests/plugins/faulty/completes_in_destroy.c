/* It completes its last delivery once more when it is destroyed. */
#include "minimal.h"

static tocsin_delivery* last;

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  last = delivery;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static void destroy(tocsin_instance* self) {
  if (last != NULL) minimal_complete(self, last, TOCSIN_REJECTED, "test.second");
  minimal_destroy(self);
}

static const tocsin_channel_api api = {minimal_create, destroy, deliver, NULL, NULL, NULL};
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.completes_in_destroy", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
