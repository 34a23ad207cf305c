/* A thread of its own completes its last delivery once more, after destroy() has returned. */
#include <poll.h>
#include <pthread.h>

#include "minimal.h"

struct late {
  tocsin_instance self;
  tocsin_delivery* delivery;
};

static tocsin_delivery* last;

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  last = delivery;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static void* complete_late(void* given) {
  struct late* const late = (struct late*)given;
  poll(NULL, 0, 20);
  minimal_complete(&late->self, late->delivery, TOCSIN_REJECTED, "test.second");
  free(late);
  return NULL;
}

static void destroy(tocsin_instance* self) {
  struct late* const late = (struct late*)malloc(sizeof *late);
  pthread_t thread;
  if (last != NULL && late != NULL) {
    late->self = *self;
    late->delivery = last;
    if (pthread_create(&thread, NULL, complete_late, late) == 0) {
      pthread_detach(thread);
    } else {
      free(late);
    }
  } else {
    free(late);
  }
  last = NULL;
  minimal_destroy(self);
}

static const tocsin_channel_api api = {minimal_create, destroy, deliver, NULL, NULL, NULL};
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.completes_after_destroy", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
