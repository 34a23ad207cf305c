/* It requires an extension that no host has. */
#include "minimal.h"

static const char* const wants[] = {"acme.teleport/1", NULL};
static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.unknown_extension", MINIMAL_SCHEMA, wants, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
