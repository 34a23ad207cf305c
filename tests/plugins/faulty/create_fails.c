/* It refuses all settings, politely. */
#include "minimal.h"

static tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  (void)host;
  (void)settings;
  return tocsin_fail(error, "/mood", "this channel never accepts its settings; use another channel type");
}

static const tocsin_channel_api api = {create, minimal_destroy, minimal_deliver, NULL, NULL, NULL};
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.create_fails", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
