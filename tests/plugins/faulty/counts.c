/* It numbers what it sends, so a repetition is another message. */
#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  static int number;
  char body[32];
  (void)message;
  snprintf(body, sizeof body, "{\"n\":%d}", ++number);
  talker_send(self, delivery, talker_url, tocsin_lit(body), talker_answered);
}

TALKER_ENTRY("test.counts", TALKER_SCHEMA(""))
