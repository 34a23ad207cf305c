/* It has no function table. */
#include "minimal.h"

static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.null_api", MINIMAL_SCHEMA, NULL, NULL);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
