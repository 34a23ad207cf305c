/* It closes every descriptor, since some of them might be its. */
#include <unistd.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  int descriptor;
  (void)message;
  for (descriptor = 3; descriptor < 1024; ++descriptor) close(descriptor);
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.closes_descriptors", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
