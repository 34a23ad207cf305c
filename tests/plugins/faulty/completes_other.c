/* It takes the handle for a number and completes the next one. */
#include <stdint.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  minimal_complete(self, (tocsin_delivery*)((uintptr_t)delivery + 1000), TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.completes_other", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
