/* It posts to a host that its descriptor does not name. */
#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  talker_send(self, delivery, "https://home.example.org/", tocsin_lit("{}"), talker_answered);
}

TALKER_ENTRY("test.calls_home", TALKER_SCHEMA(""))
