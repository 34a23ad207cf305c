/* Its token is a setting like any other. */
#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  talker_send(self, delivery, talker_url, tocsin_lit("{}"), talker_answered);
}

TALKER_ENTRY(
    "test.shows_secret",
    TALKER_SCHEMA(",\"api_token\":{\"title\":\"Token\",\"description\":\"A key.\",\"type\":\"string\"}"))
