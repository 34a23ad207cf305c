/* It calls a function that no library has. Loaded lazily, that would kill the daemon at the first delivery.
 */
#include "minimal.h"

extern int tocsin_test_no_such_function(void);

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  (void)message;
  minimal_complete(self, delivery, tocsin_test_no_such_function(), "");
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.missing_symbol", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
