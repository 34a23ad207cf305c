/* It tells 8 MB about each delivery. */
#include "minimal.h"

enum { kBytes = 8 * 1000 * 1000 };

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  char* const story = (char*)malloc(kBytes);
  tocsin_outcome outcome;
  (void)message;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = story == NULL ? TOCSIN_RETRY : TOCSIN_REJECTED;
  outcome.code = tocsin_lit("test.long_story");
  if (story != NULL) {
    memset(story, 46, kBytes);
    outcome.detail.ptr = story;
    outcome.detail.len = kBytes;
  }
  self->host->complete(self->host, delivery, &outcome);
  free(story);
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.big_outcome", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
