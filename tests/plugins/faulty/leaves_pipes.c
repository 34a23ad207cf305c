/* It makes a pipe for each delivery and closes none. */
#include <unistd.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  int ends[2];
  const int made = pipe(ends) == 0;
  (void)message;
  minimal_complete(self, delivery, made ? TOCSIN_DELIVERED : TOCSIN_RETRY, made ? "" : "test.no_descriptor");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.leaves_pipes", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
