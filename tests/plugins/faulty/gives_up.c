/* It rejects the message for every failure. */
#include "talker.h"

static void answered(tocsin_instance* self, tocsin_delivery* delivery, const tocsin_http_response* response,
                     void* user) {
  const int good = response->status >= 200 && response->status < 300;
  (void)user;
  minimal_complete(self, delivery, good ? TOCSIN_DELIVERED : TOCSIN_REJECTED, "");
}

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  talker_send(self, delivery, talker_url, tocsin_lit("{}"), answered);
}

TALKER_ENTRY("test.gives_up", TALKER_SCHEMA(""))
