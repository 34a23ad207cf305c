/* It explains a failure with the token it used. */
#include "talker.h"

static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  (void)user;
  tocsin_complete(self->host, delivery, tocsin_classify(response), "", talker_token, 0);
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  talker_send(self, delivery, talker_url, tocsin_lit("{}"), answered);
}

TALKER_ENTRY("test.tells_token", TALKER_SCHEMA(TALKER_TOKEN))
