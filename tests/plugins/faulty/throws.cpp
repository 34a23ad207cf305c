// Its deliver() throws, straight through the C function pointer.
#include <stdexcept>

#include "minimal.h"

namespace {

void deliver(tocsin_instance*, const tocsin_message*, tocsin_delivery*) {
  throw std::runtime_error("thrown from deliver");
}

const tocsin_channel_api api = MINIMAL_API(deliver);
const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.throws", MINIMAL_SCHEMA, nullptr, &api);

}  // namespace

MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
