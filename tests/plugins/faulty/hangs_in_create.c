/* It waits in create() for what never comes. */
#include <unistd.h>

#include "minimal.h"

static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  (void)host;
  (void)settings;
  for (;;) pause();
  return tocsin_fail(error, "", "nothing came");
}

static const tocsin_channel_api api = {create, minimal_destroy, minimal_deliver, NULL, NULL, NULL};
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.hangs_in_create", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
