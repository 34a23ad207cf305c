/* It puts texts into JSON as they are. */
#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_text body = {0};
  tocsin_text_add(&body, "{\"title\":\"");
  tocsin_text_add_str(&body, message->events[0]->title);
  tocsin_text_add(&body, "\"}");
  talker_send(self, delivery, talker_url, tocsin_text_view(&body), talker_answered);
  tocsin_text_free(&body);
}

TALKER_ENTRY("test.bad_json", TALKER_SCHEMA(""))
