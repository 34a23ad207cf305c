/* Its channel descriptor says that it is 12 bytes long. */
#include "minimal.h"

static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type = MINIMAL_TYPE(12, "test.wrong_size", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
