/* It calls itself until the stack is used up. */
#include "minimal.h"

static int count_down(volatile int* left) {
  volatile char frame[1024];
  frame[0] = (char)*left;
  return *left == 0 ? frame[0] : count_down(left) + frame[0];
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  volatile int left = 1; /* nobody counts it down */
  (void)message;
  minimal_complete(self, delivery, count_down(&left), "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.recurses", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
