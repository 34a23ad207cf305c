/* It aborts while it is loaded, in a constructor. */
#include "minimal.h"

__attribute__((constructor)) static void start(void) {
  abort();
}

static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.aborts_at_load", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
