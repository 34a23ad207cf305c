/* Its plugin table says that it is 0 bytes long, as one of no ABI would. */
#include "minimal.h"

static const tocsin_channel_api api = MINIMAL_API(minimal_deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.wrong_abi", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(0, type)
