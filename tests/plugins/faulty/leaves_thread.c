/* It starts a thread for each delivery and joins none. */
#include <pthread.h>
#include <unistd.h>

#include "minimal.h"

static void* wait_for_ever(void* nothing) {
  for (;;) pause();
  return nothing;
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  pthread_t thread;
  (void)message;
  pthread_create(&thread, NULL, wait_for_ever, NULL);
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.leaves_thread", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
