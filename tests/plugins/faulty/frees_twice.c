/* It frees the same block twice. */
#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static void* volatile block;
  void* volatile same;
  (void)message;
  block = malloc(40);
  same = block;
  free(block);
  free(same);
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.frees_twice", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
