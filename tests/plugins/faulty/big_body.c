/* It sends 100 MB. */
#include "talker.h"

enum { kBytes = 100 * 1000 * 1000 };

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  char* const block = (char*)calloc(kBytes, 1);
  tocsin_str body;
  (void)message;
  body.ptr = block;
  body.len = block == NULL ? 0 : kBytes;
  talker_send(self, delivery, talker_url, body, talker_answered);
  free(block);
}

TALKER_ENTRY("test.big_body", TALKER_SCHEMA(""))
