/* It takes every answer for a success. */
#include "talker.h"

static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  (void)response;
  (void)user;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  talker_send(self, delivery, talker_url, tocsin_lit("{}"), answered);
}

TALKER_ENTRY("test.trusts_all", TALKER_SCHEMA(""))
