/* Its type has blanks and capitals. */
#include "minimal.h"

static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "My Channel!", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
