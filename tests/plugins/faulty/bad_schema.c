/* Its settings schema is no JSON. */
#include "minimal.h"

static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.bad_schema", "{\"type\": \"object\",", NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
