/* It writes the token's stand-in into the body and does not say so. */
#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  tocsin_text body = {0};
  (void)message;
  tocsin_text_add(&body, "{\"token\":");
  tocsin_text_add_json(&body, tocsin_lit(talker_token));
  tocsin_text_add(&body, "}");
  talker_send(self, delivery, talker_url, tocsin_text_view(&body), talker_answered);
  tocsin_text_free(&body);
}

TALKER_ENTRY("test.sends_token", TALKER_SCHEMA(TALKER_TOKEN))
