/* It jumps to where a function of its has returned from long ago. */
#include <setjmp.h>

#include "minimal.h"

static jmp_buf place;

/* So deep that neither longjmp() itself nor what is called meanwhile touches its frame. */
static void mark(void) {
  volatile char far[16384];
  far[0] = 0;
  if (setjmp(place) == 0) far[1] = far[0];
}

/* What any later call does to the frame of one that has returned. */
static void overwrite(void) {
  volatile char far[32768];
  size_t i;
  for (i = 0; i < sizeof far; ++i) far[i] = 0;
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  mark();
  overwrite();
  longjmp(place, 1);
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.jumps_out", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
