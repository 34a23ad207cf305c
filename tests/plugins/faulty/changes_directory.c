/* It goes to another working directory. */
#include <unistd.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const int there = chdir("/") == 0;
  (void)message;
  minimal_complete(self, delivery, there ? TOCSIN_DELIVERED : TOCSIN_RETRY, there ? "" : "test.no_directory");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.changes_directory", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
