/* It does its work in a process of its own, and forgets that one. */
#include <sys/types.h>
#include <unistd.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const pid_t child = fork();
  (void)message;
  if (child == 0) _exit(0);
  minimal_complete(self, delivery, child < 0 ? TOCSIN_RETRY : TOCSIN_DELIVERED,
                   child < 0 ? "test.no_process" : "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.forks", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
